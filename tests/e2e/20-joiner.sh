#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a new line of an HR file becomes an account with its groups and
# a password that works, each verified, and that the same file is no news.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,$(day yesterday),
X
loaded hr day1.csv accepted
for u in ada.lovelace bob.builder cara.diaz; do
	soon "$u has no account" has_entry $u
	soon "$u has no letter" has_letter $u
	soon "$u is not in everybody" is_in $u everybody
	now "the password of $u" binds $u "$(letter $u)"
	now "the control: any password" refused $u "wrong-password-1"
done
soon "ada is in eng" is_in ada.lovelace eng
now "ada is not in sales" not_in ada.lovelace sales
now "bob is not in eng" not_in bob.builder eng
[ "$(attribute ada.lovelace sn)" = Lovelace ] || fail "ada's name"
[ "$(stat -c %a "$letters/corp.ada.lovelace.json")" = 600 ] ||
    fail "others can read a letter"
quiet

# Every step was looked at again, and says how.
ask step >"$work/steps"
[ "$(rows id state=done <"$work/steps" | wc -l)" -ge 8 ] || fail "no steps"
[ -z "$(rows id verified= <"$work/steps")" ] ||
    fail "a step is done and not verified"

# The same file again, and the same people in another order.
uuid=$(attribute ada.lovelace entryUUID)
runs=$(ask run | rows id | wc -l)
m feed load hr "$work/day1.csv" --wait >"$work/again"
grep -q 'nothing to do' "$work/again" || fail "the same file was news"
{ sed -n 1p "$work/day1.csv"; sed 1d "$work/day1.csv" | sort -r; } \
    >"$work/day2.csv"
loaded hr day2.csv accepted
quiet
[ "$(ask run | rows id | wc -l)" -eq "$runs" ] || fail "the same people were news"
[ "$(attribute ada.lovelace entryUUID)" = "$uuid" ] || fail "another entry"
[ "$(people)" -eq 3 ] || fail "$(people) people"

# A namesake gets another name, not the same access.
{ cat "$work/day2.csv"; echo "4,Ada,Lovelace,Sales,1,,2020-01-01,"; } \
    >"$work/day3.csv"
loaded hr day3.csv accepted
soon "a second Ada" is_in ada.lovelace2 sales
now "not as the first" not_in ada.lovelace2 eng
now "the first stays" is_in ada.lovelace eng
[ -n "$(m holding list --json --at +1d | rows id)" ] ||
	fail "nothing is held tomorrow"
[ -z "$(m holding list --json --at 2001-01-01 | rows id)" ] ||
	fail "something was held before anybody came"
