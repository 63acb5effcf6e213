#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a change over the guards changes nothing until somebody else
# releases it, that whoever brought it cannot, and that a rejected one never
# happens.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
# A second feed of the same people that musterd fetches by itself: what it
# brings, this test's user did not.
sed -e 's/"feed": "hr"/"feed": "hr2"/' \
    -e "s|\"format\"|\"path\": \"$work/fetched.csv\", \"every\": \"1s\", &|" \
    "$set/feeds/hr.json" >"$set/feeds/hr2.json"
daemon_start

for i in 1 2 3 4 5 6 7 8; do
	echo "$i,Ann,A$i,Sales,,,2020-01-01,"
done | hr_file day1.csv
for i in 1 2 3 4 5 6 7 8; do
	echo "$i,Ben,B$i,Sales,,,2020-01-01,"
done | hr_file two1.csv
loaded hr day1.csv accepted
loaded hr2 two1.csv accepted
soon "ann 8" is_in ann.a8 sales
soon "ben 8" is_in ben.b8 sales
quiet
state() { search '(objectClass=inetOrgPerson)' '*' memberOf entryCSN; }
state >"$work/before"

# Four leave at once, and three may.
sed "/^[1-4],/s/\$/$(day yesterday)/" "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv held
open_hold() { ask hold --state open | rows id; }
hold=$(open_hold)
[ -n "$hold" ] || fail "no hold is open"
m hold show "$hold" >"$work/hold"
grep -q 'disable: 4 ' "$work/hold" || fail "the hold does not say why"
if m hold release "$hold" >"$work/own" 2>&1; then
	fail "whoever brought it released it"
fi
grep -q 'somebody else' "$work/own" || fail "not for that reason"
quiet_but_held() {
	m status --json | grep -q '"runs":\[\].*"in_flight":0'
}
soon "at rest" quiet_but_held
sleep 1
state >"$work/after"
cmp "$work/before" "$work/after" || fail "a held change changed something"

# Rejected: it never happens, and the same file may not slip in.
m hold reject "$hold" --note "wrong export" >/dev/null
quiet
state >"$work/after"
cmp "$work/before" "$work/after" || fail "a rejected change happened"
if m hold release "$hold" >/dev/null 2>&1; then
	fail "a rejected hold was released"
fi

# What musterd fetched is held too; this user did not bring it and may let
# it happen.
sed "/^[1-4],/s/\$/$(day yesterday)/" "$work/two1.csv" >"$work/next.csv"
mv "$work/next.csv" "$work/fetched.csv"
soon "the second hold" some open_hold
hold=$(open_hold)
sleep 1
state >"$work/after"
cmp "$work/before" "$work/after" || fail "a held change changed something"
m hold release "$hold" --note "they do leave" >/dev/null
for i in 1 2 3 4; do
	soon "ben $i is locked" is_locked ben.b$i
done
quiet
now "ben 5 stays" not_locked ben.b5
now "ann 1 stays" not_locked ann.a1
[ "$(m hold show "$hold" --json | rows state)" = released ] ||
    fail "the hold is not released"

# Single leavers by event are not held with a file.
m event add hr --key 8 --event leaver >/dev/null
soon "the control: one leaver" is_locked ann.a8
