# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libdaemon.a
%C%_libdaemon_a_SOURCES = \
	%D%/asks.c \
	%D%/channel.c \
	%D%/channel.h \
	%D%/deliver.c \
	%D%/deliver.h \
	%D%/doors.c \
	%D%/house.c \
	%D%/house.h \
	%D%/loop.c \
	%D%/notice.c \
	%D%/notice.h \
	%D%/options.c \
	%D%/options.h \
	%D%/queue.c \
	%D%/queue.h \
	%D%/ready.c \
	%D%/ready.h \
	%D%/schema.c \
	%D%/schema.h

sbin_PROGRAMS += musterd
musterd_SOURCES = %D%/musterd.c
musterd_LDADD = $(DAEMON_LIBS)
