#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the http provider serves a described system: finds before it
# makes, pages in every style, judges every answer, stays within its origin,
# and says "unknown" when a change may have happened.
set -eu
: "${builddir:?}" "${srcdir:?}"
work=$builddir/tests/e2e/11.work
rm -rf "$work"
mkdir -p "$work"
command -v python3 >/dev/null || { echo "no python3" >&2; exit 77; }
module=$builddir/providers/.libs/http.so

python3 "$srcdir/tests/peers/rest.py" "$work/port" 2>"$work/rest.err" &
server=$!
trap 'kill $server' EXIT
n=0
until [ -s "$work/port" ]; do
	n=$((n + 1))
	[ $n -lt 100 ] || { cat "$work/rest.err" >&2; exit 1; }
	sleep 0.05
done
# shellcheck disable=SC1091
. "$srcdir/tests/peers/table.sh"

# The delivered description, with operations that only tests need.
sed '$d' "$srcdir/contrib/http/rest.json" | sed '$d' >"$work/description"
cat >>"$work/description" <<'X'
,
"t:offset": { "request": { "path": "/users" },
  "paging": { "style": "offset", "param": "offset", "size_param": "limit" },
  "rows": ".body.items[] | { id }" },
"t:total": { "request": { "path": "/users" },
  "paging": { "style": "offset", "param": "offset", "total": "total" },
  "rows": ".body.items[] | { id }" },
"t:page": { "request": { "path": "/users" },
  "paging": { "style": "page", "param": "page", "size": 3 },
  "rows": ".body.items[] | { id }" },
"t:link": { "request": { "path": "/users" }, "paging": { "style": "link" },
  "rows": ".body.items[] | { id }" },
"t:next": { "request": { "path": "/users" },
  "paging": { "style": "next", "next": "next_url" },
  "rows": ".body.items[] | { id }" },
"t:evil": { "request": { "path": "/users", "query": { "evil": "1" } },
  "paging": { "style": "next", "next": "next_url" },
  "rows": ".body.items[] | { id }" },
"t:loop": { "request": { "path": "/users", "query": { "loop": "1" } },
  "paging": { "style": "cursor", "param": "cursor", "next": "next" },
  "rows": ".body.items[] | { id }" },
"t:fail": { "effect": "once",
  "request": { "method": "POST", "path": "/_fail", "body": "{in}" } },
"t:log": { "request": { "path": "/_log" }, "reply": "{ log: .body }" },
"t:once": { "request": { "method": "POST", "path": "/users",
  "body": "{in}" } },
"t:words": { "request": { "method": "POST", "path": "/users",
  "body": "{in}", "statuses": { "409": "already" } } },
"t:show": { "effect": "reads", "request": { "method": "POST",
  "path": "/echo", "headers": { "X-A": "v {a}" }, "query": { "q": "{a}",
  "filter": "x eq {a|quoted}" },
  "body": { "x": "{a}!", "y": "{n}", "z": ["{none}"], "b": "{{a}" } } }
} }
X
cat >"$work/start" <<X
{"system":"r","provider":"http","module":"$module","config":{
"url":"http://127.0.0.1:$(cat "$work/port")","max_body":100000,
"auth":{"type":"bearer","secret":"token-4711"},
"description":$(cat "$work/description")},
"settings":{"sandbox":"best-effort","verify":true}}
X

for i in 1 2 3 4 5 6 7; do
	printf '> {"verb":"account.ensure","in":{"name":"n%s",' $i
	printf '"attributes":{"mail":"m%s"}}}\n' $i
	printf '< "changed":true,"after":{"mail":"m%s"},"verified":true\n' $i
done | table make "$work/start"

table serve "$work/start" <<'X'
# Found by name: changed, not made again; a claim to create it conflicts.
> {"verb":"account.ensure","in":{"name":"n1","attributes":{"mail":"zz"}}}
< "id":"u1"
< "verified":true
> {"verb":"account.ensure","in":{"name":"n1","create_only":true}}
< "failure":"conflict"
> {"verb":"account.read","in":{"id":"u1"}}
< "attributes":{"mail":"zz"}
> {"verb":"account.list"}
< {"rows":7}
< "id":"u7","name":"n7","status":"active","attributes":{"mail":"m7"}
> {"verb":"account.list","in":{"digests":true}}
< {"rows":7}
! "attributes"
> {"verb":"account.disable","in":{"id":"u1"}}
< "verified":true
> {"verb":"account.read","in":{"id":"u1"}}
< "status":"disabled"
> {"verb":"account.delete","in":{"id":"u1"}}
< "verified":true
> {"verb":"account.delete","in":{"id":"u1"}}
< "failure":"gone"
> {"verb":"echo:post","in":{"a":1}}
< "out":{"changed":true}
X

table pages "$work/start" <<'X'
> {"verb":"t:offset"}
< {"rows":6}
> {"verb":"t:total"}
< {"rows":6}
> {"verb":"t:page"}
< {"rows":6}
> {"verb":"t:link"}
< {"rows":6}
> {"verb":"t:next"}
< {"rows":6}
> {"verb":"t:evil"}
< "failure":"input"
< not a path, nor a URL of
> {"verb":"t:loop"}
< names itself as the next page
X

table hostile "$work/start" <<'X'
> {"verb":"account.read","in":{"id":"../_log"}}
< GET /users/..%2F_log: HTTP 404
> {"verb":"account.read","in":{"id":".."}}
< "failure":"input"
> {"verb":"account.read","in":{}}
< {id}: missing
> {"verb":"t:show","in":{"a":"q\"&x","n":5}}
< "x": "q\"&x!", "y": 5, "z": [null], "b": "{a}"
< /echo?q=q%22%26x&filter=x%20eq%20%22q%5C%22%26x%22"
< "X-A": "v q\"&x"
> {"verb":"t:show","in":{"a":"x\r\nEvil: y","n":5}}
< "failure":"input"
X

