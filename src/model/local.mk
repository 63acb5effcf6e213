# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmodel.a
%C%_libmodel_a_SOURCES = \
	%D%/account.c \
	%D%/account.h \
	%D%/call.h \
	%D%/config.c \
	%D%/config.h \
	%D%/config_check.c \
	%D%/config_file.c \
	%D%/config_folder.c \
	%D%/config_load.c \
	%D%/config_read.h \
	%D%/config_secrets.c \
	%D%/event.c \
	%D%/event.h \
	%D%/feed_def.c \
	%D%/identity.c \
	%D%/identity.h \
	%D%/matter.c \
	%D%/matter.h \
	%D%/person.c \
	%D%/person.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/role_def.c \
	%D%/run.c \
	%D%/run.h \
	%D%/settings.c \
	%D%/system_def.c \
	%D%/workflow_def.c
