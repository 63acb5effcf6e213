#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rows.py MEMBER [NAME=VALUE...]: reads an answer of the API on standard
input, and prints MEMBER of each of its rows that have all these values.  A
row is one of a list, a step of a run, or the object itself."""
import json
import sys


def text(value):
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, sort_keys=True)


def main():
    wanted = [w.split("=", 1) for w in sys.argv[2:]]
    answer = json.load(sys.stdin)
    for whole, name in (("items", "items"), ("run", "steps"),
                        ("plan", "items"), ("scan", "findings")):
        if whole in answer and isinstance(answer.get(name), list):
            answer = answer[name]
            break
    for row in answer if isinstance(answer, list) else [answer]:
        if all(text(row.get(n)) == v for n, v in wanted):
            print(text(row.get(sys.argv[1])))


main()
