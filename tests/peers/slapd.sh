#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private slapd for tests and the quickstart: own CA, StartTLS and ldaps on
# free ports of 127.0.0.1, overlays ppolicy, memberof, refint and unique.
#
#   slapd.sh start DIR [fast]   fast: without syncing to disk
#   slapd.sh restart DIR        after stop or a kill, on the same ports
#   slapd.sh stop DIR
#
# start empties DIR and writes DIR/env, to be sourced: URL (StartTLS),
# LDAPS_URL, CA, BASE, BIND_DN, BIND_PW, PID.  Works as any user.  Ends with
# 77, and says why, where slapd is not installed.
set -eu

say() { echo "slapd.sh: $*" >&2; }

find_slapd() {
	PATH=$PATH:/usr/sbin:/usr/libexec:/usr/lib/openldap
	for p in slapd slapadd ldapsearch openssl; do
		command -v "$p" >/dev/null 2>&1 || {
			say "no $p (Debian: slapd, ldap-utils, openssl)"
			exit 77
		}
	done
	for schema in /etc/ldap/schema /etc/openldap/schema; do
		[ -f "$schema/inetorgperson.ldif" ] && return
	done
	say "no schema files of OpenLDAP"
	exit 77
}

# Two ports below those of outgoing connections; slapd says if one is taken.
ports() {
	seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
	port=$((20000 + (seed + $1 * 7919) % 6000))
	sport=$((port + 6000))
}

certificates() {
	t=$1
	mkdir -p "$t"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -keyout "$t/ca.key" -out "$t/ca.crt" -days 30 \
	    -subj "/CN=Test CA" \
	    -addext basicConstraints=critical,CA:TRUE \
	    -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	    -keyout "$t/server.key" -out "$t/server.csr" \
	    -subj "/CN=localhost" 2>/dev/null
	cat >"$t/ext" <<-X
	subjectAltName=DNS:localhost,IP:127.0.0.1
	extendedKeyUsage=serverAuth
	basicConstraints=CA:FALSE
	X
	openssl x509 -req -in "$t/server.csr" -CA "$t/ca.crt" \
	    -CAkey "$t/ca.key" -CAcreateserial -days 30 -extfile "$t/ext" \
	    -out "$t/server.crt" 2>/dev/null
	chmod 600 "$t/ca.key" "$t/server.key"
}

config() {
	modules=/usr/lib/ldap
	[ -d "$modules" ] || modules=/usr/lib64/openldap
	cat <<-X
	dn: cn=config
	objectClass: olcGlobal
	cn: config
	olcPidFile: $dir/slapd.pid
	olcLogLevel: none
	olcThreads: 8
	olcTLSCACertificateFile: $dir/tls/ca.crt
	olcTLSCertificateFile: $dir/tls/server.crt
	olcTLSCertificateKeyFile: $dir/tls/server.key
	olcTLSVerifyClient: never
	olcTLSProtocolMin: 3.3

	dn: cn=module{0},cn=config
	objectClass: olcModuleList
	cn: module{0}
	olcModulePath: $modules
	olcModuleLoad: back_mdb
	olcModuleLoad: ppolicy
	olcModuleLoad: memberof
	olcModuleLoad: refint
	olcModuleLoad: unique

	dn: cn=schema,cn=config
	objectClass: olcSchemaConfig
	cn: schema

	include: file://$schema/core.ldif
	include: file://$schema/cosine.ldif
	include: file://$schema/inetorgperson.ldif
	include: file://$schema/nis.ldif

	dn: olcDatabase={-1}frontend,cn=config
	objectClass: olcDatabaseConfig
	objectClass: olcFrontendConfig
	olcDatabase: {-1}frontend
	olcSizeLimit: size.soft=500 size.hard=1000 size.prtotal=unlimited
	olcAccess: {0}to dn.base="" by * read
	olcAccess: {1}to dn.base="cn=Subschema" by * read

	dn: olcDatabase={0}config,cn=config
	objectClass: olcDatabaseConfig
	olcDatabase: {0}config

	dn: olcDatabase={1}mdb,cn=config
	objectClass: olcDatabaseConfig
	objectClass: olcMdbConfig
	olcDatabase: {1}mdb
	olcSuffix: $base
	olcRootDN: cn=admin,$base
	olcDbDirectory: $dir/db
	olcDbMaxSize: 4294967296
	olcDbNoSync: $nosync
	olcDbIndex: objectClass,uid,cn eq
	olcDbIndex: uidNumber,gidNumber,employeeNumber eq
	olcDbIndex: member,memberUid,memberOf eq
	olcDbIndex: entryCSN,entryUUID eq
	olcLimits: {0}dn.exact="$bind" size.soft=500 size.hard=soft
	  size.prtotal=unlimited time=unlimited
	olcAccess: {0}to attrs=userPassword
	  by dn.exact="$bind" =xw by self =xw by anonymous auth by * none
	olcAccess: {1}to *
	  by dn.exact="$bind" write by self read by users read by * none

	dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config
	objectClass: olcOverlayConfig
	objectClass: olcPPolicyConfig
	olcOverlay: {0}ppolicy
	olcPPolicyDefault: cn=default,ou=policies,$base
	olcPPolicyHashCleartext: TRUE
	olcPPolicyUseLockout: TRUE

	dn: olcOverlay={1}memberof,olcDatabase={1}mdb,cn=config
	objectClass: olcOverlayConfig
	objectClass: olcMemberOfConfig
	olcOverlay: {1}memberof
	olcMemberOfRefInt: TRUE
	olcMemberOfDangling: error

	dn: olcOverlay={2}refint,olcDatabase={1}mdb,cn=config
	objectClass: olcOverlayConfig
	objectClass: olcRefintConfig
	olcOverlay: {2}refint
	olcRefintAttribute: member
	olcRefintAttribute: manager
	olcRefintAttribute: seeAlso
	olcRefintNothing: cn=empty,ou=groups,$base

	dn: olcOverlay={3}unique,olcDatabase={1}mdb,cn=config
	objectClass: olcOverlayConfig
	objectClass: olcUniqueConfig
	olcOverlay: {3}unique
	olcUniqueURI: ldap:///ou=people,$base?uid?sub
	olcUniqueURI: ldap:///ou=people,$base?uidNumber?sub
	X
}

