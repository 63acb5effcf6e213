#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the ldap provider does every operation on a real slapd with its
# overlays, converges when it is repeated, and falls into none of the traps.
set -eu
: "${builddir:?}" "${srcdir:?}"
work=$builddir/tests/e2e/10.work
rm -rf "$work"
mkdir -p "$work"
rc=0
sh "$srcdir/tests/peers/slapd.sh" start "$work/slapd" fast || rc=$?
[ $rc -eq 0 ] || exit $rc
trap 'sh "$srcdir/tests/peers/slapd.sh" stop "$work/slapd"' EXIT
# shellcheck disable=SC1091
. "$work/slapd/env"
# shellcheck disable=SC1091
. "$srcdir/tests/peers/table.sh"
module=$builddir/providers/.libs/ldap.so

# start FILE URL CA PASSWORD MORE: what a worker is started with.
start() {
	cat >"$work/$1" <<-X
	{"system":"corp","provider":"ldap","module":"$module","config":{
	"url":"$2","ca":"$3","bind":{"dn":"$BIND_DN","password":"$4"},
	"base":"$BASE","people":"ou=people,$BASE","groups":"ou=groups,$BASE",
	"page":7,"account":{"marker":"employeeNumber"}$5},
	"settings":{"sandbox":"best-effort","verify":true}}
	X
}

search() {
	LDAPTLS_CACERT=$CA ldapsearch -x -ZZ -LLL -o ldif-wrap=no -H "$URL" \
	    -D "$BIND_DN" -w "$BIND_PW" "$@"
}

add() {
	LDAPTLS_CACERT=$CA ldapadd -x -ZZ -H "$URL" -D "$BIND_DN" \
	    -w "$BIND_PW" >/dev/null
}

start plain "$URL" "$CA" "$BIND_PW" ''
start unmarked "$URL" "$CA" "$BIND_PW" ''
sed -i 's/,"account":{[^}]*}//' "$work/unmarked"
start swap "$LDAPS_URL" "$CA" "$BIND_PW" \
    ',"group":{"placeholder":"cn=empty,ou=groups,'"$BASE"'"}'

add <<X
dn: cn=eng,ou=groups,$BASE
objectClass: groupOfNames
cn: eng
member: cn=empty,ou=groups,$BASE

dn: cn=nest,ou=groups,$BASE
objectClass: groupOfNames
cn: nest
member: cn=eng,ou=groups,$BASE
X

table accounts "$work/plain" <<'X'
> {"verb":"system.check"}
< "ok":true
< "post_read":true
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"cn":"Ada L","sn":"L","mail":["b@x","a@x"],"employeeNumber":"7"},"secret":"first-pass-1"}}
< "changed":true
< "after":{"cn":"Ada L","sn":"L","mail":["a@x","b@x"],"employeeNumber":"7"}
< "verified":true
! first-pass
# The same again, as after a lost reply: known by its marker.
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"cn":"Ada L","sn":"L","mail":["a@x","b@x"],"employeeNumber":"7"},"secret":"first-pass-1"}}
< "changed":false
< "verified":true
# Another's: no marker, another marker, or a claim to create it.
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"cn":"X","sn":"X"}}}
< "failure":"conflict"
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"cn":"X","sn":"X","employeeNumber":"8"}}}
< "failure":"conflict"
> {"verb":"account.ensure","in":{"name":"ada","create_only":true,"attributes":{"cn":"Ada L","sn":"L","employeeNumber":"7"}}}
< "failure":"conflict"
> {"verb":"account.read","in":{"name":"ada"}}
< "status":"active"
< "attributes":{"cn":"Ada L","employeeNumber":"7","mail":["a@x","b@x"],"sn":"L"}
! userPassword
# Only what differs is written and told; null removes.
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"cn":"Ada L","sn":"M","mail":null,"employeeNumber":"7"}}}
< "before":{"sn":"L","mail":["a@x","b@x"]},"after":{"sn":"M","mail":null}
< "verified":true
> {"verb":"account.read","in":{"name":"nobody"}}
< "failure":"gone"
> {"verb":"account.read","in":{"id":"00000000-0000-0000-0000-000000000000"}}
< "failure":"gone"
# A malformed id, and a filter in a name, are not "gone".
> {"verb":"account.read","in":{"id":"*"}}
< "failure":"input"
> {"verb":"account.read","in":{"name":"a*"}}
< "failure":"gone"
> {"verb":"account.read","in":{}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"evil,ou=groups","attributes":{"cn":"E","sn":"E"}}}
< "name":"evil,ou=groups"
< "changed":true
> {"verb":"account.delete","in":{"name":"evil,ou=groups"}}
< "changed":true
> {"verb":"account.ensure","in":{"name":"nosn","attributes":{"cn":"E"}}}
< "failure":"refused"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","nosuch":"1"}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","userPassword":"1"}}}
< "failure":"input"
# Nor by another spelling, and nor a lock or a class.
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","2.5.4.35":"1"}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","UserPassword;lang-en":"1"}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","objectClass;x":"1"}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","pwdEndTime":null}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","entryUUID":"1"}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","uid;lang-en":"evil"}}}
< "failure":"input"
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","mail ":"1"}}}
< "failure":"input"
# The control: options are well where the attribute is.
> {"verb":"account.ensure","in":{"name":"odd","attributes":{"cn":"E","sn":"E","cn;lang-de":"Ei"}}}
< "changed":true
< "verified":true
> {"verb":"account.delete","in":{"name":"odd"}}
< "verified":true
X
id=$(value accounts 2 id)

