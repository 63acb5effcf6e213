#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a service keeps working when its owner leaves, that people are
# asked who owns it from now on, that their answer holds, and that one that
# expires is cut.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
sed -i 's/purpose: .purpose,/purpose: .purpose, expires: .expires,/' \
    "$set/feeds/services.json"
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
cat >"$work/services.csv" <<X
id,name,owner,purpose,expires
s1,backup,2,Nightly backups,
s2,billing,3,Sends invoices,
s3,trial,3,A trial that ends,$(day '+20 days')
X
loaded hr day1.csv accepted
loaded services services.csv accepted
for u in svc-backup svc-billing svc-trial; do
	soon "$u" has_entry $u
done
soon "bob" is_in bob.builder sales
quiet
[ "$(attribute svc-backup description)" = "Nightly backups" ] ||
    fail "the purpose"
[ -z "$(ask case --state open | rows id)" ] || fail "a case (the control)"

m event add hr --key 2 --event leaver >/dev/null
soon "bob is locked" is_locked bob.builder
quiet
now "the service goes on" not_locked svc-backup
case=$(ask case --state open | rows id kind=owner)
[ "$(echo "$case" | wc -w)" -eq 1 ] || fail "cases: $case"
m case show "$case" --json >"$work/case"
[ -n "$(rows deadline <"$work/case")" ] || fail "no deadline"
# Ada is bob's manager, and so the first choice.
ada=$(m identity show ada.lovelace --json | rows uid)
rows choices <"$work/case" | grep -q "$ada" || fail "ada is no choice"
[ -n "$(ask case --state open | rows id kind=secret)" ] ||
    fail "nobody is told to change its secret"
m case answer "$case" close >/dev/null 2>&1 && fail "closed without an owner"
m case answer "$case" "$ada" >/dev/null
owner() { m identity show s1 --json | rows owner; }
soon "ada owns it" is "$(m identity show ada.lovelace --json | rows id)" owner
quiet
[ -z "$(ask case --state open | rows id kind=owner)" ] || fail "it is asked again"

# The trial ends: the register says so.
sed "/^s3,/s/,[^,]*\$/,$(day yesterday)/" "$work/services.csv" \
    >"$work/services2.csv"
loaded services services2.csv accepted
soon "the trial is locked" is_locked svc-trial
quiet
now "billing is not" not_locked svc-billing
