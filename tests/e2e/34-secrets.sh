#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a first password is delivered once, works, and stands nowhere
# else; nor does the password that muster itself binds with.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
daemon_options=--debug
daemon_start

hr_file day1.csv <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
X
loaded hr day1.csv accepted
for u in ada.lovelace bob.builder cara.diaz; do
	soon "$u has a letter" has_letter $u
done
quiet
word=$(letter ada.lovelace)
now "it works" binds ada.lovelace "$word"
[ "$word" != "$(letter bob.builder)" ] || fail "two have the same"
[ ${#word} -ge 12 ] || fail "it is short"

# The processes, while they are there.
for p in /proc/[0-9]*; do
	grep -q -a "$builddir/muster" "$p/cmdline" 2>/dev/null || continue
	looked=yes
	for f in cmdline environ; do
		if grep -q -a -F -e "$word" -e "$BIND_PW" "$p/$f" \
		    2>/dev/null; then
			fail "a secret in $p/$f"
		fi
	done
done
[ -n "${looked:-}" ] || fail "the control: no process of muster was found"
m evidence checkpoint --sign >/dev/null
m evidence export "$work/bundle" >/dev/null
m backup "$work/backup.db" >/dev/null
for list in identity account holding event run step notice; do
	m $list list --json --all
done >"$work/lists"
m step list --json --all >>"$work/lists"

# Everything that muster has written, but the letters and its configuration.
hits() {
	grep -r -l -a -F -e "$1" "$work/state" "$work/musterd.log" \
	    "$work/bundle" "$work/backup.db" "$work/lists" 2>/dev/null || :
}
for secret in "$word" "$(letter bob.builder)" "$BIND_PW"; do
	[ -z "$(hits "$secret")" ] || fail "a secret in $(hits "$secret")"
done
[ -n "$(hits ada.lovelace)" ] || fail "the control: nothing is found there"
grep -q -F -e "$word" "$letters/corp.ada.lovelace.json" ||
    fail "the control: not in the letter"

# Once: a letter that was taken away is not written again.
rm "$letters/corp.ada.lovelace.json"
daemon_stop
daemon_start
quiet
if has_letter ada.lovelace; then
	fail "it was delivered twice"
fi
now "it still works" binds ada.lovelace "$word"