content() {
	hash=$(slappasswd -s "$password")
	cat <<-X
	dn: $base
	objectClass: dcObject
	objectClass: organization
	dc: example
	o: Example

	dn: ou=people,$base
	objectClass: organizationalUnit
	ou: people

	dn: ou=groups,$base
	objectClass: organizationalUnit
	ou: groups

	dn: cn=empty,ou=groups,$base
	objectClass: organizationalRole
	cn: empty

	dn: ou=services,$base
	objectClass: organizationalUnit
	ou: services

	dn: ou=policies,$base
	objectClass: organizationalUnit
	ou: policies

	dn: cn=default,ou=policies,$base
	objectClass: device
	objectClass: pwdPolicy
	cn: default
	pwdAttribute: userPassword
	pwdMinLength: 8
	pwdCheckQuality: 1
	pwdInHistory: 3
	pwdLockout: TRUE
	pwdMaxFailure: 5
	pwdLockoutDuration: 900
	pwdMustChange: FALSE
	pwdAllowUserChange: TRUE

	dn: $bind
	objectClass: account
	objectClass: simpleSecurityObject
	uid: svc-muster
	userPassword: $hash
	X
}

# Gone, or a zombie that nobody has reaped.
is_dead() {
	[ -d "/proc/$1" ] || return 0
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	''|Z*|X*) return 0 ;;
	esac
	return 1
}

# Starts it and waits until it answers; false if it ended instead.
serve() {
	slapd -F "$dir/slapd.d" -d 0 \
	    -h "ldap://127.0.0.1:$port/ ldaps://127.0.0.1:$sport/" \
	    >"$dir/log" 2>&1 </dev/null &
	pid=$!
	n=0
	until ldapsearch -x -H "ldap://127.0.0.1:$port" -b "" -s base 1.1 \
	    >/dev/null 2>&1 && [ -s "$dir/slapd.pid" ]; do
		n=$((n + 1))
		if is_dead "$pid"; then return 1; fi
		if [ $n -gt 200 ]; then kill "$pid"; return 1; fi
		sleep 0.05
	done
	! is_dead "$pid"
}

write_env() {
	cat >"$dir/env.new" <<-X
	URL=ldap://127.0.0.1:$port
	LDAPS_URL=ldaps://127.0.0.1:$sport
	CA=$dir/tls/ca.crt
	BASE=$base
	BIND_DN=$bind
	BIND_PW=$password
	PID=$pid
	X
	mv "$dir/env.new" "$dir/env"
}

start() {
	find_slapd
	rm -rf "$dir"
	mkdir -p "$dir/slapd.d" "$dir/db"
	dir=$(cd "$dir" && pwd)
	base=dc=example,dc=test
	bind=uid=svc-muster,ou=services,$base
	password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	certificates "$dir/tls"
	config >"$dir/config.ldif"
	content >"$dir/content.ldif"
	slapadd -n 0 -F "$dir/slapd.d" -l "$dir/config.ldif"
	slapadd -n 1 -F "$dir/slapd.d" -l "$dir/content.ldif"
	for try in 1 2 3 4 5 6 7 8; do
		ports $try
		if serve; then write_env; return; fi
	done
	cat "$dir/log" >&2
	say "slapd does not start"
	exit 1
}

restart() {
	find_slapd
	dir=$(cd "$dir" && pwd)
	# shellcheck disable=SC1091
	. "$dir/env"
	# shellcheck disable=SC2153
	base=$BASE bind=$BIND_DN password=$BIND_PW
	port=${URL##*:} sport=${LDAPS_URL##*:}
	rm -f "$dir/slapd.pid"
	serve || { cat "$dir/log" >&2; say "slapd does not start"; exit 1; }
	write_env
}

stop() {
	[ -f "$dir/env" ] || return 0
	# shellcheck disable=SC1091
	. "$dir/env"
	is_dead "$PID" && return 0
	kill "$PID" 2>/dev/null || return 0
	n=0
	until is_dead "$PID"; do
		n=$((n + 1))
		if [ $n -eq 100 ]; then kill -9 "$PID" 2>/dev/null || :; fi
		sleep 0.05
	done
}

nosync=FALSE
[ "${3:-}" = fast ] && nosync=TRUE
dir=${2:?usage: slapd.sh start|restart|stop DIR [fast]}
case $1 in
start) start ;;
restart) restart ;;
stop) stop ;;
*) say "usage: slapd.sh start|restart|stop DIR [fast]"; exit 2 ;;
esac
