# SPDX-License-Identifier: Apache-2.0
# A fuzz target is one line here, a file of that name, and in it
# LLVMFuzzerTestOneInput().  Built only by configure --enable-fuzzers.
fuzz_targets = \
	%D%/fuzz_bundle \
	%D%/fuzz_http
if FUZZERS
noinst_PROGRAMS += $(fuzz_targets)
%C%_fuzz_bundle_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
%C%_fuzz_http_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
endif
EXTRA_DIST += \
	%D%/corpus/bundle/erased \
	%D%/corpus/bundle/selection \
	%D%/corpus/bundle/three \
	%D%/corpus/http/at \
	%D%/corpus/http/event \
	%D%/corpus/http/list \
	%D%/corpus/http/load \
	%D%/corpus/http/retry \
	%D%/corpus/http/waiver
