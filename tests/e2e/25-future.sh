#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that what HR announces happens on its day and not before: a start, a
# start with an account made ahead, and an end.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
sed -i 's/"mass_people"/"prehire": "P2D", "mass_people"/' "$set/muster.json"
daemon_start

in_seconds() { date -u -d "+$1 seconds" +%Y-%m-%dT%H:%M:%SZ; }

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Nora,Next,Sales,1,,$(day '+20 days'),
4,Paul,Prehire,Sales,1,,$(day '+1 day'),
X
loaded hr day1.csv accepted
soon "bob in sales" is_in bob.builder sales
soon "paul's account is made ahead" has_entry paul.prehire
quiet
now "nora has none yet" no_entry nora.next
now "paul's is locked until his day" is_locked paul.prehire
[ "$(m identity show 3 --json | rows state)" = pending ] ||
    fail "nora is not pending"

# One who begins, and one who ends, in some seconds.
begins=$(in_seconds 6)
cat >"$work/events" <<X
{"key":"5","event":"joiner","kind":"person","start":"$begins",
 "display":"Sam Soon","attributes":{"given":"Sam","family":"Soon",
 "department":"Sales"}}
X
m event add news "$work/events" >/dev/null
m event add hr --key 2 --event leaver --effective "$begins" >/dev/null
for when in '--effective +14d' '--effective +1h --end +3d'; do
	# shellcheck disable=SC2086
	m event add hr --key 2 --event leaver $when --dry-run >/dev/null ||
		fail "a leaver with $when is refused"
done
m event add hr --key 2 --event leaver --effective +soon --dry-run \
	>/dev/null 2>"$work/said" && fail "+soon was taken for a time"
grep -q -- --effective "$work/said" || fail "$(cat "$work/said")"
soon "sam's account is made ahead" has_entry sam.soon
if [ "$(date -u +%s)" -lt "$(date -u -d "$begins" +%s)" ]; then
	now "sam's is locked until then" is_locked sam.soon
	now "bob works until then" not_locked bob.builder
else
	say "too slow a machine to look before $begins"
fi
soon "sam is still locked" not_locked sam.soon
soon "bob is not locked" is_locked bob.builder
[ "$(date -u +%s)" -ge "$(date -u -d "$begins" +%s)" ] ||
    fail "it happened before its time"
soon "sam in sales" is_in sam.soon sales
now "ada is not touched" not_locked ada.lovelace
