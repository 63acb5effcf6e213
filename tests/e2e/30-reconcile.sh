#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that reconcile finds what somebody else changed, repairs it where
# the mode allows and only when asked, and takes nothing away that muster
# did not give.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
4,Dan,Evans,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
for u in ada.lovelace:eng bob.builder:sales cara.diaz:sales dan.evans:sales
do
	soon "${u%:*}" is_in "${u%:*}" "${u#*:}"
done
quiet
m reconcile corp --json >"$work/scan" || m reconcile --json >"$work/scan"
[ -z "$(rows kind <"$work/scan" | grep -v unmatched || :)" ] || {
	cat "$work/scan" >&2
	fail "drift where nobody changed anything (the control)"
}

uuid=$(attribute ada.lovelace entryUUID)
by_hand ldapmodify <<X
dn: uid=ada.lovelace,ou=people,$BASE
changetype: modrdn
newrdn: uid=ada.king
deleteoldrdn: 1

dn: uid=bob.builder,ou=people,$BASE
changetype: modify
replace: pwdAccountLockedTime
pwdAccountLockedTime: 000001010000Z

dn: uid=cara.diaz,ou=people,$BASE
changetype: modify
replace: sn
sn: Changed

dn: cn=ops,ou=groups,$BASE
changetype: modify
add: member
member: uid=cara.diaz,ou=people,$BASE

dn: cn=sales,ou=groups,$BASE
changetype: modify
delete: member
member: uid=dan.evans,ou=people,$BASE
X
found() {
	m reconcile --json "$@" >"$work/scan" || fail "reconcile: $?"
	python3 -c 'import json, sys
for line in sys.stdin:
    for f in json.loads(line)["findings"]:
        print(f["kind"], f["subject"], f.get("detail"))' <"$work/scan" \
	    >"$work/found"
}
found
for line in 'renamed.*ada' 'drift.*bob.builder' 'drift.*cara.diaz' \
    'unexplained.*cara.diaz.*ops' 'missing.*dan.evans.*sales'; do
	grep -q "$line" "$work/found" || {
		cat "$work/found" >&2
		fail "not found: $line"
	}
done
quiet
now "nothing was repaired unasked" has_entry ada.king
now "bob is as they left him" is_locked bob.builder

found --repair
soon "ada has her name again" has_entry ada.lovelace
soon "bob is not locked" not_locked bob.builder
soon "dan is in sales again" is_in dan.evans sales
soon "cara's name" is Diaz attribute cara.diaz sn
quiet
[ "$(attribute ada.lovelace entryUUID)" = "$uuid" ] || fail "another entry"
now "what muster did not give stays" is_in cara.diaz ops
[ "$(people)" -eq 4 ] || fail "$(people) people"

# Observed only: found, and not repaired.
sed -i 's/"mode": "enforce"/"mode": "observe"/' "$set/systems/corp.json"
m reload >/dev/null
by_hand ldapmodify <<X
dn: uid=bob.builder,ou=people,$BASE
changetype: modify
replace: sn
sn: Changed
X
found --repair
grep -q 'drift.*bob.builder' "$work/found" || fail "bob's drift"
quiet
[ "$(attribute bob.builder sn)" = Changed ] || fail "it was repaired"
