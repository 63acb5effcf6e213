#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that each floor includes only what layers.txt allows, that each
# library is spoken to in its place, and that SQL stays in the store; and,
# on copies with one mistake each, that every one of these checks can fail.
set -u
LC_ALL=C
export LC_ALL
tree=${1:-${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}}

say() {
	echo "layers: $*" >&2
	bad=1
}

# includes FOLDER REGEX: lines "file:include" of what is included there.
includes() {
	find "$1" -name '*.[ch]' -exec grep -HoE \
	    "^[[:space:]]*#[[:space:]]*include[[:space:]]*$2" {} + |
	    sed 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*["<]/:/; s/[">]$//'
}

# No floor may include a folder that is not listed, and none is unlisted.
check_floors() {
	for dir in src/* providers; do
		[ -d "$dir" ] || continue
		may=$(sed -n "s|^$dir:||p" tests/lint/layers.txt)
		[ -n "$may" ] || {
			say "$dir is no floor in layers.txt"
			continue
		}
		for hit in $(includes "$dir" '"[^"]*/'); do
			floor=${hit#*:}
			floor=${floor%%/*}
			case " ${dir##*/} $may " in
			*" $floor "*) ;;
			*) say "${hit%%:*} may not include $floor/" ;;
			esac
		done
	done
}

check_libraries() {
	grep '^@' tests/lint/layers.txt | while IFS=: read -r lib may; do
		lib=${lib#@}
		includes src "[\"<]${lib}[^\">]*[\">]"
		includes providers "[\"<]${lib}[^\">]*[\">]"
		echo "end:$may"
	done | {
		bad=0
		hits=
		while IFS=: read -r file what; do
			if [ "$file" != end ]; then
				hits="$hits $file:$what"
				continue
			fi
			for hit in $hits; do
				dir=$(echo "$hit" | cut -d/ -f1,2)
				case $hit in providers/*) dir=providers ;; esac
				case " $what " in
				*" $dir "*) ;;
				*) say "${hit%%:*} may not include ${hit#*:}" ;;
				esac
			done
			hits=
		done
		exit $bad
	} || bad=1
}

# Statements, not words: a comment or a message may speak of selecting.
check_sql() {
	sql='"[^"]*(SELECT .* FROM |INSERT INTO |DELETE FROM '
	sql=$sql'|UPDATE [a-z_]+ SET |CREATE TABLE |PRAGMA )'
	hits=$(find src providers -name '*.[ch]' ! -path 'src/store/*' \
	    -exec grep -lE "$sql" {} +)
	for file in $hits; do
		say "$file has SQL in it"
	done
}

check() {
	(
		cd "$1" || exit 1
		bad=0
		check_floors
		check_libraries
		check_sql
		exit $bad
	)
}

# mistake FILE LINE TEXT: with that line in that file the check must fail,
# and say TEXT.
mistake() {
	mkdir -p "$copy/$(dirname "$1")"
	[ -e "$copy/$1" ] && mv "$copy/$1" "$copy/.kept"
	printf '%s\n' "$2" >"$copy/$1"
	if check "$copy" 2>"$copy/.said" || ! grep -q "$3" "$copy/.said"; then
		echo "layers: did not see '$2' in $1:" >&2
		cat "$copy/.said" >&2
		failed=1
	fi
	rm -f "$copy/$1"
	[ -e "$copy/.kept" ] && mv "$copy/.kept" "$copy/$1"
	tried=$((tried + 1))
}

check "$tree" || exit 1

copy=$(mktemp -d "${TMPDIR:-/tmp}/muster-layers-XXXXXX") || exit 1
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/tests/lint" "$copy/src" "$copy/providers"
cp "$tree/tests/lint/layers.txt" "$copy/tests/lint"
failed=0
tried=0
for dir in base model store evidence engine feeds api supervisor daemon cli \
    sdk worker eval; do
	mkdir -p "$copy/src/$dir"
	echo "#include \"$dir/own.h\"" >"$copy/src/$dir/fine.c"
done
echo '#include "store/store.h"' >"$copy/src/engine/fine.h"
echo '#include <sqlite3.h>' >"$copy/src/store/fine.h"
echo '/* SELECT a FROM b */ "select the right one from"' >"$copy/src/api/x.c"
check "$copy" || {
	echo "layers: a copy without a mistake failed" >&2
	exit 1
}
mistake src/base/x.c '#include "model/run.h"' 'not include model/'
mistake src/model/x.h '#include "store/store.h"' 'not include store/'
mistake src/store/x.c '#include "evidence/evidence.h"' 'not include evidence/'
mistake src/evidence/x.c '#include "engine/x.h"' 'not include engine/'
mistake src/engine/x.c ' # include "api/api.h"' 'not include api/'
mistake src/engine/x.c '#include "supervisor/x.h"' 'not include supervisor/'
mistake src/feeds/x.c '#include "api/api.h"' 'not include api/'
mistake src/api/x.c '#include "daemon/x.h"' 'not include daemon/'
mistake src/supervisor/x.c '#include "feeds/x.h"' 'not include feeds/'
mistake src/daemon/x.c '#include "cli/x.h"' 'not include cli/'
mistake src/cli/x.c '#include "supervisor/x.h"' 'not include supervisor/'
mistake src/sdk/x.c '#include "model/run.h"' 'not include model/'
mistake src/worker/x.c '#include "supervisor/x.h"' 'not include supervisor/'
mistake src/eval/x.c '#include "sdk/x.h"' 'not include sdk/'
mistake providers/x.c '#include "base/clock.h"' 'not include base/'
mistake src/other/x.c '' 'no floor'
mistake src/engine/x.c '#include <sqlite3.h>' 'not include sqlite3.h'
mistake src/api/x.c '#include <curl/curl.h>' 'not include curl/curl.h'
mistake providers/x.c '#include <curl/curl.h>' 'not include curl/curl.h'
mistake src/base/x.c '#include <json-c/json.h>' 'not include json-c/'
mistake src/engine/x.c '#include <microhttpd.h>' 'not include microhttpd'
mistake src/daemon/x.c '#include <ldap.h>' 'not include ldap.h'
mistake src/base/x.c '#include <lber.h>' 'not include lber.h'
mistake src/engine/x.c '#include <jq.h>' 'not include jq.h'
mistake src/engine/x.c '#include <jv.h>' 'not include jv.h'
mistake src/engine/x.c 'q = "SELECT id FROM run";' 'has SQL'
mistake src/api/x.c 'q = "INSERT INTO run (id)";' 'has SQL'
mistake src/cli/x.c 'q = "UPDATE run SET id = 1";' 'has SQL'
mistake providers/x.c 'q = "DELETE FROM run";' 'has SQL'
echo "layers: holds, and $tried mistakes were seen"
exit $failed
