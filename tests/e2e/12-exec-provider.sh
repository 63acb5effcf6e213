#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the exec provider runs a program without a shell, within bounds,
# confined, and never takes silence or noise for success.
set -eu
: "${builddir:?}" "${srcdir:?}"
work=$builddir/tests/e2e/12.work
rm -rf "$work"
mkdir -p "$work/may"
# shellcheck disable=SC1091
. "$srcdir/tests/peers/table.sh"

cat >"$work/program" <<'X'
#!/bin/sh
read -r line
name=$(printf %s "$line" | sed -n 's/.*"name":"\([^"]*\)".*/\1/p')
case $line in *'"verb":"account.list"'*) name=rows ;; esac
case $name in
crash) kill -SEGV $$ ;;
exit) exit 3 ;;
garbage) echo nonsense ;;
flood) yes ;;
hang) sleep 77 & sleep 78 ;;
stray) setsid sleep 80 >/dev/null 2>&1 &
	(setsid sh -c 'sleep 81 & exec setsid sleep 82' >/dev/null 2>&1 &)
	sleep 0.2
	echo '{"out":{"id":"1","name":"stray"}}' ;;
closed) exec >&-; sleep 79 ;;
busy) echo '{"failure":"busy","text":"later","after_ms":70}' ;;
odd) echo '{"failure":"bug"}' ;;
two) echo '{"out":{}}{"out":{}}' ;;
env) printf '{"out":{"env":"%s","args":"%s"}}' "$(env | sort | tr '\n' ' ')" "$*" ;;
config) printf '{"out":{"n":%s}}' "$(printf %s "$line" | grep -c '"config":{"a":1,"b":"clear"}')" ;;
write) (echo x >"$1/evil") 2>/dev/null && w=yes || w=no
	(echo x >"$1/may/good") 2>/dev/null && v=yes || v=no
	echo "{\"out\":{\"evil\":\"$w\",\"good\":\"$v\"}}" ;;
rows) echo '{"out":{"rows":[{"id":"1","status":"active"},{"id":"2","status":"active"}]}}' ;;
*) echo "{\"out\":{\"id\":\"1\",\"name\":\"$name\",\"changed\":true,\"verified\":true}}" ;;
esac
X
chmod +x "$work/program"
cat >"$work/start" <<X
{"system":"x","provider":"exec","module":"$builddir/providers/.libs/exec.so",
"config":{"program":"$work/program","args":["$work","; touch $work/evil"],
"settings":{"a":1},"secrets":{"b":"clear"},"writes":["$work/may"],
"reads":["$work"],
"ops":[{"verb":"account.list"},{"verb":"x:do"},
{"verb":"account.ensure","effect":"repeatable"},
{"verb":"account.read","effect":"reads"}]},
"settings":{"sandbox":"best-effort","verify":true}}
X
table run "$work/start" <<X
> {"verb":"account.ensure","in":{"name":"n"}}
< "out":{"id":"1","name":"n","changed":true,"verified":true}
> {"verb":"account.list"}
< [{"id":"1","status":"active"},{"id":"2","status":"active"}]
< {"rows":2}
# What has not the shape of its verb is no answer.
> {"verb":"account.read","in":{"name":"n"}}
< "failure":"busy"
> {"verb":"account.ensure","in":{"name":"crash"}}
< "failure":"unknown"
> {"verb":"account.read","in":{"name":"exit"}}
< "failure":"busy"
< exit status 3
> {"verb":"account.ensure","in":{"name":"garbage"}}
< "failure":"unknown"
> {"verb":"account.ensure","in":{"name":"two"}}
< "failure":"unknown"
> {"verb":"account.ensure","in":{"name":"flood"}}
< "failure":"unknown"
< bytes of output
> {"verb":"account.ensure","deadline_ms":700,"in":{"name":"hang"}}
< "failure":"unknown"
< did not end in time
> {"verb":"account.read","deadline_ms":700,"in":{"name":"closed"}}
< "failure":"busy"
< did not end in time
# What left the group and the session ends with the call as well.
> {"verb":"account.ensure","in":{"name":"stray"}}
< "name":"stray"
> {"verb":"account.ensure","in":{"name":"busy"}}
< "failure":"busy","text":"later","after_ms":70
> {"verb":"account.ensure","in":{"name":"odd"}}
< "failure":"unknown"
> {"verb":"x:do","in":{"name":"env"}}
< "args":"$work ; touch $work/evil"
< PATH=/usr/bin:/bin
! builddir
! HOME=/root
> {"verb":"x:do","in":{"name":"config"}}
< "n":1
> {"verb":"account.ensure","in":{"name":"n"}}
< "changed":true
X

if [ -e "$work/evil" ]; then
	echo "an argument reached a shell" >&2
	bad=$((bad + 1))
fi
for s in 77 78 79 80 81 82; do
	for p in /proc/[0-9]*/cmdline; do
		if grep -qsz "^sleep$" "$p" && grep -qsz "^$s$" "$p"; then
			echo "sleep $s outlived its call" >&2
			bad=$((bad + 1))
		fi
	done
done

# With Landlock it writes where it may, and nowhere else; without the
# sandbox, the control, it writes both.
table write "$work/start" <<'X'
> {"verb":"x:do","in":{"name":"write"}}
< "good":"yes"
X
if sed -n 1p "$work/write.raw" | grep -q '"sandbox":"landlock'; then
	grep -q '"evil":"no"' "$work/write.out" || bad=$((bad + 1))
fi
sed 's/best-effort/off/' "$work/start" >"$work/free"
table free "$work/free" <<'X'
> {"verb":"x:do","in":{"name":"write"}}
< "evil":"yes","good":"yes"
X
[ $bad -eq 0 ]
