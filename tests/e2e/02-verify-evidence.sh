#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A bundle verifies with muster and, independently, with
# contrib/verify-evidence; of a tampered one both name the same record.
set -eu
: "${builddir:?}" "${srcdir:?}"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
command -v openssl >/dev/null || { echo "needs the openssl command"; exit 77; }

srcdir=$(cd "${srcdir:?}" && pwd)
builddir=$(cd "${builddir:?}" && pwd)
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
records=600
key=$("$builddir/tests/bench/mkbundle" "$top" $records 2>/dev/null)
ours="$builddir/muster evidence verify"
theirs="$srcdir/contrib/verify-evidence"

fail() {
	echo "FAIL: $*"
	exit 1
}

# The control: what was not touched is good, for the key that was printed.
$ours --key "$key" "$top/bundle" >"$top/out" || fail "ours: $(cat "$top/out")"
grep -q "verified" "$top/out" || fail "ours: $(cat "$top/out")"
"$theirs" --key "$key" "$top/bundle" >"$top/out" ||
    fail "theirs: $(cat "$top/out")"
grep -q "good: $records records" "$top/out" || fail "$(cat "$top/out")"

# Another key is not the one that signed.
mkdir "$top/other"
other=$("$builddir/tests/bench/mkbundle" "$top/other" 3 2>/dev/null)
printf '%s\n' "$key" >"$top/key"
"$theirs" --key "$top/key" "$top/bundle" >"$top/out" ||
    fail "theirs, with a file: $(cat "$top/out")"
# A file that bears the name of a key is not asked instead of the key.
mkdir "$top/about" && printf '%s\n' "$other" >"$top/about/${key##*/}"
(cd "$top/about" && "$theirs" --key "$key" "$top/bundle" >/dev/null) ||
    fail "theirs: a file is believed"
case $key in
*/*) ;; # it cannot be a file's name
*) (cd "$top/about" && $ours --key "$key" "$top/bundle" >/dev/null) ||
    fail "ours: a file is believed" ;;
esac
$ours --key "$other" "$top/bundle" >/dev/null 2>&1 && fail "ours: any key"
"$theirs" --key "$other" "$top/bundle" >/dev/null && fail "theirs: any key"

# What was typed wrongly is told apart from what was forged.
said() {
	words=$1
	shift
	$ours "$@" >"$top/out" 2>&1 && fail "ours: $*"
	grep -q "$words" "$top/out" || fail "$*: $(cat "$top/out")"
	grep -q "0 to -1" "$top/out" && fail "$*: $(cat "$top/out")"
	return 0
}
echo "id,name" >"$top/people.csv"
said "No such file" --key "$top/missing" "$top/bundle"
said "no verifier key" --key nonsense "$top/bundle"
said "not a verifier key" --key a+b "$top/bundle"
said "not an evidence bundle" --key "$key" "$top/people.csv"
said "another key" --key "$other" "$top/bundle"

# The checkpoint that the bundle carries is extended by it; another is not.
for of in "$top" "$top/other"; do
	python3 -c 'import json, sys
sys.stdout.write(json.loads(sys.stdin.readline())["checkpoint"])' \
	    <"$of/bundle" >"$of/note"
done
$ours --key "$key" --since "$top/note" "$top/bundle" >/dev/null ||
    fail "ours: since its own checkpoint"
"$theirs" --key "$key" --since "$top/note" "$top/bundle" >/dev/null ||
    fail "theirs: since its own checkpoint"
said "does not show" --key "$key" --since "$top/other/note" "$top/bundle"
"$theirs" --key "$key" --since "$top/other/note" "$top/bundle" >/dev/null &&
    fail "theirs: since another's checkpoint"

# What was signed before the first record: everything of the log extends it.
sed -e '2s/.*/0/' -e "3s|.*|$(printf '' | openssl dgst -sha256 -binary |
    openssl base64)|" "$top/note" >"$top/note0"
$ours --key "$key" --since "$top/note0" "$top/bundle" >/dev/null ||
    fail "ours: since the start"
"$theirs" --key "$key" --since "$top/note0" "$top/bundle" >/dev/null ||
    fail "theirs: since the start"

# What stands beside a header that was signed is judged alike: line BYTES.
header() {
	python3 - "$top/bundle" "$top/header" "$1" <<'PY'
import json, sys
lines = open(sys.argv[1]).read().splitlines(True)
h = json.loads(lines[0])
exec(sys.argv[3])
lines[0] = json.dumps(h, separators=(",", ":"), ensure_ascii=False) + "\n"
open(sys.argv[2], "w").write("".join(lines))
PY
}
alike() {
	header "$2"
	rc_a=0
	rc_b=0
	$ours --key "$key" "$top/header" >"$top/a" 2>&1 || rc_a=$?
	"$theirs" --key "$key" "$top/header" >"$top/b" 2>&1 || rc_b=$?
	case $1.$rc_a.$rc_b in
	good.0.0 | bad.[1-9]*.1) return ;;
	esac
	fail "$1: $2: ours $rc_a, theirs $rc_b: $(cat "$top/a" "$top/b")"
}
alike good 'pass'
alike good 'h["rotations"] = ["nonsense", ""]'
alike bad 'h["more"] = 1'
alike bad 'h["rotations"] = [1]'
alike bad 'h["rotations"] = "x"'
alike bad 'del h["rotations"]'
alike bad 'h["to"] += 1'
alike bad 'h["from"] = True'
alike bad 'h["selection"] = 0'
alike bad 'h["since"] = {"note": h["checkpoint"], "proof": ["00"]}'
alike bad 'h["since"] = {"note": h["checkpoint"], "proof": [], "x": 1}'
alike good 'h["since"] = {"note": h["checkpoint"], "proof": []}'
alike bad 'h["since"] = {"note": h["checkpoint"]}'
alike bad 'h["checkpoint"] = h["checkpoint"][:-1]'
alike bad 'h["checkpoint"] += "\u2014  AAAAAAAA\n"'
alike good 'h["checkpoint"] += "\u2014 w AAAAAAAA\n"'
alike good 'h["checkpoint"] += "\u2014 w\u2028v AAAAAAAA\n"'
alike bad 'h["checkpoint"] += "\u2014 w AAAA\n"'
alike bad 'h["checkpoint"] += "\u2014 w A B\n"'
alike bad 'h["checkpoint"] += "\n"'
alike bad 'h["checkpoint"] += "x" * 70000'
alike bad 'h["vkey"] = h["vkey"].upper()'
alike bad 'h["format"] += "0"'

