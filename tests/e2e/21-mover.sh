#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that who moves gets the new access before the old one goes, keeps
# what a role's overlap allows, and that nobody else is touched.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
sed -i 's/"when"/"overlap": "P14D", "when"/' "$set/roles/ops.json"
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Ola,Nord,Operations,1,,2020-01-01,
4,Dan,Evans,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
soon "bob in sales" is_in bob.builder sales
soon "ola in ops" is_in ola.nord ops
soon "dan in sales" is_in dan.evans sales
quiet
uuid=$(attribute bob.builder entryUUID)
dan=$(attribute dan.evans entryCSN)

sed -e '/^2,/s/Sales/Engineering/' -e '/^3,/s/Operations/Engineering/' \
    "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "bob in eng" is_in bob.builder eng
soon "bob out of sales" not_in bob.builder sales
soon "ola in eng" is_in ola.nord eng
quiet
now "bob stays in everybody" is_in bob.builder everybody
now "ola keeps ops for two weeks" is_in ola.nord ops
[ "$(attribute bob.builder departmentNumber)" = Engineering ] ||
    fail "bob's department"
[ "$(attribute bob.builder entryUUID)" = "$uuid" ] || fail "another entry"
[ "$(attribute dan.evans entryCSN)" = "$dan" ] || fail "dan was touched"
[ -n "$(ask holding --identity ola.nord |
    rows keep_until entitlement=cn=ops)" ] ||
    fail "nothing says until when ola keeps ops"

# Whoever asks about somebody sees what they have where, and until when.
m identity show ola.nord >"$work/ola"
for line in '    corp  primary  ola.nord  active$' '        cn=eng  held$' \
    '        cn=ops  held, kept until 2'; do
	grep -q "^$line" "$work/ola" && continue
	cat "$work/ola" >&2
	fail "identity show does not say what ola has"
done
m identity show bob.builder | grep -q 'cn=sales' &&
    fail "identity show has what bob lost"
[ -n "$(m identity show ola.nord --json | python3 -c 'import json, sys
who = json.load(sys.stdin)
print(*[h["entitlement"] for h in who["holdings"]
    if h["account"] == who["accounts"][0]["id"]
    and h.get("keep_until")])')" ] || fail "its JSON does not"

# New access was verified before the old was taken away.
run=$(ask run --identity bob.builder | rows id workflow=mover)
[ -n "$run" ] || fail "bob has no mover run"
granted=$(ask step --run "$run" | rows verified verb=entitlement.grant)
taken=$(ask step --run "$run" | rows requested verb=entitlement.revoke)
[ -n "$granted$taken" ] || fail "times are missing"
[ "$(printf '%s\n' "$granted" "$taken" | sort | head -n 1)" = "$granted" ] ||
    fail "taken at $taken, before the grant of $granted was verified"
