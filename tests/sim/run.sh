#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plays seeded schedules in two processes; a seed that breaks an invariant is
# printed and plays again by: tests/sim/sim --seed N --verbose
: "${srcdir:=.}" "${builddir:=.}"
: "${SIM_SEEDS:=1000}" "${SIM_FROM:=1}"

# Sanitizers make it slow, and look at the same code each time.
[ "${sanitized:-no}" = no ] || [ "$SIM_SEEDS" -le 100 ] || SIM_SEEDS=100

middle=$((SIM_FROM + SIM_SEEDS / 2))
last=$((SIM_FROM + SIM_SEEDS - 1))
sim=$builddir/tests/sim/sim

"$sim" --srcdir "$srcdir" --seeds "$SIM_FROM-$((middle - 1))" &
first=$!
"$sim" --srcdir "$srcdir" --seeds "$middle-$last"
ret=$?
wait "$first" || ret=$?
[ "$ret" -ne 0 ] || echo "seeds $SIM_FROM to $last hold"
exit "$ret"
