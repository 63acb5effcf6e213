#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows a backup from before a change of the signing key: beside the newer
# key musterd does not start and says what to do; without it, it only reads,
# is accepted, and signs a log that verifies.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_start
m evidence checkpoint --sign >/dev/null
m backup "$work/backup.db" >/dev/null
m evidence key >"$work/first"
m evidence rekey >/dev/null
m evidence key >"$work/second"
cmp -s "$work/first" "$work/second" && fail "status shows the old key"
m evidence checkpoint --sign >/dev/null
daemon_stop

rm -f "$work"/state/muster.db*
cp "$work/backup.db" "$work/state/muster.db"
chmod 600 "$work/state/muster.db"
if timeout 20 "$builddir/musterd" --private --config "$set" --socket \
    "$MUSTER_SOCKET" --once >"$work/said" 2>&1; then
	fail "it starts beside a key that did not sign this store"
fi
grep -q 'backup from before a .muster evidence rekey' "$work/said" ||
	fail "it does not say what to do: $(cat "$work/said")"

mv "$work/state/evidence/log.key" "$work/newer.key"
daemon_start
m status | grep -q 'only reading: a restored store waits' ||
	fail "status does not say that it only reads"
m restore accept "a drill" >/dev/null
m status --json | grep -q '"state":"ok"' ||
	fail "status is behind: $(m status)"
m evidence key >"$work/third"
for old in first second; do
	cmp -s "$work/$old" "$work/third" && fail "it signs with the $old key"
done
m evidence checkpoint --sign >/dev/null
m evidence export "$work/after.bundle" >/dev/null
m evidence verify --key "$work/third" "$work/after.bundle" >"$work/said" 2>&1 ||
	fail "the new log: $(cat "$work/said")"
if m evidence verify --key "$work/second" "$work/after.bundle" \
    >/dev/null 2>&1; then
	fail "the control: it passes for a log of the newer key"
fi
daemon_stop
