# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libworker.a
%C%_libworker_a_SOURCES = \
	%D%/confine.c \
	%D%/confine.h \
	%D%/describe.c \
	%D%/describe.h \
	%D%/module.c \
	%D%/module.h \
	%D%/serve.c \
	%D%/serve.h

# Providers find the SDK and what of base they need in the program that
# loads them, so all of both is linked and visible.
pkglibexec_PROGRAMS += muster-worker
muster_worker_SOURCES = %D%/worker.c
muster_worker_LDFLAGS = $(AM_LDFLAGS) -Wl,--export-dynamic \
	-Wl,--whole-archive,src/sdk/libsdk.a,src/base/libbase.a,--no-whole-archive
muster_worker_LDADD = $(WORKER_LIBS)
muster_worker_DEPENDENCIES = src/worker/libworker.a src/sdk/libsdk.a \
	src/base/libbase.a
