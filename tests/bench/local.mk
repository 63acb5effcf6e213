# SPDX-License-Identifier: Apache-2.0
# make bench, or make bench BENCH=NAME: lines of JSON into bench.jsonl.
bench_programs = %D%/evidence_verify %D%/echo %D%/bare
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs) bench.jsonl
EXTRA_DIST += %D%/run.sh %D%/house.py %D%/company.py %D%/engine.py \
	%D%/evidence-verify.sh %D%/ldap-join.py %D%/leaver-behind-joiners.py
%C%_echo_LDADD = $(MICROHTTPD_LIBS)
%C%_bare_LDADD = $(CURL_LIBS) $(SQLITE_LIBS)

# Makes a log and a bundle without a daemon; tests/e2e asks for it too.
check_PROGRAMS += %D%/mkbundle

bench: all $(bench_programs) %D%/mkbundle
	builddir='$(abs_builddir)' srcdir='$(abs_srcdir)' \
	    /bin/sh $(srcdir)/tests/bench/run.sh $(BENCH)
.PHONY: bench
