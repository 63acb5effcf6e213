#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a new family name renames the same entry, which keeps its
# groups and its password, and that the old name rests.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bea,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
soon "bea in sales" is_in bea.builder sales
soon "bea has a letter" has_letter bea.builder
quiet
uuid=$(attribute bea.builder entryUUID) word=$(letter bea.builder)

sed '/^2,/s/Builder/Stone/' "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "bea has no new name" has_entry bea.stone
quiet
now "the old entry is gone" no_entry bea.builder
[ "$(attribute bea.stone entryUUID)" = "$uuid" ] || fail "another entry"
[ "$(attribute bea.stone sn)" = Stone ] || fail "the family name"
now "bea in sales" is_in bea.stone sales
now "bea in everybody" is_in bea.stone everybody
now "bea's password works" binds bea.stone "$word"
[ "$(people)" -eq 3 ] || fail "$(people) people"

# Nobody gets the name that was freed.
{ cat "$work/day2.csv"; echo "4,Bea,Builder,Engineering,1,,2020-01-01,"; } \
    >"$work/day3.csv"
loaded hr day3.csv accepted
soon "the newcomer" has_entry bea.builder2
now "not under the old name" no_entry bea.builder
[ "$(ask name | rows state name=bea.builder)" = tombstone ] ||
    fail "the old name does not rest"
