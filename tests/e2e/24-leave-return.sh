#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a leave of absence disables the account and keeps its groups,
# and that the return enables it.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
soon "cara in sales" is_in cara.diaz sales
soon "cara has a letter" has_letter cara.diaz
quiet
word=$(letter cara.diaz)
now "the control: cara's password works" binds cara.diaz "$word"

sed '/^3,/s/,1,,/,1,leave,/' "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "cara is not locked" is_locked cara.diaz
quiet
now "cara's password" refused cara.diaz "$word"
now "cara keeps sales" is_in cara.diaz sales
now "cara keeps everybody" is_in cara.diaz everybody
now "bob is not touched" not_locked bob.builder
[ "$(m identity show cara.diaz --json | rows state)" = suspended ] ||
    fail "cara is not suspended"

sed '/^3,/s/,1,,/,1,active,/' "$work/day1.csv" >"$work/day3.csv"
loaded hr day3.csv accepted
soon "cara is still locked" not_locked cara.diaz
quiet
now "cara's password works again" binds cara.diaz "$word"
now "cara in sales" is_in cara.diaz sales
ask run --identity cara.diaz | rows workflow >"$work/runs"
[ "$(sort "$work/runs" | tr '\n' ' ')" = "joiner leave return " ] ||
    fail "by the workflows: $(tr '\n' ' ' <"$work/runs")"
