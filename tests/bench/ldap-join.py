#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ldap-join: joiners with two memberships each into a slapd, read back.

Ours: from `muster feed load` of a CSV to the end of the last run; every
account and membership is read back, and evidence is on.  Reference: ldapadd
of the same entries, then ldapmodify of the same memberships, each on one
connection.  Both write into a fresh slapd that syncs each write, in turn,
ROUNDS times (3); medians count.  JOINERS (10,000) is how many; the system's
concurrency is CONCURRENCY (8), of which one is kept for cuts.
"""
import json
import os
import statistics
import sys
import tempfile
import time

from company import Company
from house import Daemon, Directory, wait

CONCURRENCY = int(os.environ.get("CONCURRENCY", "8"))


def entries_check(company, directory):
    """Everybody is there, in two groups each, on either side."""
    people = directory.search("(objectClass=inetOrgPerson)", "uid")
    members = directory.search("(objectClass=groupOfNames)", "member")
    told = (people.count("\nuid: "), members.count("\nmember: uid="))
    if told != (company.people, 2 * company.people):
        sys.exit(f"{told} people and memberships, and not {company.people}"
                 " and twice that")


def ours(company, directory, top, most):
    company.configure(top, directory, CONCURRENCY)
    company.write(f"{top}/hr.csv", 0, company.people)
    daemon = Daemon(top)
    began = time.time()
    r = daemon.muster("feed", "load", "hr", f"{top}/hr.csv")
    if r.returncode != 0:
        sys.exit(f"feed load: {r.stderr}")

    def done():
        most[0] = max(most[0], daemon.memory())
        if os.environ.get("VERBOSE"):
            print("%.1f" % (time.time() - began), daemon.rows(
                "SELECT (SELECT group_concat(state) FROM load),"
                " (SELECT count(*) FROM event WHERE state='applied'),"
                " (SELECT count(*) FROM run),"
                " (SELECT count(*) FROM run WHERE ended != 0)"),
                "%.0f MB" % daemon.memory(), file=sys.stderr)
        return daemon.count("SELECT count(*) FROM run WHERE ended != 0") \
            == company.people
    wait(900, f"{company.people} joiners are not done", done, 0.5)
    ended = daemon.count("SELECT max(ended) FROM run")
    bad = daemon.count("SELECT count(*) FROM run WHERE state != 'done'")
    unread = daemon.count("SELECT count(*) FROM step WHERE verified = 0")
    if bad or unread:
        sys.exit(f"{bad} runs failed, {unread} steps are not verified")
    daemon.stop()
    return ended / 1000 - began


def reference(company, directory, top):
    entries, memberships = f"{top}/entries.ldif", f"{top}/members.ldif"
    with open(entries, "w") as f:
        f.writelines(company.entry_ldif(n, directory.base) + "\n"
                     for n in range(company.people))
    with open(memberships, "w") as f:
        f.writelines(company.memberships_ldif(n, directory.base) + "\n"
                     for n in range(company.people))
    began = time.time()
    directory.tool("ldapadd", "-f", entries)
    directory.tool("ldapmodify", "-f", memberships)
    return time.time() - began


def measured(company, fn, *args):
    """In a folder and with a slapd of its own."""
    with tempfile.TemporaryDirectory() as top:
        directory = Directory(f"{top}/slapd")
        try:
            directory.add("groups", company.groups_ldif(directory.base))
            os.mkdir(f"{top}/set")
            took = fn(company, directory, f"{top}/set", *args)
            entries_check(company, directory)
        finally:
            directory.stop()
    return took


def main():
    company = Company(int(os.environ.get("JOINERS", "10000")))
    mine, theirs, most = [], [], [0.0]
    for _ in range(int(os.environ.get("ROUNDS", "3"))):
        mine.append(measured(company, ours, most))
        theirs.append(measured(company, reference))
    a, b = statistics.median(mine), statistics.median(theirs)
    print(json.dumps({
        "name": "ldap-join", "unit": "s", "ours": round(a, 2),
        "reference": round(b, 2), "ratio": round(a / b, 3),
        "joiners": company.people, "concurrency": CONCURRENCY,
        "memory_mb": round(most[0], 1),
        "rounds": len(mine), "what": "ldapadd of the same entries and"
        " ldapmodify of the same memberships, one connection each, into the"
        " same kind of slapd with a sync for each write"}))


main()
