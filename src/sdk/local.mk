# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libsdk.a
%C%_libsdk_a_SOURCES = \
	%D%/call.c \
	%D%/call.h
