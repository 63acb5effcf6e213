#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that musterd, killed at any durable transition of a joiner and a
# leaver and started again, comes to what an uninterrupted run comes to.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
# A call whose outcome is unknown is looked at after these two.
sed -i 's/"timeout": "10s"/"timeout": "3s"/; s/"settle": "1s"/"settle": "200ms"/' \
    "$set/systems/corp.json"
export URL CA BASE BIND_DN BIND_PW
python3 "$srcdir/tests/faults/sweep.py" "$work" "$short" >"$work/sweep" 2>&1 || {
	tail -n 40 "$work/sweep" >&2
	fail "the sweep"
}
cat "$work/sweep"
