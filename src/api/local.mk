# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libapi.a
%C%_libapi_a_SOURCES = \
	%D%/answer.c \
	%D%/api.c \
	%D%/api.h \
	%D%/export.c \
	%D%/grant.c \
	%D%/grant.h \
	%D%/http.c \
	%D%/http.h \
	%D%/inside.h \
	%D%/listen.c \
	%D%/listen.h \
	%D%/listing.c \
	%D%/listing.h \
	%D%/metrics.c \
	%D%/nouns.c \
	%D%/pending.c \
	%D%/query.c \
	%D%/query.h \
	%D%/reader.c \
	%D%/route.c \
	%D%/status.c \
	%D%/status.h \
	%D%/system.c \
	%D%/upload.c \
	%D%/view.c \
	%D%/visit.c
