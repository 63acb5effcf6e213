# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libsupervisor.a
%C%_libsupervisor_a_SOURCES = \
	%D%/asked.c \
	%D%/asked.h \
	%D%/child.c \
	%D%/child.h \
	%D%/evals.c \
	%D%/evals.h \
	%D%/inside.h \
	%D%/pool.c \
	%D%/pool.h \
	%D%/reply.c \
	%D%/reply.h \
	%D%/supervisor.c \
	%D%/supervisor.h \
	%D%/waiting.c \
	%D%/waiting.h \
	%D%/worker.c \
	%D%/worker.h