# What each answer means.  Each failure is used up by the next call.
table judge "$work/start" <<'X'
> {"verb":"t:fail","in":{"how":"429"}}
> {"verb":"account.read","in":{"id":"u2"}}
< "failure":"busy"
< "after_ms":2000
> {"verb":"t:fail","in":{"how":"401"}}
> {"verb":"account.read","in":{"id":"u2"}}
< "failure":"denied"
> {"verb":"t:fail","in":{"how":"400"}}
> {"verb":"account.read","in":{"id":"u2"}}
< "failure":"input"
> {"verb":"t:fail","in":{"how":"500"}}
> {"verb":"echo:post","in":{"a":1}}
< "failure":"busy"
> {"verb":"t:fail","in":{"how":"500"}}
> {"verb":"t:once","in":{"name":"q"}}
< "failure":"unknown"
> {"verb":"t:fail","in":{"how":"lost"}}
> {"verb":"t:once","in":{"name":"q"}}
< "failure":"unknown"
# It had been made.
> {"verb":"t:once","in":{"name":"q"}}
< "failure":"conflict"
> {"verb":"t:words","in":{"name":"q"}}
< {"changed":false}
> {"verb":"t:fail","in":{"how":"empty","method":"POST"}}
> {"verb":"t:once","in":{"name":"r"}}
< "failure":"unknown"
> {"verb":"t:fail","in":{"how":"cut"}}
> {"verb":"account.disable","in":{"id":"u2"}}
< "failure":"unknown"
> {"verb":"t:fail","in":{"how":"hang"}}
> {"verb":"account.disable","deadline_ms":300,"in":{"id":"u2"}}
< "failure":"unknown"
> {"verb":"t:fail","in":{"how":"hang"}}
> {"verb":"account.read","deadline_ms":300,"in":{"id":"u2"}}
< "failure":"busy"
> {"verb":"t:fail","in":{"how":"huge"}}
> {"verb":"account.read","in":{"id":"u2"}}
< answer of more than 100000 bytes
> {"verb":"t:fail","in":{"how":"redirect"}}
> {"verb":"account.read","in":{"id":"u2"}}
< redirects are not followed
# Read-back that differs is told, and is no success that was verified.
> {"verb":"t:fail","in":{"how":"500","method":"GET"}}
> {"verb":"account.enable","in":{"id":"u2"}}
< "changed":true,"verified":false,"how":"not read back"
# A listing whose second page fails is no listing.
> {"verb":"t:fail","in":{"how":"404","method":"GET","skip":1}}
> {"verb":"t:next"}
< "failure":"input"
> {"verb":"t:log"}
< "log":
X

# No request that may do harm twice was sent twice: 7 made, 5 tried.
[ "$(grep -o 'POST /users"' "$work/judge.out" | wc -l)" -eq 12 ] || {
	echo "not 7 + 5 posts" >&2
	bad=$((bad + 1))
}

# Nobody listens: certainly not done.
sed 's|http://127.0.0.1:[0-9]*|http://127.0.0.1:1|' "$work/start" \
    >"$work/nobody"
table nobody "$work/nobody" <<'X'
> {"verb":"t:once","in":{"name":"q"}}
< "failure":"busy"
X

# What is wrong in a description is found by check, with its place.
check() {
	printf '{"url":"%s","description":%s}' "$1" "$2" >"$work/config"
	if "$builddir/muster-worker" --check "$module" "$work/config" \
	    2>"$work/check.err"; then
		echo "taken: $*" >&2
		bad=$((bad + 1))
	elif ! grep -qF "$3" "$work/check.err"; then
		echo "check: wants \"$3\":" >&2
		cat "$work/check.err" >&2
		bad=$((bad + 1))
	fi
}
op() { printf '{"operations":{"%s":%s}}' "$1" "$2"; }
u=https://192.0.2.1
check http://192.0.2.1 "$(op a:b '{"request":{"path":"/"}}')" 'http://'
check ftp://192.0.2.1 "$(op a:b '{"request":{"path":"/"}}')" 'url: '
check $u '{}' 'operations: missing'
check $u "$(op nope '{"request":{"path":"/"}}')" 'operations.nope: '
check $u "$(op a:b '{"request":{}}')" 'operations.a:b.request.path: missing'
check $u "$(op a:b '{"request":{"path":"/{x"}}')" 'a:b.request.path: '
check $u "$(op a:b '{"request":{"path":"/"},"reply":".x | nope"}')" \
    'operations.a:b.reply: '
check $u "$(op a:b '{"request":{"path":"/"},"reply":"( .x"}')" \
    'operations.a:b.reply: '
check $u "$(op account.list '{"request":{"path":"/"}}')" 'rows: missing'
check $u "$(op a:b '{"request":{"path":"/","statuses":{"99":"ok"}}}')" \
    'statuses: 99'
for f in rest scim; do
	printf '{"url":"%s","description":%s}' $u \
	    "$(cat "$srcdir/contrib/http/$f.json")" >"$work/config"
	"$builddir/muster-worker" --check "$module" "$work/config" ||
	    bad=$((bad + 1))
done

if grep -l token-4711 "$work"/*.err; then
	echo "a secret came out" >&2
	bad=$((bad + 1))
fi
[ $bad -eq 0 ]
