#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that who leaves is cut first and at once, that memberships go after
# it, that the password which worked is refused, and that the entry stays.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

four_come day1.csv
bob=$(letter bob.builder) cara=$(letter cara.diaz) ada=$(letter ada.lovelace)
now "the control: bob's password works" binds bob.builder "$bob"
now "the control: cara's password works" binds cara.diaz "$cara"
uuid=$(attribute bob.builder entryUUID)

# Bob is dismissed: an event, now.
m event add hr --key 2 --event leaver --cause for_cause >/dev/null
soon "bob is not locked" is_locked bob.builder
now "bob's password" refused bob.builder "$bob"
for g in everybody sales; do
	soon "bob out of $g" not_in bob.builder $g
done
# Cara's last day was yesterday: a line of the next file.
sed "/^3,/s/\$/$(day yesterday)/" "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "cara is not locked" is_locked cara.diaz
now "cara's password" refused cara.diaz "$cara"
# Dan's line is gone, and the feed says what that means.
grep -v '^4,' "$work/day2.csv" >"$work/day3.csv"
loaded hr day3.csv accepted
soon "dan is not locked" is_locked dan.evans
quiet
now "ada is not touched" not_locked ada.lovelace
now "ada's password works" binds ada.lovelace "$ada"
[ "$(attribute bob.builder entryUUID)" = "$uuid" ] || fail "bob's entry"
[ -n "$(ask account --identity bob.builder | rows delete_after)" ] ||
    fail "nothing says when bob's entry goes"

# The order, and the clock that stops only when the cut was verified.
run=$(ask run --identity bob.builder | rows id workflow=leaver)
m run show "$run" >"$work/timeline"
grep -q for_cause "$work/timeline" || fail "the cause is not told"
ask step --run "$run" >"$work/steps"
cut=$(rows verified verb=account.disable <"$work/steps")
[ "$(echo "$cut" | wc -w)" -eq 1 ] || fail "the cut is not verified"
rows requested verb=entitlement.revoke <"$work/steps" >"$work/revoked"
[ "$(wc -l <"$work/revoked")" -eq 2 ] || fail "two memberships to revoke"
while read -r at; do
	[ "$(printf '%s\n' "$cut" "$at" | sort | head -n 1)" = "$cut" ] ||
	    fail "a membership went at $at, before the cut at $cut"
done <"$work/revoked"

# A run says what made it: the event, or the file and its line.
told() {
	run=$(ask run --identity "$1" | rows id workflow=leaver)
	m run show "$run" | grep '^because '
}
told bob.builder | grep -q ': leaver of key 2, feed hr, told by uid:' ||
    fail "bob's run does not say why: $(told bob.builder)"
told cara.diaz | grep -q ': record of key 3, feed hr, day2.csv:4, load ' ||
    fail "cara's run does not say why: $(told cara.diaz)"
told dan.evans | grep -q ': leaver of key 4, feed hr.*, load ' ||
    fail "dan's run does not say why: $(told dan.evans)"

# A late joiner never undoes a later leave.
m event add hr --key 2 --event joiner --effective "$(day '3 days ago')" \
    >/dev/null
quiet
now "bob stays out" is_locked bob.builder
