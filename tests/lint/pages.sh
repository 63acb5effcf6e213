#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the pages name no file that is not there, and that the example
# looks where they install; and, on wrong ones, that this can fail.
set -eu
: "${srcdir:?}"
cd "$srcdir"

# Names may be those below src/; what is built from a source is there.
is_there() {
	for f in "$1" "src/$1" "include/$1" "$1.c" "$1.in"; do
		[ ! -e "$f" ] || return 0
	done
	return 1
}

missing() {
	tr -s ' \n(),;[]' '\n' <"$1" | sed 's/[.:]$//' |
	    while read -r word; do
		case $word in
		*\**|/*|-*|*://*|*[A-Z][A-Z]*) continue ;;
		src/*|providers/*|tests/*|include/*|contrib/*|doc/*) ;;
		*/*.c|*/*.h) ;;
		*) continue ;;
		esac
		is_there "$word" || echo "$1: no $word"
	done
}

wrong=$(for p in README CONTRIBUTING SECURITY doc/ARCHITECTURE \
    doc/CONFIGURATION doc/PROVIDERS; do missing "$p"; done)
[ -z "$wrong" ] || { echo "$wrong"; exit 1; }

page=$(mktemp)
trap 'rm -f "$page"' EXIT
echo 'A file [feeds/csv.c, feeds/nosuch.c] is read by src/feeds/none.c.' \
    >"$page"
[ "$(missing "$page" | wc -l)" -eq 2 ] || { missing "$page"; exit 1; }

# same_prefix MAKEFILE: its default is where the README installs.
same_prefix() {
	grep -q -- "configure --prefix=$(sed -n 's/^PREFIX = //p' "$1") " README
}

same_prefix contrib/example-provider/Makefile ||
	{ echo "contrib/example-provider/Makefile: another PREFIX"; exit 1; }
echo 'PREFIX = /elsewhere' >"$page"
! same_prefix "$page" || exit 1