# Where there is no marker, a password that was drawn for it says whose an
# entry is; one that anybody else may have made is never taken over.
table unmarked "$work/unmarked" <<'X'
> {"verb":"account.ensure","in":{"name":"una","create_only":true,"attributes":{"cn":"U","sn":"U"},"secret":"first-pass-3"}}
< "changed":true
> {"verb":"account.ensure","in":{"name":"una","attributes":{"cn":"U","sn":"U"},"secret":"first-pass-3"}}
< "changed":false
> {"verb":"account.ensure","in":{"name":"una","attributes":{"cn":"U","sn":"U"},"secret":"first-pass-4"}}
< "failure":"conflict"
> {"verb":"account.ensure","in":{"name":"una","attributes":{"cn":"U","sn":"U"}}}
< "failure":"conflict"
> {"verb":"account.delete","in":{"name":"una"}}
< "out":
X

table lock "$work/plain" <<X
> {"verb":"credential.verify","in":{"id":"$id","secret":"first-pass-1"}}
< "ok":true
> {"verb":"credential.verify","in":{"id":"$id","secret":"wrong-pass-1"}}
< "ok":false
# An empty password makes an anonymous bind, and proves nothing.
> {"verb":"credential.verify","in":{"id":"$id","secret":""}}
< "ok":false
> {"verb":"account.disable","in":{"id":"$id"}}
< "changed":true,"before":{"status":"active"},"after":{"status":"disabled"},"verified":true
> {"verb":"account.disable","in":{"id":"$id"}}
< "changed":false
< "verified":true
> {"verb":"credential.verify","in":{"id":"$id","secret":"first-pass-1"}}
< "ok":false
# The trap: a reset lifts the lock.
> {"verb":"credential.issue","in":{"id":"$id","credential":"password","secret":"second-pass-1"}}
< "verified":true,"how":"still locked"
! second-pass
> {"verb":"account.read","in":{"id":"$id"}}
< "status":"disabled"
> {"verb":"credential.verify","in":{"id":"$id","secret":"second-pass-1"}}
< "ok":false
> {"verb":"account.enable","in":{"id":"$id"}}
< "changed":true
< "verified":true
> {"verb":"credential.verify","in":{"id":"$id","secret":"second-pass-1"}}
< "ok":true
> {"verb":"credential.issue","in":{"id":"$id","secret":"third-pass-12"}}
< "verified":true,"how":"bind accepted"
> {"verb":"credential.verify","in":{"id":"$id","secret":"second-pass-1"}}
< "ok":false
> {"verb":"credential.issue","in":{"id":"$id","secret":"short"}}
< "failure":"refused"
> {"verb":"credential.issue","in":{"id":"$id","credential":"key","secret":"third-pass-12"}}
< "failure":"input"
> {"verb":"account.rename","in":{"id":"$id","name":"ada.l"}}
< "before":{"name":"ada"},"after":{"name":"ada.l"},"verified":true
> {"verb":"account.rename","in":{"id":"$id","name":"ada.l"}}
< "changed":false
> {"verb":"account.read","in":{"id":"$id"}}
< "name":"ada.l"
> {"verb":"account.ensure","in":{"name":"bob","disabled":true,"secret":"first-pass-1","attributes":{"cn":"B","sn":"B"}}}
< "changed":true
> {"verb":"account.rename","in":{"id":"$id","name":"bob"}}
< "failure":"conflict"
> {"verb":"credential.verify","in":{"name":"bob","secret":"first-pass-1"}}
< "ok":false
> {"verb":"account.read","in":{"name":"bob"}}
< "status":"disabled"
X

