#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that where a system only proposes nothing is written without a
# plan, that a plan is applied by its digest and in no other way, and that
# what moved meanwhile is left out, and said.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
sed -i 's/"mode": "enforce"/"mode": "propose"/' "$set/systems/corp.json"
sed -i 's/"timeout"/"attempts": 2, &/' "$set/systems/corp.json"
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
quiet
[ "$(people)" -eq 0 ] || fail "something was written without a plan"

m plan >"$work/plan"
for words in '+ corp  account.ensure  ada.lovelace' \
    '+ corp  entitlement.grant  bob.builder cn=sales'; do
	grep -qF "$words" "$work/plan" || {
		cat "$work/plan" >&2
		fail "the plan does not say: $words"
	}
done

# A scope that is no jq is an error that says why; one that says nothing of
# a person is no word that nothing changes.
status=0
m plan 'bad jq (' >"$work/bad" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "a scope that is no jq ends with $status"
grep -q "scope: .*not closed" "$work/bad" || fail "why: $(cat "$work/bad")"
status=0
m plan '.kind == "person" and' >"$work/bad" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "a scope without an end ends with $status"
grep -q "scope: .*unexpected end, line 1" "$work/bad" ||
	fail "why: $(cat "$work/bad")"
[ "$(m plan list --json --all --state failed | rows id | wc -l)" -eq 2 ] ||
	fail "musterd did not fail both plans itself"
failed=$(m plan list --json --all --state failed | rows id | head -n 1)
m plan show "$failed" >"$work/none"
grep -q "^plan $failed failed: scope: " "$work/none" ||
	fail "a failed plan does not say why: $(cat "$work/none")"
m plan 'error("none")' >"$work/none"
grep -q "no verdict for 3 people" "$work/none" || fail "$(cat "$work/none")"
m plan false >"$work/none"
grep -qx "nothing to change" "$work/none" || fail "$(cat "$work/none")"
digest=$(sed -n 's/^digest //p' "$work/plan")
other=$(echo "$digest" | tr 0123456789abcdef 123456789abcdef0)
if m apply "$other" >/dev/null 2>&1; then
	fail "another digest was applied"
fi
if m apply "${digest%????}" >/dev/null 2>&1; then
	fail "a part of the digest was applied"
fi
[ "$(people)" -eq 0 ] || fail "something was written"

# Bob moves after the plan was made: what was planned for him is left out.
sed '/^2,/s/Sales/Engineering/' "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
quiet
status=0
m apply "$digest" --wait >"$work/applied" 2>"$work/said" || status=$?
[ "$status" -eq 4 ] || fail "what was left out ends with $status"
plan=$(m plan list --json --all | rows id "digest=$digest" | head -n 1)
[ "$(m run list --json --all --plan "$plan" | rows id | wc -l)" -ge 2 ] ||
	fail "the runs of the plan are not listed"
[ -z "$(m run list --json --plan "$plan" --state open | rows id)" ] ||
	fail "apply --wait did not wait"
soon "ada has an account" has_entry ada.lovelace
soon "ada in eng" is_in ada.lovelace eng
soon "cara in sales" is_in cara.diaz sales
quiet
now "bob is not what was planned" not_in bob.builder sales
[ "$(m plan list --json --all | rows state "digest=$digest")" = applied ] ||
    fail "the plan is not applied"
[ -n "$(m plan show "$digest" --json | rows id state=moved)" ] ||
    fail "nothing says what moved"
m plan show "$digest" | grep -q 'moved since, and left out: [1-9]' ||
    fail "nobody is told how much moved"
moved=$(m plan show "$digest" --json | rows id state=moved | wc -l)
grep -q "left out: $moved of the plan's items; .*plan show $plan\"" \
    "$work/said" || fail "what was left out: $(cat "$work/said")"

# The next plan has what is left, and no more.
m plan --json >"$work/plan"
[ -z "$(rows id who="Ada Lovelace" <"$work/plan")" ] ||
    fail "ada is planned again"
digest=$(python3 -c 'import json, sys
print(json.load(sys.stdin)["plan"]["digest"])' <"$work/plan")
m apply "$digest" --wait >/dev/null || fail "a whole plan ends with $?"
soon "bob in eng" is_in bob.builder eng
quiet
m plan | grep -q 'nothing to change' || fail "a third plan has something"
if m apply "$digest" >/dev/null 2>&1; then
	fail "a plan was applied twice"
fi

# Whoever does not wait is told too what was left out.
cat "$work/day2.csv" >"$work/day2b.csv"
echo "5,Eve,Field,Sales,1,,2020-01-01," >>"$work/day2b.csv"
loaded hr day2b.csv accepted
quiet
m plan >"$work/plan"
digest=$(sed -n 's/^digest //p' "$work/plan")
sed -i '/^5,/s/Sales/Engineering/' "$work/day2b.csv"
loaded hr day2b.csv accepted
quiet
status=0
m apply "$digest" --json >"$work/applied" 2>"$work/said" || status=$?
[ "$status" -eq 4 ] || fail "left out, and not waited for: $status"
grep -q '"state":"applying"' "$work/applied" || fail "no answer of the API"
grep -q "moved since, and left out: [1-9]" "$work/said" ||
    fail "what was left out: $(cat "$work/said")"
digest=$(m plan | sed -n 's/^digest //p')
m apply "$digest" --wait >/dev/null || fail "what was left ends with $?"
soon "eve in eng" is_in eve.field eng
quiet

# Whoever waits for a plan is told that a run of it failed, and which.
{ cat "$work/day2b.csv"; echo "4,Dan,Evans,Sales,1,,2020-01-01,"
echo "6,Fay,Green,Sales,1,,2020-01-01,"; } >"$work/day3.csv"
loaded hr day3.csv accepted
quiet
m plan >"$work/plan"
digest=$(sed -n 's/^digest //p' "$work/plan")
sed -i '/^6,/s/Sales/Engineering/' "$work/day3.csv"
loaded hr day3.csv accepted
quiet
directory_stop
status=0
m apply "$digest" --wait >/dev/null 2>"$work/said" || status=$?
[ "$status" -eq 5 ] || fail "a failed run ends with $status"
run=$(m run list --json --state failed | rows id)
grep -q "failed runs of plan [0-9]*: $run;" "$work/said" ||
	fail "$(cat "$work/said")"
grep -q "moved since, and left out: [1-9]" "$work/said" ||
	fail "both are not said: $(cat "$work/said")"
