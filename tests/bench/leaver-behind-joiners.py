#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""leaver-behind-joiners: a dismissal while a crowd of joiners is queued.

From the request that tells of a leaver for cause to the time at which the
disable is verified in a slapd, in ms.  Reference: the same on an idle
daemon.  A round takes SAMPLES (5) dismissals idle, loads JOINERS (20,000)
joiners, and takes as many dismissals while these are worked on, SPACE (2) s
apart; ROUNDS (3), each with a fresh store and slapd; medians count.
"""
import json
import os
import statistics
import sys
import tempfile
import time

from company import Company
from house import Daemon, Directory, wait

JOINERS = int(os.environ.get("JOINERS", "20000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SAMPLES = int(os.environ.get("SAMPLES", "5"))
SPACE = float(os.environ.get("SPACE", "2"))
QUIET = 0.1  # s, far longer than a cut takes
CONCURRENCY = int(os.environ.get("CONCURRENCY", "4"))

CUT = ("SELECT s.verified FROM step s JOIN affiliation a"
       " ON a.identity = s.identity WHERE a.key = ? AND"
       " s.verb = 'account.disable' AND s.verified > 0")
WAITING = ("SELECT (SELECT count(*) FROM event WHERE kind = 'record')"
           " - (SELECT count(*) FROM run WHERE workflow = 'joiner'"
           " AND ended != 0)")


def feed(daemon, company, last):
    path = f"{daemon.top}/hr-{last}.csv"
    company.write(path, 0, last)
    r = daemon.muster("feed", "load", "hr", path)
    if r.returncode != 0:
        sys.exit(f"feed load: {r.stderr}")

    def accepted():
        state = daemon.count("SELECT state FROM load ORDER BY id DESC")
        if state not in ("reading", "assessing", "accepted"):
            sys.exit(f"the load is {state}")
        return state == "accepted"
    wait(300, "the load is not accepted", accepted)


def dismissed(daemon, key):
    """ms from the request to the verified cut.  Nobody looks meanwhile: one
    look at a store of this size would take a processor from the cut."""
    began = time.time()
    daemon.command("event.add", {"feed": "hr", "events": [
        {"key": key, "event": "leaver", "cause": "for_cause"}]})
    time.sleep(QUIET)
    verified = wait(60, f"{key} is not cut", lambda: daemon.rows(CUT, key),
                    0.02)[0][0]
    return verified - began * 1000


def samples(daemon, company, first, waiting):
    took = []
    for n in range(first, first + SAMPLES):
        time.sleep(SPACE)
        took.append(dismissed(daemon, company.person(n)["id"]))
        left = daemon.count(WAITING)
        if os.environ.get("VERBOSE"):
            print(f"{took[-1]:.0f} ms, {left} joiners wait", daemon.rows(
                "SELECT (SELECT count(*) FROM event WHERE due > 0),"
                " (SELECT count(*) FROM ask),"
                " (SELECT count(*) FROM run WHERE ended = 0)"),
                file=sys.stderr)
        if left < waiting:
            sys.exit(f"only {left} joiners were still waiting")
    return took


def one_round(idle, behind):
    company = Company(JOINERS + 2 * SAMPLES, 1000)
    with tempfile.TemporaryDirectory() as top:
        directory = Directory(f"{top}/slapd")
        try:
            directory.add("groups", company.groups_ldif(directory.base))
            os.mkdir(f"{top}/set")
            company.configure(f"{top}/set", directory, CONCURRENCY)
            daemon = Daemon(f"{top}/set")
            feed(daemon, company, 2 * SAMPLES)
            wait(60, "the first people are not in",
                 lambda: daemon.count(WAITING) == 0)
            idle += samples(daemon, company, 0, 0)
            feed(daemon, company, company.people)
            behind += samples(daemon, company, SAMPLES, JOINERS // 2)
            daemon.kill()
        finally:
            directory.stop()


def main():
    idle, behind = [], []
    for _ in range(ROUNDS):
        one_round(idle, behind)
    a, b = statistics.median(behind), statistics.median(idle)
    print(json.dumps({
        "name": "leaver-behind-joiners", "unit": "ms", "ours": round(a, 1),
        "reference": round(b, 1), "ratio": round(a / b, 3),
        "worst": round(max(behind), 1), "joiners": JOINERS,
        "samples": len(behind), "what": "the same dismissal on an idle"
        " daemon, from the request to the verified disable"}))


main()