# One that is to be made locked and is there already ends locked.
table locked "$work/plain" <<'X'
> {"verb":"account.ensure","in":{"name":"cid","attributes":{"cn":"C","sn":"C","employeeNumber":"9"}}}
< "changed":true
> {"verb":"account.ensure","in":{"name":"cid","disabled":true,"attributes":{"cn":"C","sn":"C","employeeNumber":"9"}}}
< "changed":true
< "verified":true
> {"verb":"account.read","in":{"name":"cid"}}
< "status":"disabled"
> {"verb":"account.ensure","in":{"name":"cid","disabled":true,"attributes":{"cn":"C","sn":"C","employeeNumber":"9"}}}
< "changed":false
> {"verb":"account.delete","in":{"name":"cid"}}
< "verified":true
X

# Half a lock, as somebody else may leave it, is no lock of ours: it is
# completed.  A lock that ends by itself is none.
search -b "ou=people,$BASE" uid=bob pwdAccountLockedTime pwdEndTime \
    >"$work/bob.ldif"
grep -q '^pwdAccountLockedTime: 000001010000Z$' "$work/bob.ldif"
grep -q '^pwdEndTime: 19700101000000Z$' "$work/bob.ldif"
LDAPTLS_CACERT=$CA ldapmodify -x -ZZ -H "$URL" -D "$BIND_DN" -w "$BIND_PW" \
    >/dev/null <<X
dn: uid=bob,ou=people,$BASE
changetype: modify
delete: pwdEndTime

dn: uid=ada.l,ou=people,$BASE
changetype: modify
replace: pwdAccountLockedTime
pwdAccountLockedTime: 20990101000000Z
X
table half "$work/plain" <<X
> {"verb":"account.read","in":{"name":"bob"}}
< "status":"disabled"
> {"verb":"account.disable","in":{"name":"bob"}}
< "changed":true
< "verified":true
> {"verb":"account.read","in":{"id":"$id"}}
< "status":"active"
X

table groups "$work/swap" <<X
> {"verb":"entitlement.grant","in":{"id":"$id","entitlement":"cn=eng"}}
< "changed":true
< "verified":true
> {"verb":"entitlement.grant","in":{"id":"$id","entitlement":"cn=eng"}}
< "changed":false
< "verified":true
> {"verb":"entitlement.grant","in":{"id":"$id","entitlement":"cn=none"}}
< "failure":"input"
> {"verb":"entitlement.grant","in":{"name":"nobody","entitlement":"cn=eng"}}
< "failure":"gone"
> {"verb":"entitlement.list"}
< {"entitlement":"cn=eng","id":"$id","name":"ada.l"}
< {"entitlement":"cn=nest","name":"group:cn=eng"}
! cn=empty
> {"verb":"account.read","in":{"id":"$id"}}
< "entitlements":["cn=eng"]
> {"verb":"entitlement.revoke","in":{"id":"$id","entitlement":"cn=eng"}}
< "changed":true,"before":{"held":true},"after":{"held":false},"verified":true
> {"verb":"entitlement.revoke","in":{"id":"$id","entitlement":"cn=eng"}}
< "changed":false
> {"verb":"entitlement.revoke","in":{"id":"$id","entitlement":"cn=none"}}
< "changed":false
X

# Where not even the container is there for us, nobody knows who is in it.
sed 's/"groups":"ou=groups/"groups":"ou=elsewhere/' "$work/swap" >"$work/blind"
table blind "$work/blind" <<X
> {"verb":"entitlement.revoke","in":{"id":"$id","entitlement":"cn=eng"}}
< "failure":"input"
! "verified":true
X

# The last member: swapped for the placeholder where there is one.
add <<X
dn: cn=last,ou=groups,$BASE
objectClass: groupOfNames
cn: last
member: uid=ada.l,ou=people,$BASE
X
table last "$work/plain" <<X
> {"verb":"entitlement.revoke","in":{"id":"$id","entitlement":"cn=last"}}
< "failure":"refused"
X
table last2 "$work/swap" <<X
> {"verb":"entitlement.revoke","in":{"id":"$id","entitlement":"cn=last"}}
< "changed":true
< "verified":true
> {"verb":"entitlement.list"}
! cn=last
X

# 25 accounts by pages of 7, whole and by digests.
for i in $(seq 1 25); do
	printf '> {"verb":"account.ensure","in":{"name":"p%s",' "$i"
	printf '"attributes":{"cn":"P","sn":"%s"}}}\n< "changed":true\n' "$i"
