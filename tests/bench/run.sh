#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make bench, make bench BENCH=NAME: each benchmark adds its line of JSON to
# bench.jsonl in the build folder and prints it.  Status 77: one was skipped,
# because of what it says; 1: one failed.
set -eu
: "${builddir:?}" "${srcdir:?}"
export builddir srcdir
here=$srcdir/tests/bench
names="engine-c1 engine-c16 engine-c64 evidence-verify ldap-join"
names="$names leaver-behind-joiners"

bench() {
	case $1 in
	engine-c*) python3 "$here/engine.py" "${1#engine-c}" ;;
	evidence-verify) sh "$here/evidence-verify.sh" ;;
	ldap-join) python3 "$here/ldap-join.py" ;;
	leaver-behind-joiners) python3 "$here/leaver-behind-joiners.py" ;;
	esac
}

for name in ${1:-$names}; do
	case " $names " in
	*" $name "*) ;;
	*)
		echo "bench: no benchmark is called $name; there are:" \
		    "$names" >&2
		exit 2
		;;
	esac
done
command -v python3 >/dev/null || {
	echo "bench: needs python3 (Debian: python3)" >&2
	exit 77
}

status=0
for name in ${1:-$names}; do
	rc=0
	line=$(PYTHONDONTWRITEBYTECODE=1 bench "$name") || rc=$?
	case $rc in
	0)
		printf '%s\n' "$line" | tee -a "$builddir/bench.jsonl"
		;;
	77)
		echo "bench: $name is skipped, for the reason above" >&2
		[ $status -ne 0 ] || status=77
		;;
	*)
		echo "bench: $name failed" >&2
		status=1
		;;
	esac
done
exit $status
