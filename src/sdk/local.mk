# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libsdk.a
%C%_libsdk_a_SOURCES = \
	%D%/call.c \
	%D%/call.h \
	%D%/directory.c \
	%D%/directory.h \
	%D%/directory_read.c \
	%D%/directory_socket.c \
	%D%/directory_text.c \
	%D%/directory_write.c \
	%D%/http.c \
	%D%/http.h \
	%D%/http_judge.c \
	%D%/http_page.c \
	%D%/http_url.c
