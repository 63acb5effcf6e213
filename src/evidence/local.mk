# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libevidence.a
%C%_libevidence_a_SOURCES = \
	%D%/bundle.h \
	%D%/checkpoint.c \
	%D%/entry.c \
	%D%/entry.h \
	%D%/evidence.c \
	%D%/evidence.h \
	%D%/export.c \
	%D%/inside.h \
	%D%/judge.c \
	%D%/judge.h \
	%D%/key.c \
	%D%/key.h \
	%D%/merkle.c \
	%D%/merkle.h \
	%D%/note.c \
	%D%/note.h \
	%D%/outside.c \
	%D%/scan.c \
	%D%/scan.h \
	%D%/signing.c \
	%D%/tile.h \
	%D%/tree.c \
	%D%/verify.c
