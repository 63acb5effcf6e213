#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a build folder which quickstart finds is used again for the same
# sources only: others are built, wherever they lie and however old they look.
set -eu
: "${builddir:?}" "${srcdir:?}"
work=$builddir/tests/e2e/51.work
rm -rf "$work"
mkdir -p "$work/a/src"
# shellcheck source=contrib/packages.sh disable=SC1091
. "$srcdir/contrib/packages.sh"

# A tree that is built as muster is, and quickly.
echo first >"$work/a/src/main.c"
: >"$work/a/configure.ac"
cat >"$work/a/configure" <<'X'
#!/bin/sh
printf 'program: main.o\n\tcp main.o program\n' >Makefile
printf 'main.o: %s/src/main.c\n\tcp $< $@\n' "$(dirname "$0")" >>Makefile
: >config.status
X
chmod +x "$work/a/configure"

# built TREE WORD: made of it, the program says so.
built() {
	MAKEFLAGS='' build_make "$1" "$work/build" >"$work/said"
	[ "$(cat "$work/build/program")" = "$2" ] || {
		echo "it is $(cat "$work/build/program"), and not $2" >&2
		exit 1
	}
}

built "$work/a" first
made=$(stat -c %Y.%i "$work/build/main.o")
built "$work/a" first
[ "$(stat -c %Y.%i "$work/build/main.o")" = "$made" ] || {
	echo "the control: the same sources were built twice" >&2
	exit 1
}

sleep 1.1
echo second >"$work/a/src/main.c"
built "$work/a" second
[ ! -s "$work/said" ] || { cat "$work/said" >&2; exit 1; }

# As from a tarball: another text, and older than what was built.
echo third >"$work/a/src/main.c"
touch -d '1 year ago' "$work/a/src/main.c"
built "$work/a" third
grep -q 'made of other sources' "$work/said"

# One that nobody knows what it was made of.
rm "$work/build/sources.sum"
echo again >"$work/a/src/main.c"
touch -d '1 year ago' "$work/a/src/main.c"
built "$work/a" again

# Another tree, and the first is gone.
cp -Rp "$work/a" "$work/b"
echo fourth >"$work/b/src/main.c"
touch -d '2 years ago' "$work/b/src/main.c"
rm -rf "$work/a"
built "$work/b" fourth
