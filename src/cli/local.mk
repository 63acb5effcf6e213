# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES = \
	%D%/action.h \
	%D%/actions.c \
	%D%/args.c \
	%D%/args.h \
	%D%/ask.c \
	%D%/ask.h \
	%D%/await.c \
	%D%/await.h \
	%D%/check.c \
	%D%/child.c \
	%D%/child.h \
	%D%/cli.h \
	%D%/client.c \
	%D%/client.h \
	%D%/evidence.c \
	%D%/feed.c \
	%D%/help.c \
	%D%/identity.c \
	%D%/manual.c \
	%D%/manual.h \
	%D%/plan.c \
	%D%/provider.c \
	%D%/reconcile.c \
	%D%/run.c \
	%D%/schema.c \
	%D%/schema.h \
	%D%/show.c \
	%D%/show.h \
	%D%/status.c \
	%D%/text.c \
	%D%/text.h

# The command line takes its lists and commands from the tables of the API
# and the engine; nothing of their work is linked in.
bin_PROGRAMS += muster
muster_SOURCES = %D%/main.c
muster_LDADD = src/cli/libcli.a $(API_LIBS) $(CURL_LIBS)
