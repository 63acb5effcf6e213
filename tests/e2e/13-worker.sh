#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a worker takes only a provider that fits, sends long listings in
# bounded frames, tells what it cannot enforce, and describes its provider;
# and that the example provider builds outside the tree and works.
set -eu
: "${builddir:?}" "${srcdir:?}"
work=$builddir/tests/e2e/13.work
rm -rf "$work"
mkdir -p "$work/staff"
# shellcheck disable=SC1091
. "$srcdir/tests/peers/table.sh"
worker=$builddir/muster-worker
drive=$builddir/tests/peers/drive
providers=$builddir/providers/.libs

start() {	# start FILE PROVIDER MODULE CONFIG SANDBOX
	printf '{"system":"n","provider":"%s","module":"%s","config":%s,' \
	    "$2" "$3" "$4" >"$work/$1"
	printf '"settings":{"sandbox":"%s","verify":true}}' "$5" \
	    >>"$work/$1"
}
refused() {	# refused FILE TEXT
	if "$drive" "$worker" "$work/$1" </dev/null >"$work/$1.out" 2>&1; then
		echo "$1: was taken" >&2
		bad=$((bad + 1))
	fi
	grep -qF -- "$2" "$work/$1.out" || {
		echo "$1: wants $2" >&2
		cat "$work/$1.out" >&2
		bad=$((bad + 1))
	}
}
null=$providers/null.so

start name ldap "$null" '{}' best-effort
refused name 'is provider null, not ldap'
start absent null "$work/none.so" '{}' best-effort
refused absent '"ready":false'
start config null "$null" '{"delay_ms":"x"}' best-effort
refused config 'delay_ms: wants'
start mode null "$null" '{}' sometimes
refused mode 'sandbox'
echo '{}' >"$work/empty"
refused empty 'missing'

# Two workers with one journal agree; a page has at most 200 rows.
start null null "$null" "{\"state\":\"$work/journal\"}" best-effort
for i in $(seq 1 1050); do
	printf '> {"verb":"account.ensure","in":{"name":"a%s"}}\n' "$i"
	printf '< "id":"n%s"\n' "$i"
done | table make "$work/null"
table list "$work/null" <<'X'
> {"verb":"account.list"}
< {"rows":1050}
< "id":"n1050","name":"a1050"
> {"verb":"entitlement.grant","in":{"id":"n7","entitlement":"g"}}
< "changed":true
> {"verb":"entitlement.list"}
< {"entitlement":"g","id":"n7","name":"a7"}
> {"verb":"no.such"}
< "failure":"input"
> {"verb":"account.read","in":{"nonsense":1}}
< account.read: nonsense: unknown
X
[ "$(grep -c '"rows":\[' "$work/list.raw")" -eq 7 ] || bad=$((bad + 1))

# The sandbox is told, and what is required is required.
"$drive" "$worker" "$work/null" </dev/null >"$work/told" 2>&1
grep -q '"sandbox":"[a-z0-9, ]*seccomp"' "$work/told"
start required null "$null" '{}' required
if grep -q landlock "$work/told"; then
	"$drive" "$worker" "$work/required" </dev/null >/dev/null
else
	refused required Landlock
fi
start off null "$null" '{}' off
"$drive" "$worker" "$work/off" </dev/null >"$work/off.out"
grep -q '"sandbox":"none"' "$work/off.out"

# Whatever a provider does, the driver sees it end.
for f in crash garbage long-frame; do
	start "$f" null "$null" "{\"fail\":[{\"what\":\"$f\"}]}" best-effort
	if echo '{"verb":"system.check"}' | "$drive" "$worker" "$work/$f" \
	    >"$work/$f.out" 2>&1; then
		echo "$f: went well" >&2
		bad=$((bad + 1))
	fi
done

for m in null ldap http exec; do
	"$worker" --describe "$providers/$m.so" >"$work/$m.json"
	grep -q "\"provider\": \"$m\"" "$work/$m.json"
done

# What a configuration has to say is marked, also inside of its objects.
MUSTER_LIBEXECDIR=$builddir MUSTER_PROVIDERDIR=$providers \
    "$builddir/muster" provider show ldap >"$work/ldap.show"
for member in url bind bind.dn bind.password people; do
	grep -q "^    $member  *[a-z]*  *needed  " "$work/ldap.show" || {
		echo "$member is not marked as needed" >&2
		bad=$((bad + 1))
	}
done
# And what an operation takes and answers.
show() {
	MUSTER_LIBEXECDIR=$builddir MUSTER_PROVIDERDIR=$providers \
	    "$builddir/muster" provider show "$@"
}
show ldap account.list >"$work/list.show"
for member in digests status; do
	grep -q "^    $member  " "$work/list.show" || {
		echo "account.list has no $member" >&2
		bad=$((bad + 1))
	}
done
if show ldap account.lost >"$work/lost.show" 2>&1; then
	echo "an operation that is not there was shown" >&2
	bad=$((bad + 1))
fi
grep -q 'account.lost: provider ldap has no such operation' "$work/lost.show"
show http | grep -q 'those that its configuration describes'
for member in ca page lock.style; do
	grep "^    $member  " "$work/ldap.show" | grep -qv needed || {
		echo "$member is needed, or not there" >&2
		bad=$((bad + 1))
	}
done

# The example, against headers as they are installed.
for h in arena err field provider; do
	mkdir -p "$work/prefix/include/muster"
	cp "$srcdir/include/muster/$h.h" "$work/prefix/include/muster/"
done
cp "$srcdir"/contrib/example-provider/* "$work/staff/"
mkdir -p "$work/folder"
make -s -C "$work/staff" PREFIX="$work/prefix" CC="${CC:-cc}" \
    CFLAGS="-O1 -Wall -Wextra -Werror" MAKEFLAGS= >/dev/null
start example passwd "$work/staff/passwd.so" \
    "{\"folder\":\"$work/folder\"}" best-effort
table members "$work/example" <<'X'
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"full":"Ada L"}}}
< "changed":true,"verified":true
> {"verb":"account.ensure","in":{"name":"ada","attributes":{"full":"Ada L"}}}
< "changed":false,"verified":true
> {"verb":"account.disable","in":{"id":"1"}}
< "changed":true,"verified":true
> {"verb":"account.list"}
< "id":"1","name":"ada","status":"disabled","attributes":{"full":"Ada L"}
> {"verb":"account.read","in":{"id":"2"}}
< "failure":"gone"
> {"verb":"account.ensure","in":{"name":"a:b"}}
< "failure":"input"
X
[ "$(cat "$work/folder/accounts")" = '1:ada:disabled:Ada L' ]
[ $bad -eq 0 ]