# Every tampering, and the record that must be named.
python3 - "$top" <<'PY'
import hashlib, json, sys
top = sys.argv[1]
lines = open(top + "/bundle").read().splitlines(True)
at = {json.loads(l)["entry"]["seq"]: i for i, l in enumerate(lines)
      if l.startswith('{"entry"')}
made = []

def make(name, record, with_):
    copy = list(lines)
    with_(copy)
    open("%s/t-%s" % (top, name), "w").write("".join(copy))
    made.append("%s %s" % (name, record))

def change(old, new, seq):
    def with_(copy):
        i = seq if seq < 0 else at[seq]
        assert old in copy[i], copy[i]
        copy[i] = copy[i].replace(old, new, 1)
    return with_

def forge(copy):
    r = json.loads(copy[at[77]])
    r["body"] = {"n": 1}
    r["entry"]["body"] = hashlib.sha256(
        bytes.fromhex(r["salt"]) + b'{"n":1}').hexdigest()
    copy[at[77]] = json.dumps(r, separators=(",", ":")) + "\n"

def forge_all(copy):
    forge(copy)
    entry = copy[at[77]][len('{"entry":'):copy[at[77]].index(',"salt"')]
    leaf = hashlib.sha256(b"\0" + entry.encode()).hexdigest()
    tile = json.loads(copy[1])
    tile["leaves"] = (tile["leaves"][:77 * 64] + leaf +
                      tile["leaves"][78 * 64:])
    copy[1] = json.dumps(tile, separators=(",", ":")) + "\n"

def swap(copy):
    copy[at[20]], copy[at[21]] = copy[at[21]], copy[at[20]]

def drop(seq):
    def with_(copy):
        del copy[at[seq]]
    return with_

def twice(copy):
    copy.insert(at[9], copy[at[9]])

def erase(copy):
    line = copy[at[500]]
    copy[at[500]] = line[:line.index(',"salt"')] + \
        ',"salt":null,"body":null}\n'

make("body", "record 300 ", change("corp", "COrp", 300))
make("time", "record 4 ", change('"at":"2026', '"at":"2025', 4))
make("kind", "record 5 ", change("step.done", "step.sent", 5))
make("space", "record 6:", change(',"salt"', ', "salt"', 6))
make("forged", "record 77 ", forge)
make("forged-with-its-hash", "records 0 to 255:", forge_all)
make("swapped", "record 20 ", swap)
make("dropped", "record 300 ", drop(300))
make("first-dropped", "record 0 ", drop(0))
make("last-dropped", "record 599 ", drop(599))
make("twice", "record 9 ", twice)
make("cut", "record 599 ", lambda copy: copy.__delitem__(slice(-2, None)))
make("checkpoint", "", lambda copy: copy.__setitem__(
    0, copy[0].replace("\\n600\\n", "\\n599\\n")))
make("stripped", "record 500 ", erase)
open(top + "/made", "w").write("\n".join(made) + "\n")
# A part of the log cannot show who erased a body.
copy = list(lines)
erase(copy)
copy[0] = copy[0].replace('"selection":false', '"selection":true')
open(top + "/erased", "w").write("".join(copy))
PY

tried=0
while read -r name record; do
	tried=$((tried + 1))
	$ours "$top/t-$name" >"$top/out" 2>/dev/null && fail "ours: $name"
	sed -n 's/^WRONG *line [0-9]*: //p' "$top/out" >"$top/a"
	"$theirs" "$top/t-$name" >"$top/out" && fail "theirs: $name"
	sed -n 's/^bad: //p' "$top/out" >"$top/b"
	for said in a b; do
		[ -s "$top/$said" ] || fail "$name: $said says nothing"
		case $(cat "$top/$said") in
		"$record"*) ;;
		*) fail "$name: $said: $(cat "$top/$said")" ;;
		esac
	done
done <"$top/made"
[ $tried -eq 14 ] || fail "$tried of 14 tamperings tried"

$ours "$top/erased" >/dev/null || fail "ours: erased"
"$theirs" "$top/erased" | grep -q "(1 erased, of 1 nothing in it says" ||
    fail "theirs: erased"
echo "ok: $tried tamperings named alike"
