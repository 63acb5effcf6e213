# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libstore.a
%C%_libstore_a_SOURCES = \
	%D%/api.def \
	%D%/backup.c \
	%D%/checkpoint.c \
	%D%/evidence.def \
	%D%/hold.def \
	%D%/inside.h \
	%D%/intake.def \
	%D%/load.def \
	%D%/migrate.c \
	%D%/migrations.def \
	%D%/open.c \
	%D%/policy.def \
	%D%/run.def \
	%D%/session.def \
	%D%/stmts.def \
	%D%/store.c \
	%D%/store.h
