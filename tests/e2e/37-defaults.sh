#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the set of contrib/defaults, with no more changed than README
# says, writes nothing until its mode is widened, and says what it would do.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
directory_begin
cp -R "$srcdir/contrib/defaults" "$set"
chmod -R u+w,go-w "$set"
printf %s "$BIND_PW" >"$set/ldap.pw"
chmod 600 "$set/ldap.pw"
mkdir -p "$work/outside" "$work/keys"
sed -i -e "s|/var/lib/muster-checkpoint|$work/outside|" \
    -e "s|/var/lib/muster-keys|$work/keys|" \
    -e "s|/var/lib/muster|$work/state|" \
    -e 's/"instance"/"sandbox": "best-effort", &/' "$set/muster.json"
sed -i "s|/var/lib/muster|$work|" "$set/roles/employee.json"
sed -i -e "s|ldaps://ldap.acme.example|$URL|" \
    -e "s|\"cn=muster,dc=acme,dc=example\"|\"$BIND_DN\"|" \
    -e "s|\"base\"|\"ca\": \"$CA\", &|" -e "s|dc=acme,dc=example|$BASE|" \
    "$set/systems/corp.json"
sed -i '/"path"/d' "$set/feeds/hr.json"
m check "$set" >"$work/check" || {
	cat "$work/check" >&2
	fail "check finds it bad"
}
grep -q ": ok: 1 system, 3 roles, 6 workflows, 1 feed\$" "$work/check" ||
	fail "what was checked: $(cat "$work/check")"
daemon_start

{ echo id,first,last,department,start,end
for i in $(seq 1 12); do
	echo "$i,Ann,A$i,Engineering,2020-01-01,"
done; } >"$work/people.csv"
loaded hr people.csv accepted
quiet
m reconcile >"$work/scan" || fail "reconcile"
m plan >"$work/plan"
[ "$(grep -c '+ corp  account.ensure' "$work/plan")" -eq 12 ] || {
	cat "$work/plan" >&2
	fail "the plan does not have twelve accounts"
}
digest=$(sed -n 's/^digest //p' "$work/plan")
grep -q "nothing of this would be done" "$work/plan" ||
	fail "the plan does not say that systems are only observed"
grep -q "muster apply" "$work/plan" && fail "the plan asks for its apply"
m apply "$digest" --wait >"$work/apply" 2>&1 &&
	fail "a plan that can do nothing was applied"
quiet
[ "$(people)" -eq 0 ] || fail "observed, and written all the same"

# The control: widened, it does what the plan said.
sed -i 's/"mode": "observe"/"mode": "enforce"/' "$set/systems/corp.json"
m reload >/dev/null
soon "ann 12 in eng" is_in ann.a12 eng
soon "ann 12 in everybody" is_in ann.a12 everybody
soon "a letter" has_letter ann.a12
now "it works" binds ann.a12 "$(letter ann.a12)"
quiet
[ "$(people)" -eq 12 ] || fail "$(people) people"
