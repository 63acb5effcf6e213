#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a second musterd on the same state is refused and disturbs
# nothing, and that it may start once the first has ended; nor may one on a
# state that everybody can write.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

second() {
	timeout 20 "$builddir/musterd" --private --config "$set" \
	    --socket "$short/t" "$@" >"$work/second.log" 2>&1
}
rc=0
second || rc=$?
case $rc in
0|124) fail "the second ended with $rc" ;;
esac
grep -q -i 'another\|in use\|lock' "$work/second.log" || {
	cat "$work/second.log" >&2
	fail "it does not say why"
}
now "the first lives" m status
hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
soon "the first works" is_in ada.lovelace eng

# The control: alone it starts, and does what is due, once.
daemon_stop || exit 1
second --once || {
	cat "$work/second.log" >&2
	fail "alone it does not start"
}

for what in state state/spool state/evidence; do
	chmod o+w "$work/$what"
	second --once && fail "it starts although everybody can write $what"
	grep -q 'everybody can write' "$work/second.log" || {
		cat "$work/second.log" >&2
		fail "it does not say why"
	}
	chmod o-w "$work/$what"
done
second --once || fail "the control: it does not start any more"
