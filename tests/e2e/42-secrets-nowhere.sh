#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that no secret stands where it has no business: not in the store,
# the log, the evidence, the API's answers, /proc or a core image of musterd.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
receiver=
receiver_end() {
	rc=$?
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || :
	set +e
	(exit $rc)
	house_end
}
trap receiver_end EXIT

house_begin

# Planted: the key of a webhook and the first passwords, which a program
# takes.  That of the directory's account is random, and known from its file.
printf 'Planted+Hook/Key-%s' "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" \
    >"$work/hook.key"
chmod 600 "$work/hook.key"
python3 "$srcdir/tests/peers/webhook.py" "$work/hook.port" "$work/hook.got" \
    "$work/hook.key" 2>"$work/hook.err" &
receiver=$!
within 10 test -s "$work/hook.port" || fail "the receiver does not start"
mkdir -m 700 "$letters"
cat >"$work/postman" <<X
#!/bin/sh
exec cat >"\$(mktemp '$letters/XXXXXX')"
X
chmod 755 "$work/postman"
python3 - "$set" "$work" <<'X'
import json
import sys
set_, work = sys.argv[1:]
port = open(f"{work}/hook.port").read()
def edit(name, change):
    text = json.load(open(f"{set_}/{name}"))
    change(text)
    json.dump(text, open(f"{set_}/{name}", "w"))
edit("muster.json", lambda c: c.update(channels=[
    {"name": "web", "type": "webhook", "secret_file": f"{work}/hook.key",
     "url": f"http://127.0.0.1:{port}/in"}]))
edit("roles/employee.json", lambda r: r["accounts"]["corp/primary"].update(
    deliver="exec", deliver_to=f"{work}/postman"))
X
daemon_options=--debug
daemon_start

# Everything that handles one is used: joiners, a leaver, a notice, a
# reconcile, a backup, and a file that is refused.
hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
have() { [ "$(find "$letters" -type f -size +0 | wc -l)" -eq "$1" ]; }
soon "three letters" have 3
quiet
m event add hr --key 2 --event leaver --cause for_cause >/dev/null
soon "bob is not locked" is_locked bob.builder
printf 'id,first,last\n1,Ada' >"$work/cut.csv"
if m feed load hr "$work/cut.csv" >/dev/null 2>&1; then
	fail "half a file was taken"
fi
notice_sent() { [ "$(ask notice | rows state | sort -u)" = sent ]; }
soon "the webhook heard nothing" notice_sent
m reconcile --wait >/dev/null 2>&1 || :
m backup "$work/backup.db" >/dev/null
quiet

{
	echo "bind-password $BIND_PW"
	echo "webhook-key $(cat "$work/hook.key")"
	cat "$letters"/* | python3 -c 'import json, sys
decoder, text, n = json.JSONDecoder(), sys.stdin.read(), 0
while text.strip():
    letter, end = decoder.raw_decode(text.strip())
    text, n = text.strip()[end:], n + 1
    print("first-password-%d" % n, letter["secret"])'
} >"$work/needles"
[ "$(wc -l <"$work/needles")" -eq 5 ] || fail "not all secrets are known"
sed -n 's/^first-password-. //p' "$work/needles" >"$work/passwords"
while read -r password; do
	binds ada.lovelace "$password" && worked=yes
done <"$work/passwords"
[ "${worked:-no}" = yes ] || fail "the control: no letter has ada's password"
# What is no secret, and must be found by the same search.
echo "family-name Lovelace" >"$work/plain"

# search WHAT FILE...: finds no secret there, and the plain value.
search_in() {
	what=$1
	shift
	python3 "$srcdir/tests/e2e/needles.py" "$work/needles" "$@" \
	    >"$work/found" || {
		cat "$work/found" >&2
		fail "a secret in $what"
	}
	[ "${plain:-yes}" = no ] ||
	    ! python3 "$srcdir/tests/e2e/needles.py" "$work/plain" "$@" \
	    >/dev/null || fail "the control: no name in $what"
}

# The API, every list and every row of it, and the numbers.
for what in identity affiliation account holding name feed load event run \
    step case hold debt plan scan finding system waiver role workflow \
    notice evidence; do
	ask "$what" >>"$work/answers" || fail "muster $what list"
	for id in $(ask "$what" | rows id | sed -n 1,3p); do
		m "$what" show "$id" --json >>"$work/answers" 2>/dev/null || :
	done
done
m status --json >>"$work/answers"
search_in "an answer of the API" "$work/answers"

# The processes, while the directory's worker lives.
mkdir "$work/proc"
cat /proc/"$daemon"/task/*/children | tr ' ' '\n' >"$work/children"
while read -r child; do
	cp "/proc/$child/cmdline" "$work/proc/$child.cmdline"
	cp "/proc/$child/environ" "$work/proc/$child.environ"
done <"$work/children"
[ -s "$work/children" ] || fail "no child to look at"
cp "/proc/$daemon/cmdline" "$work/proc/musterd.cmdline"
cp "/proc/$daemon/environ" "$work/proc/musterd.environ"
plain=no search_in "/proc" "$work"/proc/*
grep -qa "$set" "$work/proc/musterd.cmdline" || fail "the control: arguments"

# Memory as a core image would show it; a sanitizer's is too large.
if [ "${sanitized:-no}" = yes ]; then
	say "no core image: a sanitizer's memory is too large"
elif gdb -batch -p "$daemon" -ex "gcore $work/core" >"$work/gdb.log" 2>&1 &&
    [ -s "$work/core" ]; then
	search_in "a core image" "$work/core"
	rm -f "$work/core"
else
	say "no core image: $(command -v gdb >/dev/null &&
	    tail -n 1 "$work/gdb.log" || echo 'no gdb')"
fi

m evidence checkpoint --sign >/dev/null
m evidence export "$work/bundle" >/dev/null || fail "evidence export"
search_in "a bundle of evidence" "$work/bundle"
daemon_stop
search_in "the backup" "$work/backup.db"
find "$work/state" -type f ! -name master.key >"$work/files"
# shellcheck disable=SC2046
search_in "the store and its folder" $(cat "$work/files")
plain=no search_in "the log" "$work/musterd.log"
grep -q 'configuration' "$work/musterd.log" || fail "the control: the log"

# The search itself sees what was hidden in any of its forms.
for form in 'cat' 'base64 -w0' 'od -An -v -tx1' ; do
	{ printf 'ab'; head -n 1 "$work/passwords" | tr -d '\n'; } |
	    $form | tr -d ' \n' >"$work/hidden"
	if python3 "$srcdir/tests/e2e/needles.py" "$work/needles" \
	    "$work/hidden" >/dev/null; then
		fail "the control: hidden by $form"
	fi
done
