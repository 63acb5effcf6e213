#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that while a directory is down joiners wait and a leaver's cut is
# owed and never dropped, and that all of it is done when it comes back.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
sed -i 's/"timeout"/"attempts": 2, &/' "$set/systems/corp.json"
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
soon "bob in sales" is_in bob.builder sales
soon "bob has a letter" has_letter bob.builder
quiet
word=$(letter bob.builder)
now "the control: bob's password works" binds bob.builder "$word"

directory_stop
m event add hr --key 2 --event leaver --cause for_cause >/dev/null
{ cat "$work/day1.csv"; echo "4,Dan,Evans,Engineering,1,,2020-01-01,"; } \
    >"$work/day2.csv"
loaded hr day2.csv accepted
owed() { ask debt | rows verb settled=; }
cut_is_owed() { owed | grep -q account.disable; }
soon "the cut is owed" cut_is_owed
m status >"$work/status"
grep -q '^debts *[1-9]' "$work/status" || fail "status does not tell of it"
[ -n "$(ask run --state open | rows id workflow=joiner)$(ask case |
    rows id kind=step)" ] || fail "the joiner neither waits nor asks"

directory_again
soon "bob is locked" is_locked bob.builder
now "bob's password" refused bob.builder "$word"
soon "bob out of sales" not_in bob.builder sales
soon "the debt is settled" none owed
# Dan's joiner waits by itself, or people were asked and say go on.
for r in $(ask run --state failed | rows id workflow=joiner); do
	m run retry "$r" >/dev/null
done
soon "dan in eng" is_in dan.evans eng
soon "dan has a letter" has_letter dan.evans
now "dan's password works" binds dan.evans "$(letter dan.evans)"
now "cara was not touched" not_locked cara.diaz
