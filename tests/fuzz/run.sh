#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets with clang in a folder of their own and runs each
# on its corpus, then for some seconds further.
#
#   run.sh DIR SECONDS [TARGET...]    targets: bundle config feed frame http
#
# What is found new grows in DIR/found/TARGET; an input that crashes is left
# in DIR and its name printed.  Ends with 1 if one did, with 77 without a
# clang that has libFuzzer.
set -eu

dir=${1:?usage: run.sh DIR SECONDS [TARGET...]} seconds=${2:?SECONDS}
shift 2
[ $# -gt 0 ] || set -- bundle config feed frame http
src=$(cd "$(dirname "$0")/../.." && pwd)

command -v clang >/dev/null || { echo "no clang (Debian: clang)"; exit 77; }
echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void)
{ return 0; }' | clang -fsanitize=fuzzer,address,undefined -x c - \
    -o /dev/null 2>/dev/null || {
	echo "clang has no libFuzzer (Debian: libclang-rt-14-dev)"
	exit 77
}

mkdir -p "$dir"
cd "$dir"
[ -f Makefile ] || "$src/configure" -q --enable-fuzzers CC=clang \
    CFLAGS='-O1 -g' >configure.log 2>&1 || { cat configure.log; exit 1; }
targets=
for t in "$@"; do targets="$targets tests/fuzz/fuzz_$t"; done
# shellcheck disable=SC2086
make -s -j"$(nproc)" $targets

# With a memory limit of its own and a slow unit being a failure, too.
for t in "$@"; do
	mkdir -p "found/$t"
	corpus=$src/tests/fuzz/corpus/$t
	common="-timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1"
	rc=0
	# shellcheck disable=SC2086
	"tests/fuzz/fuzz_$t" -runs=0 $common "$corpus" >"$t.log" 2>&1 &&
	    "tests/fuzz/fuzz_$t" -max_total_time="$seconds" $common \
	    -artifact_prefix="$t-" "found/$t" "$corpus" >>"$t.log" 2>&1 ||
	    rc=$?
	if [ $rc -ne 0 ]; then
		tail -n 60 "$t.log"
		echo "FAIL: fuzz_$t"
		exit 1
	fi
	echo "PASS: fuzz_$t" "$(sed -n \
	    's/stat::number_of_executed_units: *//p' "$t.log" | tail -n 1) runs"
done
