# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libstore.a
%C%_libstore_a_SOURCES = \
	%D%/backup.c \
	%D%/checkpoint.c \
	%D%/evidence.def \
	%D%/inside.h \
	%D%/migrate.c \
	%D%/migrations.def \
	%D%/open.c \
	%D%/session.def \
	%D%/stmts.def \
	%D%/store.c \
	%D%/store.h
