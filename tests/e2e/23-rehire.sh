#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that who comes back has the same account again, with what the new
# job gives and nothing of the old one, and no second account.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Rosa,Lind,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
soon "rosa in sales" is_in rosa.lind sales
soon "rosa has a letter" has_letter rosa.lind
quiet
uuid=$(attribute rosa.lind entryUUID) word=$(letter rosa.lind)

sed "/^2,/s/\$/$(day yesterday)/" "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "rosa is not locked" is_locked rosa.lind
soon "rosa out of sales" not_in rosa.lind sales
now "rosa's password" refused rosa.lind "$word"
quiet

sed "/^2,/s/.*/2,Rosa,Lind,Engineering,1,,$(day today),/" \
    "$work/day1.csv" >"$work/day3.csv"
loaded hr day3.csv accepted
soon "rosa is still locked" not_locked rosa.lind
soon "rosa in eng" is_in rosa.lind eng
soon "rosa in everybody" is_in rosa.lind everybody
quiet
now "rosa is not back in sales" not_in rosa.lind sales
[ "$(attribute rosa.lind entryUUID)" = "$uuid" ] || fail "another entry"
[ "$(people)" -eq 3 ] || fail "$(people) people"
now "rosa's password works again" binds rosa.lind "$word"
[ -n "$(ask run --identity rosa.lind | rows id workflow=rehire)" ] ||
    fail "not by the rehire workflow"
[ -z "$(ask account --identity rosa.lind | rows delete_after)" ] ||
    fail "the entry would still be deleted"
