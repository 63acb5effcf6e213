#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a musterd whose store breaks while a file is loaded ends, and does
# not wait for the feeds that wait for it; the one that is started next takes
# the file.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin

for i in $(seq 1 600); do
	echo "$i,Ann,A$i,Sales,,,2999-01-01,"
done | hr_file day1.csv

is_gone() { ! kill -0 "$daemon" 2>/dev/null; }

# Slices of a hundred rows: these commits are within the load.
for n in 4 6 8; do
	MUSTER_FAULT=break-commit:$n "$builddir/tests/faults/musterd-faults" \
	    --private --config "$set" --socket "$MUSTER_SOCKET" \
	    >>"$work/musterd.log" 2>&1 &
	daemon=$!
	within 20 m status >/dev/null 2>&1 || fail "musterd does not start"
	m feed load hr "$work/day1.csv" --wait >"$work/load.$n" 2>&1 &&
	    fail "a load went well on a broken store"
	soon "it ends" is_gone
	rc=0
	wait "$daemon" || rc=$?
	daemon=
	[ $rc -eq 70 ] || fail "it ended with $rc"
done
daemon_start
loaded hr day1.csv accepted
