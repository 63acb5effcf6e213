#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that what waits for a person reaches a program, a mailbox and a
# webhook, is tried again, and never goes out unsigned or in the clear.
# shellcheck disable=SC1091,SC2119
. "${srcdir:?}/tests/e2e/lib.sh"
peers=
peers_end() {
	rc=$?
	for peer_pid in $peers; do
		kill "$peer_pid" 2>/dev/null || :
	done
	set +e
	(exit $rc)
	house_end
}
trap peers_end EXIT

# serve NAME PEER ARGUMENTS...: starts one; its port is in $work/NAME.port.
serve() {
	as=$1 what=$2
	shift 2
	python3 "$srcdir/tests/peers/$what.py" "$work/$as.port" \
	    "$work/$as.got" "$@" 2>"$work/$as.err" &
	peers="$peers $!"
	within 10 test -s "$work/$as.port" || fail "$as does not start"
}

house_begin
tls=$work/slapd/tls
printf %s planted-smtp-pass-7 >"$work/smtp.pw"
printf %s planted-hook-key-7 >"$work/hook.key"
printf %s another-key-entirely >"$work/other.key"
printf 'whsec_%s' "$(printf %s planted-hook-key-7 | base64)" >"$work/whsec"
chmod 600 "$work/smtp.pw" "$work/hook.key" "$work/other.key" "$work/whsec"
SMTP_PASSWORD=planted-smtp-pass-7 serve mail smtp "$tls/server.crt" \
    "$tls/server.key"
serve clear smtp
serve web webhook "$work/hook.key" 1
serve other webhook "$work/other.key"

printf 'http://127.0.0.1:%s/in?planted-hook-url\n' \
    "$(cat "$work/other.port")" >"$work/other.url"
chmod 600 "$work/other.url"

cat >"$work/hook" <<X
#!/bin/sh
cat >>"$work/hook.got"
{ echo "args \$*"; env; } >"$work/hook.env"
X
printf '#!/bin/sh\necho no >&2\nexit 3\n' >"$work/broken"
chmod 755 "$work/hook" "$work/broken"

python3 - "$set/muster.json" "$work" <<'X'
import json
import sys
path, work = sys.argv[1:]
port = {n: open(f"{work}/{n}.port").read() for n in
        ("mail", "clear", "web", "other")}
mail = {"type": "smtp", "from": "muster@example.test",
        "to": ["ops@example.test", "boss@example.test"],
        "ca": f"{work}/slapd/tls/ca.crt"}
web = {"type": "webhook", "secret_file": f"{work}/whsec"}
config = json.load(open(path))
config["channels"] = [
    {"name": "hook", "type": "exec", "program": f"{work}/hook",
     "args": ["one $HOME", "`two`"]},
    {"name": "broken", "type": "exec", "program": f"{work}/broken"},
    dict(mail, name="mail", url=f"smtp://127.0.0.1:{port['mail']}",
         user="muster", secret_file=f"{work}/smtp.pw"),
    dict(mail, name="clear", url=f"smtp://127.0.0.1:{port['clear']}"),
    dict(web, name="web", url=f"http://127.0.0.1:{port['web']}/in?planted-url"),
    dict(web, name="other", url_file=f"{work}/other.url"),
    dict(web, name="deaf", url="http://127.0.0.1:1/in",
         kinds=["hold.opened"])]
json.dump(config, open(path, "w"), indent=1)
X
# A proxy that the environment names would see the notices, and is not asked.
export http_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
daemon_start
unset http_proxy ALL_PROXY

# A file that ends within a row: a case, and everybody hears of it.
printf 'id,first,last,department,manager,status,start,end\n1,Ada' \
    >"$work/cut.csv"
if m feed load hr "$work/cut.csv" 2>"$work/cut.err"; then
	fail "half a file was taken"
fi
sent() { [ "$(ask notice --channel "$1" | rows state)" = sent ]; }
for c in hook mail web; do
	soon "nobody heard by $c" sent $c
done

# The program: one JSON document, arguments as they are, an empty environment.
[ "$(rows kind <"$work/hook.got")" = case.opened ] || fail "the hook's notice"
# shellcheck disable=SC2016
grep -qF 'args one $HOME `two`' "$work/hook.env" || fail "the hook's arguments"
if grep -q '^MUSTER_\|^HOME=' "$work/hook.env"; then
	fail "the hook sees musterd's environment"
fi

# The mail: behind TLS, logged in, to both, and it says what happened.
[ "$(rows tls <"$work/mail.got" | cut -c1-4)" = TLSv ] || fail "mail in clear"
[ "$(rows user <"$work/mail.got")" = muster ] || fail "mail without login"
rows to <"$work/mail.got" | grep -q 'ops.*boss' || fail "the mail's readers"
rows data <"$work/mail.got" >"$work/mail.txt"
grep -q '^Subject: \[muster\] case.opened' "$work/mail.txt" ||
    fail "the mail's subject"
grep -q 'cut.csv of feed hr was refused whole' "$work/mail.txt" ||
    fail "the mail's text"

# The webhook: refused once, tried again under the same id.
[ "$(cut -d, -f1 "$work/web.got" | tr -d ' {\n')" = \
    '"status":503"status":204' ] || fail "the webhook was not tried again"
ids=$(sed 's/.*"id": "\(notice[^"]*\)".*/\1/' "$work/web.got" | sort -u |
    wc -l)
[ "$ids" -eq 1 ] || fail "one notice, $ids ids"

# Controls: a server without TLS gets no mail, a receiver with another key
# takes nothing, a program that fails is not a success; all say why.
for c in clear other broken; do
	[ "$(ask notice --channel $c | rows state)" = queued ] ||
	    fail "$c counts as sent"
	[ -n "$(ask notice --channel $c | rows error)" ] ||
	    fail "$c does not say why"
done
[ ! -e "$work/clear.got" ] || fail "a mail in the clear"
grep -q '"status": 401' "$work/other.got" || fail "the control was not asked"
[ -z "$(ask notice --channel deaf | rows id)" ] || fail "a kind not asked for"

# A webhook's URL may be a secret: it is not said again, and one from a file
# does not even stand in the store, as part of the set.
grep -q '"path": "/in?planted-url"' "$work/web.got" || fail "another URL"
grep -q '"path": "/in?planted-hook-url"' "$work/other.got" ||
	fail "not the URL of the file"
ask notice >"$work/notices.txt"
if grep -l planted-url "$work/notices.txt" "$work/musterd.log"; then
	fail "the URL of a webhook is told"
fi

# What it signs and logs in with stands nowhere.
daemon_stop
if grep -rlaE 'planted-(smtp|hook)' "$work/state" "$work/musterd.log"; then
	fail "a secret is in the store or in the log"
fi
grep -qa 'refused whole' "$work"/state/muster.db* || fail "the control: text"
