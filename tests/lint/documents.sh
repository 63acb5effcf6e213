#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that manual pages, completion and schemas in the tree are what the
# tables say now; and, on a copy with one change, that this can fail.
set -eu
: "${srcdir:?}" "${builddir:?}"
muster=$builddir/muster
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/schemas"
"$muster" help muster --man >"$work/muster.1"
"$muster" help muster.json --man >"$work/muster.json.5"
"$muster" help --completion >"$work/completion"
"$muster" schema --dir "$work/schemas"

# same WHAT TREE NEW: says which document is behind its table.
same() {
	cmp -s "$2" "$3" && return
	echo "documents: $2 is not what $1 prints: make documents" >&2
	diff -u "$2" "$3" | head -20 >&2
	return 1
}

compare() {
	same 'muster help' "$1/doc/muster.1" "$work/muster.1" &&
	    same 'muster help' "$1/doc/muster.json.5" \
		"$work/muster.json.5" &&
	    same 'muster help' "$1/contrib/completion/muster" \
		"$work/completion" || return 1
	for new in "$work"/schemas/*.json; do
		same 'muster schema' "$1/schemas/${new##*/}" "$new" ||
		    return 1
	done
}

compare "$srcdir"
bash -n "$work/completion"

mkdir -p "$work/tree/contrib"
cp -R "$srcdir/doc" "$srcdir/schemas" "$work/tree"
cp -R "$srcdir/contrib/completion" "$work/tree/contrib"
chmod -R u+w "$work/tree"
compare "$work/tree"
for file in doc/muster.1 doc/muster.json.5 contrib/completion/muster \
    schemas/role.schema.json; do
	cp "$work/tree/$file" "$work/kept"
	echo changed >>"$work/tree/$file"
	if compare "$work/tree" 2>"$work/said"; then
		echo "documents: a changed $file was not seen" >&2
		exit 1
	fi
	grep -q "$file" "$work/said"
	cp "$work/kept" "$work/tree/$file"
done
