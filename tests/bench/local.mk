# SPDX-License-Identifier: Apache-2.0
# make bench, or make bench BENCH=NAME: lines of JSON into bench.jsonl.
bench_programs =
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)

bench: all $(bench_programs)
	builddir='$(abs_builddir)' srcdir='$(abs_srcdir)' \
	    /bin/sh $(srcdir)/tests/bench/run.sh $(BENCH)
.PHONY: bench
