#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that musterd killed in the middle of its work, again and again, ends
# in the state of one that was not: everybody once, with a password that
# works, and nobody left half-made.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
# Slow enough to be caught at it.
sed -i 's|"timeout"|"rate": "15/s", &|' "$set/systems/corp.json"
daemon_start

for i in $(seq 1 20); do
	echo "$i,Ann,A$i,Sales,,,2020-01-01,"
done | hr_file day1.csv
loaded hr day1.csv accepted
kills=0
while [ $kills -lt 3 ]; do
	sleep 0.3
	open=$(ask run --state open | rows id | wc -l)
	daemon_kill
	kills=$((kills + 1))
	[ $kills -gt 1 ] || [ "$open" -gt 0 ] ||
	    fail "nothing was under way when it was killed"
	daemon_start
done
for i in $(seq 1 20); do
	soon "ann $i" is_in "ann.a$i" sales
	soon "ann $i in everybody" is_in "ann.a$i" everybody
	soon "ann $i has a letter" has_letter "ann.a$i"
done
patience=60 quiet
[ "$(people)" -eq 20 ] || fail "$(people) people"
for i in 1 7 13 20; do
	now "the password of ann $i" binds "ann.a$i" "$(letter "ann.a$i")"
done
[ "$(ask run | rows id state=done | wc -l)" -eq 20 ] ||
    fail "not every run is done"
[ -z "$(ask account | rows id native=)" ] || fail "an account without an id"

# And a leaver: killed, and cut all the same.
m event add hr --key 7 --event leaver >/dev/null
daemon_kill
daemon_start
soon "ann 7 is locked" is_locked ann.a7
quiet
m evidence checkpoint --sign >/dev/null
m evidence export "$work/bundle" >/dev/null
m evidence verify "$work/bundle" --key "$(m evidence key)" >/dev/null ||
    fail "the evidence does not verify"

# What proves nothing is not written.
status=0
m evidence export "$work/empty" --kind no.such >/dev/null 2>"$work/said" ||
    status=$?
[ "$status" -eq 3 ] || fail "a bundle of nothing ends with $status"
grep -q "there is nothing in that range" "$work/said" ||
    fail "why there is no bundle: $(cat "$work/said")"
[ ! -e "$work/empty" ] || fail "a bundle of nothing was left behind"
