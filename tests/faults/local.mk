# SPDX-License-Identifier: Apache-2.0
# The real daemon, and the same daemon that can be told where to die: the
# linker leads a few of its calls through faults.c.
check_PROGRAMS += %D%/musterd-faults
%C%_musterd_faults_SOURCES = src/daemon/musterd.c %D%/faults.c
%C%_musterd_faults_LDADD = $(DAEMON_LIBS)
%C%_musterd_faults_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=store_begin -Wl,--wrap=store_commit \
	-Wl,--wrap=store_put -Wl,--wrap=store_add \
	-Wl,--wrap=supervisor_send
EXTRA_DIST += %D%/sweep.py
