#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by end-to-end tests: a small house with one directory (a real
# slapd), one musterd of this user's own, and what a test asks of them.
# Everything is below $work; only the socket, whose path must be short, is
# in a folder of its own.
set -eu
: "${builddir:?}" "${srcdir:?}"
name=$(basename "$0" .sh)
work=$builddir/tests/e2e/$name.work
set=$work/set
letters=$work/letters
peer=$srcdir/tests/peers/slapd.sh
MUSTER_LIBEXECDIR=$builddir
MUSTER_PROVIDERDIR=$builddir/providers/.libs
export MUSTER_LIBEXECDIR MUSTER_PROVIDERDIR
daemon=

command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
short=$(mktemp -d)
MUSTER_SOCKET=$short/s
export MUSTER_SOCKET
trap 'house_end' EXIT
trap 'exit 1' INT TERM

m() { "$builddir/muster" "$@"; }

fail() {
	echo "$name: $*" >&2
	tail -n 20 "$work/musterd.log" >&2 2>/dev/null || :
	exit 1
}

say() { echo "$name: $*"; }

# --- the directory

directory_begin() {
	rc=0
	sh "$peer" start "$work/slapd" fast || rc=$?
	[ $rc -eq 0 ] || exit $rc
	# shellcheck disable=SC1091
	. "$work/slapd/env"
	for g in everybody eng sales ops; do
		printf '%s\n' "dn: cn=$g,ou=groups,$BASE" \
		    "objectClass: groupOfNames" "cn: $g" \
		    "member: cn=empty,ou=groups,$BASE" ""
	done | by_hand ldapadd
}

directory_stop() { sh "$peer" stop "$work/slapd"; }
directory_again() { sh "$peer" restart "$work/slapd"; }

# Somebody else changes the directory: by_hand ldapmodify <LDIF.
by_hand() {
	LDAPTLS_CACERT=$CA "$@" -x -ZZ -H "$URL" -D "$BIND_DN" \
	    -w "$BIND_PW" >>"$work/by_hand.log" 2>&1
}

search() {
	LDAPTLS_CACERT=$CA ldapsearch -x -ZZ -LLL -o ldif-wrap=no -H "$URL" \
	    -D "$BIND_DN" -w "$BIND_PW" -b "$BASE" "$@"
}

entry() { search "(uid=$1)" '*' entryUUID memberOf pwdAccountLockedTime; }
has_entry() { entry "$1" | grep -q '^dn:'; }
no_entry() { ! has_entry "$1"; }
attribute() { search "(uid=$1)" "$2" | sed -n "s/^$2: //p"; }
is_in() { attribute "$1" memberOf | grep -qi "^cn=$2,"; }
not_in() { ! is_in "$1" "$2"; }
is_locked() { [ -n "$(attribute "$1" pwdAccountLockedTime)" ]; }
not_locked() { has_entry "$1" && ! is_locked "$1"; }
people() { search "(objectClass=inetOrgPerson)" uid | grep -c '^uid:' || :; }

# A real bind.  With a wrong password it must fail: see a test's control.
binds() {
	LDAPTLS_CACERT=$CA ldapwhoami -x -ZZ -H "$URL" \
	    -D "uid=$1,ou=people,$BASE" -w "$2" >/dev/null 2>&1
}

refused() { ! binds "$1" "$2"; }

# The first password, as it was delivered.
letter() {
	sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' "$letters/corp.$1.json"
}

has_letter() { [ -s "$letters/corp.$1.json" ]; }

# --- the house

hr_map='{key: .id, kind: "person", affiliation: "employee",
 start: .start, end: (if .end == "" then null else .end end),
 status: (if .status == "" then null else .status end),
 manager: (if .manager == "" then null else .manager end),
 display: (.first + " " + .last),
 attributes: {given: .first, family: .last, department: .department}}'
service_map='{key: .id, kind: "service", display: .name, owner: .owner,
 purpose: .purpose, attributes: {name: .name}}'
hr_columns=id,first,last,department,manager,status,start,end

one_line() { tr '\n' ' ' | sed 's/["\\]/\\&/g'; }

