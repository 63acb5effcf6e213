#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows a backup that is restored after somebody left: musterd only reads and
# says why, is accepted, reads the directory, gives nobody access again by
# itself, and hears of the leaver from the next file; the evidence of both
# logs verifies, and tells of it.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start

four_come day1.csv
bob=$(letter bob.builder) ada=$(letter ada.lovelace)
m backup "$work/backup.db" >/dev/null

# What the backup does not know: bob leaves.
sed "/^2,/s/\$/$(day yesterday)/" "$work/day1.csv" >"$work/day2.csv"
loaded hr day2.csv accepted
soon "bob is not locked" is_locked bob.builder
soon "bob out of sales" not_in bob.builder sales
quiet
m evidence checkpoint --sign >"$work/before.note"
m evidence key >"$work/key"
m evidence export "$work/before.bundle" >/dev/null
daemon_stop

put_back() {
	rm -f "$work"/state/muster.db*
	cp "$work/backup.db" "$work/state/muster.db"
	chmod 600 "$work/state/muster.db"
}

# The control: a store that is the newest begins as always.
daemon_start
m status --json | grep -q '"state":"ok"' || fail "the control: $(m status)"
daemon_stop
put_back
daemon_start

# It reads, says why, and takes no command; nobody is touched.
m status | grep -q 'only reading: a restored store waits' ||
	fail "status does not say that it only reads"
grep -q 'does not extend its last outside checkpoint' "$work/musterd.log" ||
	fail "the log does not say why"
[ "$(ask identity | rows state username=bob.builder)" = active ] ||
	fail "nothing can be read"
status=0
m event add hr --key 2 --event leaver >/dev/null 2>"$work/said" || status=$?
[ "$status" -eq 4 ] || fail "a command ends with $status: $(cat "$work/said")"
grep -q 'only reads until .muster restore accept' "$work/said" ||
	fail "why: $(cat "$work/said")"
[ "$(load hr day2.csv 2>/dev/null)" != accepted ] || fail "it took a file"

m restore accept "a drill" >/dev/null
works() { m status --json | grep -q '"state":"ok"'; }
soon "it still only reads" works
# A reconcile of each system begins at once, and bob, who works by the
# backup and does not in the directory, is for a person to decide.
corp_scan() { ask scan | rows state system=corp; }
is_read() { is "done" corp_scan; }
soon "the directory is read" is_read
asks_of_bob() { ask case --state open | rows what kind=restore; }
soon "a case asks of bob" some asks_of_bob
quiet
now "bob stays locked" is_locked bob.builder
now "bob's password" refused bob.builder "$bob"

# The newest file says that he left, and nobody need answer any more.
loaded hr day2.csv accepted
left() { [ "$(ask identity | rows state username=bob.builder)" = left ]; }
soon "bob has left" left
quiet
now "bob is locked" is_locked bob.builder
now "bob's password" refused bob.builder "$bob"
now "bob out of sales" not_in bob.builder sales
now "bob out of everybody" not_in bob.builder everybody
now "ada is not touched" binds ada.lovelace "$ada"
[ "$(ask account | rows seen_status name=bob.builder)" = disabled ] ||
	fail "the ledger does not know that bob is disabled"
[ -z "$(asks_of_bob)" ] || fail "a person is still asked of bob"

# Whoever joins now has an account: it enforces again.
{ cat "$work/day2.csv"; echo '5,Eve,Frank,Sales,1,,2020-01-01,'
} >"$work/day3.csv"
loaded hr day3.csv accepted
soon "eve has an account" is_in eve.frank sales
quiet

# Both logs verify, the new one cites the old one, and tells who accepted it.
verifies() {
	m evidence verify --key "$1" "$2" >"$work/said" 2>&1 ||
		fail "$2: $(cat "$work/said")"
	"$srcdir/contrib/verify-evidence" --key "$(cat "$1")" "$2" \
	    >"$work/said" 2>&1 || fail "$2, theirs: $(cat "$work/said")"
}
m evidence checkpoint --sign >"$work/after.note"
m evidence export "$work/after.bundle" >/dev/null
m evidence key >"$work/key.after"
verifies "$work/key" "$work/before.bundle"
verifies "$work/key.after" "$work/after.bundle"
if m evidence verify --key "$work/key.after" --since "$work/before.note" \
    "$work/after.bundle" >/dev/null 2>&1; then
	fail "the new log passes for the old one"
fi
python3 - "$work/after.bundle" "$work/before.note" <<'PY' ||
import json, sys
said = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    said.setdefault(row.get("entry", {}).get("kind"), row.get("body"))
cites = said["evidence.restored"]["cites"]
assert cites == open(sys.argv[2]).read(), cites
assert said["restore.accepted"]["note"] == "a drill", said
assert said["system.restored"]["restored"] is True
assert said["system.reconciled"]["restored"] is False
PY
	fail "the evidence does not tell of the restore"
