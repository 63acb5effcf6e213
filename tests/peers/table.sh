#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that drive a worker: tables of calls and answers.
#
# table NAME START: reads a table on standard input, sends its calls to a
# worker that is started with START (a file), and compares.
#	> {"verb": ...}		a call
#	< words			the next answer has them, as fixed text...
#	and with an exclamation mark: words that it has not
#	  blanks and #		are passed over
# Each call has exactly one answer line; pages of rows count as part of it.
# The answers stay in $work/NAME.out.  Counts in $bad.

bad=0
work=${work:?}
builddir=${builddir:?}

table() {
	t=$work/$1
	cat >"$t.table"
	sed -n 's/^> //p' "$t.table" >"$t.calls"
	"$builddir/tests/peers/drive" "$builddir/muster-worker" "$2" \
	    <"$t.calls" >"$t.raw" 2>"$t.err" || {
		echo "$1: the worker went away" >&2
		cat "$t.err" "$t.raw" >&2
		bad=$((bad + 1))
	}
	# The first line is about the start; rows join the answer after them.
	sed 1d "$t.raw" | awk '/"rows":\[/ { held = held $0; next }
	    { print held $0; held = "" }' >"$t.out"
	n=0
	while IFS= read -r line; do
		case $line in
		'> '*) n=$((n + 1)); answer=$(sed -n "${n}p" "$t.out") ;;
		'< '*) case $answer in
			*"${line#< }"*) ;;
			*) missed "$1" "$line" ;;
			esac ;;
		'! '*) case $answer in
			*"${line#! }"*) missed "$1" "$line" ;;
			esac ;;
		esac
	done <"$t.table"
	[ "$n" -eq "$(wc -l <"$t.out")" ] || {
		echo "$1: $n calls, $(wc -l <"$t.out") answers" >&2
		bad=$((bad + 1))
	}
}

missed() {
	echo "$1: call $n: $line" >&2
	echo "	$(sed -n "${n}p" "$t.calls")" >&2
	echo "	$answer" >&2
	bad=$((bad + 1))
}

# The value of a text member in the Nth answer of a table.
value() {
	sed -n "$2p" "$work/$1.out" |
	    sed -n "s/.*\"$3\":\"\\([^\"]*\\)\".*/\\1/p"
}
