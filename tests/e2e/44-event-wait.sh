#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that who tells an event, or starts runs, and waits learns what became
# of it: the exit status is that of the runs.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
# A group that nobody has made, for whoever is in Operations.
sed -i 's/cn=ops/cn=lost/' "$set/roles/ops.json"
sed -i 's/"timeout"/"attempts": 2, &/' "$set/systems/corp.json"
daemon_start

# person KEY FIRST LAST DEPARTMENT: of the feed of events.
person() {
	printf '{"key":"%s","event":"joiner","kind":"person",%s,%s}\n' "$1" \
	    "\"start\":\"2020-01-01\",\"display\":\"$2 $3\"" \
	    "\"attributes\":{\"given\":\"$2\",\"family\":\"$3\",\"department\":\"$4\"}"
}

# told FILE OPTIONS...: hands in its events and keeps what was said.
told() {
	file=$1
	shift
	status=0
	m event add news "$work/$file" "$@" >"$work/said" 2>&1 || status=$?
}

m status | grep -q '^look at *nothing$' || fail "something is wrong already"
# When it comes back everything is done.
person 1 Ada Lovelace Engineering >"$work/ada"
told ada --wait
[ "$status" -eq 0 ] || fail "a joiner ends with $status: $(cat "$work/said")"
now "ada has an account" has_entry ada.lovelace
now "ada is in eng" is_in ada.lovelace eng

# A run that failed is named, though another event of the file went well.
{ person 2 Bob Builder Operations; person 3 Cara Diaz Sales; } >"$work/two"
told two --wait
[ "$status" -eq 5 ] || fail "a failed run ends with $status"
run=$(m run list --json --state failed | rows id)
grep -q "failed runs of event [0-9]*: $run;" "$work/said" || fail "$(cat "$work/said")"
now "cara is in sales" is_in cara.diaz sales

# Without the wait it is only handed in.
person 4 Dan Evans Operations >"$work/dan"
told dan
[ "$status" -eq 0 ] || fail "an event alone ends with $status"
quiet

# Two runs failed: status says so at once, and what to look at.
m status >"$work/status"
grep -q '^look at *2 failed runs, .*open case' "$work/status" ||
    fail "$(cat "$work/status")"
m status --json | grep -q '"failed":{"n":2,' || fail "the JSON does not"

# An end that a guard stops is not one that happened.
m identity protect 3 >/dev/null
echo '{"key":"3","event":"leaver"}' >"$work/end"
told end --wait
[ "$status" -eq 5 ] || fail "a held event ends with $status"
grep -q "held by a guard" "$work/said" || fail "$(cat "$work/said")"
now "cara is not touched" not_locked cara.diaz

# So it is with several runs that were started by hand.
cat >"$set/workflows/look.json" <<'X'
{ "workflow": "look", "class": "review",
"steps": { "ask": { "do": "system.check", "system": "corp" } } }
X
m reload >/dev/null
m run start look --count 2 --wait >"$work/said" 2>&1 ||
    fail "runs that went well: $(cat "$work/said")"
[ "$(ask run --workflow look | rows id state=done | wc -l)" -eq 2 ] ||
    fail "run start --wait did not wait"
directory_stop
status=0
m run start look --count 2 --wait >"$work/said" 2>&1 || status=$?
[ "$status" -eq 5 ] || fail "failed runs end with $status"
grep -q '2 of 2 runs failed' "$work/said" || fail "$(cat "$work/said")"
