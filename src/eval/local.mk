# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libeval.a
%C%_libeval_a_SOURCES = \
	%D%/answer.c \
	%D%/answer.h \
	%D%/cache.c \
	%D%/cache.h \
	%D%/compile.c \
	%D%/compile.h \
	%D%/program.c \
	%D%/program.h \
	%D%/run.c \
	%D%/run.h \
	%D%/watch.c \
	%D%/watch.h

pkglibexec_PROGRAMS += muster-eval
muster_eval_SOURCES = %D%/main.c
muster_eval_LDADD = $(EVAL_LIBS)
