# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmodel.a
%C%_libmodel_a_SOURCES = \
	%D%/account.c \
	%D%/account.h \
	%D%/call.h \
	%D%/config.h \
	%D%/event.c \
	%D%/event.h \
	%D%/identity.c \
	%D%/identity.h \
	%D%/matter.c \
	%D%/matter.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/run.c \
	%D%/run.h
