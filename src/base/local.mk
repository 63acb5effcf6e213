# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/clock.h \
	%D%/digest.h \
	%D%/file.h \
	%D%/frame.h \
	%D%/landlock.c \
	%D%/landlock.h \
	%D%/log.h \
	%D%/sandbox.c \
	%D%/sandbox.h \
	%D%/seccomp.c \
	%D%/seccomp.h \
	%D%/secret.h
