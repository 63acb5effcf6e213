#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that a first password goes where the role says that gave the account,
# and that a program which does not take it keeps nobody else waiting.
# shellcheck disable=SC1091,SC2119
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
# Sales gets letters by a program, and everybody else by a folder.
python3 - "$set/roles" "$work" <<'X'
import json
import sys
roles, work = sys.argv[1:]
role = json.load(open(f"{roles}/employee.json"))
there = ".department == \"Sales\""
for name, when, how in (
        ("a-seller", there, {"deliver": "exec",
                             "deliver_to": f"{work}/postman"}),
        ("employee", f"{there} | not", {})):
    role["role"], role["when"] = name, when
    role["accounts"]["corp/primary"].update(how)
    json.dump(role, open(f"{roles}/{name}.json", "w"))
    role = json.load(open(f"{roles}/employee.json"))
X
printf '#!/bin/sh\nexit 1\n' >"$work/postman"
chmod 755 "$work/postman"
daemon_start

hr_file day1.csv <<X
1,Sam,Seller,Sales,,,2020-01-01,
2,Ada,Lovelace,Engineering,,,2020-01-01,
3,Bob,Builder,Operations,2,,2020-01-01,
X
loaded hr day1.csv accepted
for u in ada.lovelace bob.builder; do
	soon "$u has no letter" has_letter $u
	now "the password of $u" binds $u "$(letter $u)"
done
soon "Sam has no account" has_entry sam.seller
told() { m case list --state open | grep -q 'could not be delivered'; }
soon "nobody is told that the program fails" told
if has_letter sam.seller; then
	fail "Sam's letter lies where those of others are"
fi

# Waiting for it ends neither what is due nor musterd --once.
daemon_stop
timeout 60 "$builddir/musterd" --once --private --config "$set" \
    --socket "$MUSTER_SOCKET" >>"$work/musterd.log" 2>&1 ||
    fail "musterd --once: $?"

# It works at last: once, and the case is closed.
cat >"$work/postman" <<X
#!/bin/sh
cat >>"$work/post"
X
daemon_start
soon "Sam's letter does not come" test -s "$work/post"
quiet
if told; then
	fail "the case stays"
fi
[ "$(wc -l <"$work/post")" -le 1 ] || fail "it came twice"
now "it is Sam's" grep -q '"account":"sam.seller"' "$work/post"
now "the control: no other's" sh -c "! grep -q ada '$work/post'"
now "it works" binds sam.seller \
    "$(sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' "$work/post")"
