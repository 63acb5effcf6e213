# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libfeeds.a
%C%_libfeeds_a_SOURCES = \
	%D%/csv.c \
	%D%/dry.c \
	%D%/dry.h \
	%D%/feeds.c \
	%D%/feeds.h \
	%D%/file.c \
	%D%/file.h \
	%D%/jsonl.c \
	%D%/keys.c \
	%D%/keys.h \
	%D%/reader.h
