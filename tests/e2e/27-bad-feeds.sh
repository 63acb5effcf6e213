#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that no bad file disables anybody: it is refused whole, or its bad
# rows are set aside with line and reason; and that a good one still works.
# shellcheck disable=SC1091
. "${srcdir:?}/tests/e2e/lib.sh"
house_begin
sed -i 's/"max_bad": 40/"stale": "P2D", "max_bad": 40/' "$set/feeds/hr.json"
daemon_start

everybody='1,Ada,Lovelace,Engineering,,,2020-01-01,
2,Bob,Builder,Sales,1,,2020-01-01,
3,Cara,Diaz,Sales,1,,2020-01-01,
4,Dan,Evans,Engineering,1,,2020-01-01,
5,Eve,Frank,Operations,1,,2020-01-01,
6,Fay,Green,Operations,1,,2020-01-01,'
echo "$everybody" | hr_file good.csv
loaded hr good.csv accepted
soon "six people" is 6 people
soon "fay in ops" is_in fay.green ops
quiet

state() {
	search '(objectClass=inetOrgPerson)' uid departmentNumber memberOf \
	    pwdAccountLockedTime entryCSN
}
state >"$work/before"

# refused FILE WORDS: the file is refused whole, and says so.
is_refused() {
	[ "$(load hr "$1")" != accepted ] || fail "$1 was accepted"
	grep -q "$2" "$work/load.json" "$work/load.err" || {
		cat "$work/load.json" "$work/load.err" >&2
		fail "$1: not refused for \"$2\""
	}
}

: >"$work/empty.csv"
is_refused empty.csv .
hr_file header.csv </dev/null
is_refused header.csv 'no usable row'
printf '<html><body>302 Found</body></html>\n' >"$work/page.csv"
is_refused page.csv 'column'
cut -d, -f1-3,5- "$work/good.csv" >"$work/columns.csv"
is_refused columns.csv 'department'
head -n 3 "$work/good.csv" >"$work/short.csv"
is_refused short.csv 'rows'
{ echo "$hr_columns"; for i in 11 12 13 14 15 16; do
	echo "$i,New,P$i,Sales,1,,2020-01-01,"
done; } >"$work/other.csv"
is_refused other.csv 'known keys'
# Cut in the middle of a line, and of a quoted value.
sed '$s/,Green.*/,"Gre/' "$work/good.csv" | head -c -1 >"$work/cut.csv"
is_refused cut.csv .
cp "$work/good.csv" "$work/old.csv"
echo "7,New,One,Sales,1,,2020-01-01," >>"$work/old.csv"
touch -d '5 days ago' "$work/old.csv"
is_refused old.csv 'old'
{ cat "$work/good.csv"; echo ',,,,,,,'; echo 'x'; echo 'y'; echo 'z';
    printf 'a\0b,c\n'; echo 'w'; } >"$work/noise.csv"
is_refused noise.csv 'bad'

# Few bad rows: they are set aside and change nobody; the others count.
{ echo "$hr_columns"
echo "1,Ada,Lovelace,Engineering,,,2020-01-01,"
echo "2,Bob,Builder,Sales,1,,not-a-date,"
echo "3,Cara,Diaz,Sales,1,,2020-01-01,"
echo "4,Dan,Evans,Engineering,1,,2020-01-01,"
echo "5,Eve,Frank,Operations,1,,2020-01-01,"
echo "5,Eve,Frank,Operations,1,,2020-01-01,$(day yesterday)"
echo "6,Fay,Green,Operations,1,,2020-01-01,"
echo "7,Gil,Hart,Sales,1,,2020-01-01,"
echo "8,Too,Short"
} >"$work/rows.csv"
# Whoever only asks is told each of them, and nothing changes.
loads=$(ask load | rows id | wc -l)
status=0
m feed load hr "$work/rows.csv" --dry-run >"$work/dry" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "bad rows that were only looked at: $status"
for place in rows.csv:3 rows.csv:6 rows.csv:7 rows.csv:10; do
	grep -q "$place .*[a-z]" "$work/dry" || fail "$place: $(cat "$work/dry")"
done
[ "$(ask load | rows id | wc -l)" -eq "$loads" ] || fail "it was a load"
m feed load hr "$work/good.csv" --dry-run >"$work/dry" ||
	fail "the control: a good file: $(cat "$work/dry")"
loaded hr rows.csv accepted
soon "gil joins in spite of them" is_in gil.hart sales
quiet
m load errors >"$work/errors"
head -n 1 "$work/errors" | grep -q "^LOAD  *FEED  *PLACE " ||
	fail "nobody is told of which load: $(head -n 1 "$work/errors")"
load=$(ask load | rows id state=accepted | head -n 1)
grep -q "^$load  *hr  *rows.csv:3 " "$work/errors" ||
	fail "load $load is not named: $(cat "$work/errors")"
for place in rows.csv:3 rows.csv:6 rows.csv:7 rows.csv:10; do
	grep -q "$place " "$work/errors" || {
		cat "$work/errors" >&2
		fail "$place is not reported"
	}
done
state | sed '/^dn: uid=gil.hart/,/^$/d' >"$work/after"
cmp "$work/before" "$work/after" || fail "somebody was touched"
[ -n "$(ask case --state open | rows id kind=rows)" ] ||
    fail "no case tells of them"

# The control: a good file that says so does disable.
{ echo "$everybody" | sed "/^6,/s/\$/$(day yesterday)/"
echo "7,Gil,Hart,Sales,1,,2020-01-01,"; } | hr_file leave.csv
loaded hr leave.csv accepted
soon "the control: fay leaves" is_locked fay.green
now "bob, whose row was bad, stays" not_locked bob.builder
now "eve, who stood there twice, stays" not_locked eve.frank

# A file that musterd was reading when it was killed is refused with a case;
# the next one that lies there is read, and settles it.
daemon_stop
mkdir "$work/in"
sed -i 's|"format"|"path": "'"$work/in/hr.csv"'", "every": "1s", &|' \
    "$set/feeds/hr.json"
{ cat "$work/leave.csv"; seq -f '%.0f,Big,Wig,None,1,,2090-01-01,' 100 20000
} >"$work/in/hr.csv"
daemon_start
reading() { ask load --state reading | rows id; }
soon "the large file is begun" some reading
broken=$(reading)
daemon_kill
sed 's/,Hart,Sales/,Hart,Engineering/' "$work/leave.csv" >"$work/in/next"
mv "$work/in/next" "$work/in/hr.csv"
daemon_start
soon "the file in its place is read" is_in gil.hart eng
[ "$(ask load | rows state "id=$broken")" = refused ] ||
	fail "the file whose reading broke off is $(ask load | rows state "id=$broken")"
ask case | rows why kind=feed | grep -q "musterd ended while it was read" ||
	fail "no case says that a reading broke off"
[ -z "$(ask case --state open | rows id kind=feed)" ] ||
	fail "the case of the file that broke off was not settled"
