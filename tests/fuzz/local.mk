# SPDX-License-Identifier: Apache-2.0
# A fuzz target is one line here, a file of that name, and in it
# LLVMFuzzerTestOneInput().  Built only by configure --enable-fuzzers;
# run.sh does that, and runs them.
fuzz_targets = \
	%D%/fuzz_bundle \
	%D%/fuzz_config \
	%D%/fuzz_feed \
	%D%/fuzz_frame \
	%D%/fuzz_http
if FUZZERS
noinst_PROGRAMS += $(fuzz_targets)
%C%_fuzz_bundle_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
%C%_fuzz_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
%C%_fuzz_feed_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
%C%_fuzz_frame_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
%C%_fuzz_http_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
endif
EXTRA_DIST += \
	%D%/run.sh \
	%D%/corpus/bundle/erased \
	%D%/corpus/bundle/selection \
	%D%/corpus/bundle/three \
	%D%/corpus/config/errors \
	%D%/corpus/config/least \
	%D%/corpus/config/whole \
	%D%/corpus/feed/bad-rows \
	%D%/corpus/feed/csv \
	%D%/corpus/feed/jsonl \
	%D%/corpus/feed/jsonl-nested \
	%D%/corpus/feed/open-quote \
	%D%/corpus/feed/semicolon \
	%D%/corpus/frame/bare \
	%D%/corpus/frame/call \
	%D%/corpus/frame/failure \
	%D%/corpus/frame/not-ready \
	%D%/corpus/frame/number-at-end \
	%D%/corpus/frame/ready \
	%D%/corpus/frame/replies \
	%D%/corpus/frame/start \
	%D%/corpus/frame/stuck \
	%D%/corpus/frame/too-long \
	%D%/corpus/frame/verdicts \
	%D%/corpus/http/at \
	%D%/corpus/http/event \
	%D%/corpus/http/list \
	%D%/corpus/http/load \
	%D%/corpus/http/retry \
	%D%/corpus/http/waiver