done | table many "$work/plain"
table list "$work/plain" <<'X'
> {"verb":"account.list"}
< {"rows":27}
< "name":"p25","status":"active","attributes":{"cn":"P","sn":"25"}
> {"verb":"account.list","in":{"digests":true}}
< {"rows":27}
! "attributes"
> {"verb":"account.list","in":{"attributes":["sn"]}}
< "attributes":{"sn":"25"}
! "cn"
> {"verb":"account.delete","in":{"name":"p1"}}
< "verified":true
> {"verb":"account.delete","in":{"name":"p1"}}
< "failure":"gone"
X

# Of two login names the one in the DN is the account's.
add <<X
dn: uid=two,ou=people,$BASE
objectClass: inetOrgPerson
uid: alias
uid: Two
cn: T
sn: T
X
table two "$work/plain" <<'X'
> {"verb":"account.read","in":{"name":"two"}}
< "name":"Two"
> {"verb":"account.read","in":{"name":"alias"}}
< "name":"Two"
> {"verb":"account.delete","in":{"name":"two"}}
< "name":"Two"
< "verified":true
X

# What another server has is not asked for, and is not taken for gone.
LDAPTLS_CACERT=$CA ldapadd -x -ZZ -M -H "$URL" -D "$BIND_DN" -w "$BIND_PW" \
    >/dev/null <<X
dn: ou=far,ou=people,$BASE
objectClass: referral
objectClass: extensibleObject
ou: far
ref: ldap://192.0.2.1/ou=far,ou=people,$BASE
X
table far "$work/plain" <<'X'
> {"verb":"account.read","in":{"name":"p2"}}
< "name":"p2"
> {"verb":"account.read","in":{"name":"nobody"}}
< "failure":"refused"
> {"verb":"account.list"}
< "failure":"refused"
< another server
> {"verb":"account.delete","in":{"name":"p3"}}
< "changed":true
< "verified":false
X
LDAPTLS_CACERT=$CA ldapdelete -x -ZZ -M -H "$URL" -D "$BIND_DN" \
    -w "$BIND_PW" "ou=far,ou=people,$BASE"
table near "$work/plain" <<'X'
> {"verb":"account.read","in":{"name":"nobody"}}
< "failure":"gone"
X

# A server that goes away is busy, and one that comes back is used again.
mkfifo "$work/fifo"
"$builddir/tests/peers/drive" "$builddir/muster-worker" "$work/plain" \
    <"$work/fifo" >"$work/away.out" 2>&1 &
driver=$!
exec 9>"$work/fifo"
echo '{"verb":"system.check"}' >&9
answers() {
	n=0
	until [ "$(wc -l <"$work/away.out")" -ge "$1" ]; do
		n=$((n + 1))
		[ $n -lt 100 ] || { cat "$work/away.out" >&2; exit 1; }
		sleep 0.1
	done
}
answers 2
sh "$srcdir/tests/peers/slapd.sh" stop "$work/slapd" 9>&-
echo '{"verb":"account.disable","in":{"name":"p2"}}' >&9
answers 3
sh "$srcdir/tests/peers/slapd.sh" restart "$work/slapd" 9>&-
echo '{"verb":"account.disable","in":{"name":"p2"}}' >&9
exec 9>&-
wait $driver
grep -q '"call":2,.*"failure":"busy"' "$work/away.out"
grep -q '"call":3,.*"changed":true' "$work/away.out"

# Not encrypted, not the right CA, not the right password: nothing is said.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$work/other.key" -out "$work/other.crt" -days 2 \
    -subj /CN=Other 2>/dev/null
start other "$URL" "$work/other.crt" "$BIND_PW" ''
start others "$LDAPS_URL" "$work/other.crt" "$BIND_PW" ''
start wrong "$URL" "$CA" wrong-password ''
start clear "$URL" "$CA" "$BIND_PW" ',"starttls":false'
for s in other others; do
	table $s "$work/$s" <<-'X'
	> {"verb":"system.check"}
	< "failure":"busy"
	X
done
table wrong "$work/wrong" <<'X'
> {"verb":"system.check"}
< "failure":"denied"
! wrong-password
X
if "$builddir/tests/peers/drive" "$builddir/muster-worker" "$work/clear" \
    </dev/null >"$work/clear.out" 2>&1; then
	echo "a connection without TLS was taken" >&2
	bad=$((bad + 1))
fi
grep -q '"ready":false.*starttls' "$work/clear.out"

# No secret came out anywhere.
if grep -rl -e "$BIND_PW" -e second-pass-1 "$work"/*.out "$work"/*.err; then
	echo "a secret came out" >&2
	bad=$((bad + 1))
fi
grep -q "$BIND_PW" "$work/plain"	# the control: it would be found
[ $bad -eq 0 ]
