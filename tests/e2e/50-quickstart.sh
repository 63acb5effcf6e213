#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the quickstart tells its story to the end, twice, with a real
# directory; and that it fails when the story does not hold.
set -eu
: "${builddir:?}" "${srcdir:?}"
work=$builddir/tests/e2e/50-quickstart.work
PATH=$PATH:/usr/sbin
for p in slapd ldapsearch openssl python3; do
	command -v $p >/dev/null || { echo "needs $p"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"

# quickstart SCRIPT: runs it once; its last line is in $last.
quickstart() {
	rc=0
	MUSTER_QUICKSTART=$work/top MUSTER_BUILD=$builddir \
	    sh "$1" --once >"$work/said" 2>&1 || rc=$?
	last=$(tail -n 1 "$work/said")
	return $rc
}

for run in first second; do
	quickstart "$srcdir/contrib/quickstart" || {
		tail -n 40 "$work/said"
		exit 1
	}
	[ "$last" = "quickstart: ok" ] || { echo "$run: $last"; exit 1; }
done
# It has ended all that it started.
if grep -lF "$work/top/house" /proc/[0-9]*/cmdline 2>/dev/null; then
	echo "something still runs"
	exit 1
fi

# One that is up keeps its house.
python3 -c 'import time; time.sleep(60)' quickstart &
up=$!
echo $up >"$work/top/quickstart.pid"
kept=$(ls -i "$work/top/house/musterd.log")
if quickstart "$srcdir/contrib/quickstart"; then
	echo "it did not see that another is up"
	exit 1
fi
kill $up
case $last in
*"one is up"*) ;;
*) echo "refused without a reason: $last" && exit 1 ;;
esac
[ "$(ls -i "$work/top/house/musterd.log")" = "$kept" ] || {
	echo "its house is gone"
	exit 1
}
wait $up 2>/dev/null || :

# The control: a company in which the bad file is not held.
mkdir "$work/tree"
cp -R "$srcdir/contrib" "$work/tree/"
mkdir "$work/tree/tests"
cp -R "$srcdir/tests/peers" "$work/tree/tests/"
chmod -R u+w "$work/tree"
set_file=$work/tree/contrib/quickstart.d/config/muster.json
sed 's/"max": 5, "percent": 10/"max": 500/; s/"max": 40, "percent": 20/"max": 500/' \
    "$set_file" >"$work/new"
cmp -s "$work/new" "$set_file" && { echo "the control changed nothing"; exit 1; }
mv "$work/new" "$set_file"
if quickstart "$work/tree/contrib/quickstart"; then
	echo "a company that loses half its people is ok"
	exit 1
fi
grep -q 'the guard did not hold the file' "$work/said" || {
	tail -n 20 "$work/said"
	exit 1
}
