# SPDX-License-Identifier: Apache-2.0
# A fuzz target is one line here, a file of that name, and in it
# LLVMFuzzerTestOneInput().  Built only by configure --enable-fuzzers.
fuzz_targets =
if FUZZERS
noinst_PROGRAMS += $(fuzz_targets)
endif
