#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a changed configuration holds after a reload and brings what it
# wants, and that a bad one is refused with file and place while the old one
# goes on.
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
soon "ada in eng" is_in ada.lovelace eng
quiet
definitions() { m status --json | rows definitions; }
old=$(definitions)

# A member that does not exist, and a program that is none.
cp "$set/roles/ops.json" "$work/ops.json"
sed -i 's/"when"/"whenn"/' "$set/roles/ops.json"
if m reload >"$work/reload" 2>&1; then
	fail "a bad set was taken"
fi
grep -q 'roles/ops.json' "$work/reload" || {
	cat "$work/reload" >&2
	fail "it does not say where"
}
kill -HUP "$daemon"
sleep 0.5
[ "$(definitions)" = "$old" ] || fail "it holds"
if m check "$set" >/dev/null 2>&1; then
	fail "check finds it good"
fi
# check says all that is wrong, wherever and with the line: members, a
# program, what a system's provider does not know or misses.
cp -R "$set" "$work/wrong"
sed -i 's/"instance"/"first": 1, "second": 2, &/' "$work/wrong/muster.json"
sed -i 's/"when": "/&((/' "$work/wrong/roles/eng.json"
sed -i -e 's/"people"/"peoplx"/' -e 's/"base"/"colour": "red", &/' \
    "$work/wrong/systems/corp.json"
MUSTER_LIBEXECDIR=$work/none m check "$work/wrong" --json >"$work/found" \
    2>/dev/null || :
[ "$(python3 -c 'import json, sys
print(len(json.load(sys.stdin)["errors"]))' <"$work/found")" -ge 2 ] ||
    fail "its JSON is cut where a program of muster is missing"
m check "$work/wrong" >"$work/found" 2>&1 || :
for words in 'muster.json:1: first: unknown' 'muster.json:1: second: unknown' \
    'roles/ops.json:[12]: whenn: unknown' 'roles/ops.json:1: when: missing' \
    'roles/eng.json:2: when: .*not closed' \
    'systems/corp.json:2: colour: unknown' \
    'systems/corp.json:3: peoplx: unknown' \
    'systems/corp.json:1: people: missing'; do
	grep -q "^$words" "$work/found" || {
		cat "$work/found" >&2
		fail "check does not say: $words"
	}
done
cp "$work/ops.json" "$set/roles/ops.json"

# A file that is not there, once; and the control: with it all is well.
mv "$set/ldap.pw" "$work/ldap.pw"
m check "$set" >"$work/found" 2>/dev/null || :
if [ "$(grep -c 'ldap.pw: No such file' "$work/found")" -ne 1 ] ||
    [ "$(wc -l <"$work/found")" -ne 1 ]; then
	cat "$work/found" >&2
	fail "check does not say one time that a file is not there"
fi
mv "$work/ldap.pw" "$set/ldap.pw"
m check "$set" >/dev/null || fail "check finds the set bad"

# An operation that the system of a step does not have, beside one that it
# has.
cat >"$set/workflows/poke.json" <<X
{ "workflow": "poke", "steps": {
"look": { "do": "system.check", "system": "corp" },
"poke": { "do": "ldap:poke", "system": "corp" } } }
X
if m check "$set" >"$work/found" 2>/dev/null; then
	fail "check finds an operation that there is not"
fi
sed -n "s/^workflows.poke.json:3: steps.poke.do: system 'corp' has no \
operation 'ldap:poke'; it has: .*account.disable, .*/named/p" "$work/found" \
    >"$work/named"
if [ "$(cat "$work/named")" != named ] ||
    [ "$(wc -l <"$work/found")" -ne 1 ]; then
	cat "$work/found" >&2
	fail "check does not name the operation, and no other"
fi
rm "$set/workflows/poke.json"

# A name that there is not in a description, in a file of its own.
sed 's|/users/{id}|/users/{idd}|' "$srcdir/contrib/http/rest.json" \
    >"$set/rest.json"
cat >"$set/systems/rest.json" <<X
{ "system": "rest", "provider": "http", "url": "https://192.0.2.1",
"description": { "file": "rest.json" } }
X
m check "$set" >"$work/found" 2>/dev/null || :
grep -q "^systems/rest.json:2: description (rest.json): \
operations.account.read.request.path: {idd}: unknown; there is id, name, kind$" \
    "$work/found" || {
	cat "$work/found" >&2
	fail "check does not say which name there is not"
}
cp "$srcdir/contrib/http/rest.json" "$set/rest.json"
chmod u+w,go-w "$set/rest.json"
m check "$set" >/dev/null || fail "check finds the delivered one bad"
rm "$set/systems/rest.json" "$set/rest.json"

# Of several errors one is the answer, and the log has the others.
echo '{ "role": "one", "wen": "true" }' >"$set/roles/one.json"
echo '{ "role": "two", "when": 1 }' >"$set/roles/two.json"
m reload >"$work/reload" 2>&1 && fail "a wrong set was taken"
grep -q 'roles/one.json:1: wen: unknown' "$work/reload" ||
    fail "$(cat "$work/reload")"
grep -q 'error: roles/two.json:1: when: ' "$work/musterd.log" ||
    fail "the second error is told nowhere"
rm "$set/roles/one.json" "$set/roles/two.json"

# A secret that stands in the set, which is stored as it is.
cp "$set/systems/corp.json" "$work/corp.json"
sed -i "s/{ \"file\": \"ldap.pw\" }/\"planted-4711\"/" \
    "$set/systems/corp.json"
grep -q planted "$set/systems/corp.json" || fail "the control: not planted"
for refused in reload "check $set"; do
	# shellcheck disable=SC2086
	if m $refused >"$work/reload" 2>&1; then
		fail "a secret in clear was taken by $refused"
	fi
	grep -q 'systems/corp.json[:0-9]*: bind.password: .*"file"' \
	    "$work/reload" || {
		cat "$work/reload" >&2
		fail "$refused does not say where, and what to write"
	}
done
if grep -r -q -a planted-4711 "$work/state" "$work/musterd.log"; then
	fail "it was stored, or logged"
fi
cp "$work/corp.json" "$set/systems/corp.json"
chmod 644 "$set/ldap.pw"
if m reload >"$work/reload" 2>&1; then
	fail "a secret that everybody reads was taken"
fi
grep -q 'chmod 600' "$work/reload" || fail "it does not say what to do"
chmod 600 "$set/ldap.pw"
[ "$(definitions)" = "$old" ] || fail "the old set holds"

sed 's/Lovelace/Byron/' "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "the old set still works" has_entry ada.byron
quiet

# Engineers get ops too.
sed -i 's/"when": "/&.department == \\"Engineering\\" or /' \
    "$set/roles/ops.json"
m check "$set" >/dev/null || fail "check finds it bad"
m reload >/dev/null
soon "ada in ops" is_in ada.byron ops
quiet
now "bob is not" not_in bob.builder ops
[ "$(definitions)" != "$old" ] ||
    fail "another set has the same digest"

# And back, by the signal.
cp "$work/ops.json" "$set/roles/ops.json"
kill -HUP "$daemon"
soon "ada out of ops" not_in ada.byron ops
soon "the old digest" is "$old" definitions
now "ada in eng" is_in ada.byron eng
