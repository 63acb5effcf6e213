#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every invariant fails when its bug is planted: for each plant some seed
# must break the invariant that it is meant for, and without it none does.
: "${srcdir:=.}" "${builddir:=.}"
: "${PLANT_SEEDS:=1-400}"
sim=$builddir/tests/sim/sim
ret=0

"$sim" --plants | {
	n=0
	while read -r plant invariant; do
		out=$("$sim" --srcdir "$srcdir" --seeds "$PLANT_SEEDS" \
		    --plant "$plant" --until "$invariant")
		if [ $? -eq 1 ]; then
			echo "ok: $plant: $(echo "$out" | tail -n 1)"
		else
			echo "FAIL: $plant: $invariant holds all the same"
			ret=1
		fi
		n=$((n + 1))
	done
	[ "$n" -ge 20 ] || ret=1	# none is there: nothing was shown
	exit "$ret"
}