# A configuration set; what a test wants otherwise it changes in its files.
set_write() {
	mkdir -p "$set/systems" "$set/roles" "$set/feeds" "$set/workflows"
	cp "$srcdir"/contrib/defaults/workflows/*.json "$set/workflows/"
	chmod -R u+w "$set"
	printf %s "$BIND_PW" >"$set/ldap.pw"
	chmod 600 "$set/ldap.pw"
	cat >"$set/muster.json" <<-X
	{ "instance": "test", "state": "$work/state",
	"sandbox": "best-effort",
	"guards": [
		{ "effect": "disable", "max": 3 },
		{ "effect": "remove", "max": 5 } ],
	"mass_people": 1,
	"names": { "pattern": "[.given, .family] | map(select(. != null) | ascii_downcase) | select(length == 2) | [\"\\\\(.[0]).\\\\(.[1])\", \"\\\\(.[0]).\\\\(.[1])2\"]" } }
	X
	cat >"$set/systems/corp.json" <<-X
	{ "system": "corp", "provider": "ldap", "mode": "enforce",
	"url": "$URL", "ca": "$CA", "base": "$BASE",
	"people": "ou=people,$BASE", "groups": "ou=groups,$BASE",
	"bind": { "dn": "$BIND_DN", "password": { "file": "ldap.pw" } },
	"group": { "placeholder": "cn=empty,ou=groups,$BASE" },
	"settle": "1s", "backoff": "200ms", "backoff_max": "1s",
	"breaker_pause": "1s", "timeout": "10s", "ahead": 3 }
	X
	roles_write
	feeds_write
}

roles_write() {
	cat >"$set/roles/employee.json" <<-X
	{ "role": "employee", "when": ".kind == \"person\"",
	"accounts": { "corp/primary": {
		"attributes": { "cn": ".display", "sn": ".family",
			"givenName": ".given",
			"departmentNumber": ".department" },
		"password": "generate", "deliver": "file",
		"deliver_to": "$letters" } },
	"entitlements": { "corp/primary": [ "cn=everybody" ] } }
	X
	for r in Engineering:eng Sales:sales Operations:ops; do
		cat >"$set/roles/${r#*:}.json" <<-X
		{ "role": "${r#*:}",
		"when": ".department == \"${r%:*}\"",
		"entitlements": { "corp/primary": [ "cn=${r#*:}" ] } }
		X
	done
	cat >"$set/roles/service.json" <<-X
	{ "role": "service", "when": ".kind == \"service\"",
	"accounts": { "corp/service": { "id": "\"svc-\" + .name",
		"attributes": { "cn": ".display", "sn": ".display",
			"description": ".purpose" } } } }
	X
}

feeds_write() {
	cat >"$set/feeds/hr.json" <<-X
	{ "feed": "hr", "format": "csv", "as": "snapshot",
	"columns": [ "id", "first", "last", "department", "start", "end" ],
	"map": "$(echo "$hr_map" | one_line)",
	"absent_leaves": true, "min_rows": 3, "overlap": 50,
	"max_bad": 40 }
	X
	cat >"$set/feeds/services.json" <<-X
	{ "feed": "services", "format": "csv", "as": "snapshot",
	"columns": [ "id", "name", "owner", "purpose" ],
	"map": "$(echo "$service_map" | one_line)" }
	X
	cat >"$set/feeds/news.json" <<-X
	{ "feed": "news", "format": "jsonl", "as": "events", "map": "." }
	X
}

house_begin() {
	directory_begin
	set_write
}

house_end() {
	rc=$?
	trap - EXIT
	daemon_stop || rc=1
	[ ! -f "$work/slapd/env" ] || directory_stop || :
	rm -rf "$short"
	exit $rc
}

# --- the daemon

daemon_start() {
	# shellcheck disable=SC2086
	"$builddir/musterd" --private --config "$set" --socket \
	    "$MUSTER_SOCKET" ${daemon_options:-} >>"$work/musterd.log" 2>&1 &
	daemon=$!
	within 20 m status >/dev/null 2>&1 || fail "musterd does not start"
}

# Ends it and looks at its exit status.
daemon_stop() {
	[ -n "$daemon" ] || return 0
	kill "$daemon" 2>/dev/null || :
	rc_daemon=0
	wait "$daemon" || rc_daemon=$?
	daemon=
	[ $rc_daemon -eq 0 ] || {
		echo "$name: musterd ended with $rc_daemon" >&2
		tail -n 5 "$work/musterd.log" >&2
		return 1
	}
}

daemon_kill() {
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null || :
	daemon=
}

# --- waiting and asking

# within SECONDS COMMAND...: until it is true.
within() {
	until_then=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -le "$until_then" ] || return 1
		sleep 0.1
	done
}

# soon WHAT COMMAND...: it becomes true, or the test fails and says WHAT.
soon() {
	what=$1
	shift
	within "${patience:-20}" "$@" || {
		m run list >&2 || :
		m case list >&2 || :
		fail "$what"
	}
}

# is VALUE COMMAND...: it prints just that.
is() {
	value=$1
	shift
	[ "$("$@")" = "$value" ]
}

# some COMMAND...: it prints something.
some() { [ -n "$("$@")" ]; }
none() { [ -z "$("$@")" ]; }

# now WHAT COMMAND...: it is true.
now() {
	what=$1
	shift
	"$@" || fail "$what"
}

# rows MEMBER [NAME=VALUE...]: of the JSON rows on standard input.
rows() { python3 "$srcdir/tests/e2e/rows.py" "$@"; }
# ask LIST [FILTERS...]: all rows of a list, as JSON.
ask() {
	what=$1
	shift
	m "$what" list --json --all "$@"
}

# Nothing is open, in flight or about to be.
still() {
	m status --json >"$work/status" || return 1
	grep -q '"events":{"n":0}.*"runs":\[\].*"in_flight":0' "$work/status" &&
	    sed 's/.*"evidence":\([0-9]*\).*/\1/' "$work/status"
}

is_quiet() {
	before=$(still) && sleep 0.4 && [ "$(still)" = "$before" ]
}

quiet() { soon "it does not come to rest" is_quiet; }

# --- HR

# hr FILE: a file of people from lines without the heading.
hr_file() { { echo "$hr_columns"; cat; } >"$work/$1"; }

# load FEED FILE: hands it in, waits for the judgement, says its state.
load() {
	m feed load "$1" "$work/$2" --wait --json >"$work/load.json" \
	    2>"$work/load.err" || :
	rows state <"$work/load.json"
}

# The last load of a feed is in this state.
loaded() {
	is=$(load "$1" "$2")
	[ "$is" = "$3" ] || {
		cat "$work/load.json" "$work/load.err" >&2
		fail "$2: $is, and not $3"
	}
}

day() { date -u -d "$1" +%Y-%m-%d; }

# four_come FILE: Ada leads Engineering, Dan works there, Bob and Cara in
# Sales; they come, and get their first passwords.
four_come() {
	hr_file "$1" <<X
1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
4,Dan,Evans,Engineering,1,,2020-01-01,
X
	loaded hr "$1" accepted
	for u in ada.lovelace bob.builder cara.diaz dan.evans; do
		soon "$u has no letter" has_letter $u
		soon "$u in everybody" is_in $u everybody
	done
	quiet
}
