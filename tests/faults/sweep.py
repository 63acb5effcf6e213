#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sweep.py WORK SOCKETS: one joiner who becomes a leaver, again and again,
each time in a house of its own (musterd, store, and a subtree of one real
slapd), whose daemon is killed at another durable transition and started
again.  Whatever comes of it must be what an uninterrupted run comes to: the
same directory, the same outcome of each step, one account, and a first
password that was delivered and works.

WORK has the configuration set to copy, in set/.  From the environment:
builddir, BASE, URL, CA, BIND_DN, BIND_PW; SWEEP=all adds a second kill
during each recovery, SWEEP=few leaves three of four points out.  Controls: a kill that does not come fails, and a
deviation that is planted is seen."""
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

BUILD = Path(os.environ["builddir"])
BASE = os.environ["BASE"]
AT_ONCE = 6
PATIENCE = 60
JOIN = {"id": "join", "key": "1", "event": "joiner", "kind": "person",
        "affiliation": "employee", "start": "2020-01-01",
        "display": "Ada Lovelace",
        "attributes": {"given": "Ada", "family": "Lovelace",
                       "department": "Engineering"}}
LEAVE = {"id": "leave", "key": "1", "event": "leaver", "cause": "for_cause"}
WHO = "ada.lovelace"


class Wrong(Exception):
    """The house did not do what it must."""


def ldap(program, *args, text=None, who=None, password=None):
    """One call of an LDAP client; its exit status and output."""
    done = subprocess.run(
        [program, "-x", "-ZZ", "-H", os.environ["URL"],
         "-D", who or os.environ["BIND_DN"],
         "-w", password or os.environ["BIND_PW"], *args],
        env={**os.environ, "LDAPTLS_CACERT": os.environ["CA"]},
        input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class House:
    """One musterd with its folder, its socket and its subtree."""

    def __init__(self, work, sockets, name):
        self.name = name
        self.base = f"ou={name},{BASE}"
        self.dir = Path(work) / name
        self.socket = Path(sockets) / name
        self.counts = self.dir / "counts"
        self.daemon = None
        self.deaths = 0
        self.files_write(Path(work) / "set")
        self.subtree_write()

    def files_write(self, pattern):
        for file in pattern.rglob("*"):
            if not file.is_file():
                continue
            to = self.dir / "set" / file.relative_to(pattern)
            to.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text().replace(BASE, self.base)
            text = text.replace(os.environ["BIND_DN"].replace(BASE, self.base),
                                os.environ["BIND_DN"])
            text = text.replace(str(pattern.parent / "letters"),
                                str(self.dir / "letters"))
            text = text.replace(str(pattern.parent / "state"),
                                str(self.dir / "state"))
            to.write_text(text)
            to.chmod(0o600)
        for event in (JOIN, LEAVE):
            (self.dir / event["id"]).write_text(json.dumps(event))

    def subtree_write(self):
        ldif = f"dn: {self.base}\nobjectClass: organizationalUnit\n\n"
        for unit in ("people", "groups"):
            ldif += (f"dn: ou={unit},{self.base}\n"
                     "objectClass: organizationalUnit\n\n")
        empty = f"cn=empty,ou=groups,{self.base}"
        ldif += f"dn: {empty}\nobjectClass: organizationalRole\n\n"
        for group in ("everybody", "eng"):
            ldif += (f"dn: cn={group},ou=groups,{self.base}\n"
                     f"objectClass: groupOfNames\nmember: {empty}\n\n")
        status, said = ldap("ldapadd", text=ldif)
        if status != 0:
            raise Wrong(said)

    def start(self, fault=None):
        env = {**os.environ, "MUSTER_FAULT_COUNTS": str(self.counts)}
        if fault:
            env["MUSTER_FAULT"] = fault
        with open(self.dir / "log", "ab") as log:
            self.daemon = subprocess.Popen(
                [BUILD / "tests/faults/musterd-faults", "--private",
                 "--config", self.dir / "set", "--socket", self.socket],
                env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_dead(self):
        """False while it lives; any end but by the kill is wrong."""
        status = self.daemon.poll()
        if status is None:
            return False
        if status != -signal.SIGKILL:
            log = (self.dir / "log").read_text().splitlines()[-5:]
            raise Wrong(f"musterd ended with {status}: {log}")
        return True

    def stop(self):
        self.daemon.terminate()
        if self.daemon.wait(PATIENCE) != 0:
            raise Wrong(f"musterd ended with {self.daemon.returncode}")
        return [int(n) for n in self.counts.read_text().split()]

    def muster(self, *args):
        done = subprocess.run(
            [BUILD / "muster", "--socket", self.socket, *args],
            capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def rows(self, what, *args):
        text = self.muster(what, "list", "--json", "--all", *args)
        return None if text is None else json.loads(text)["items"]

    def evidence(self):
        """The log's size when nothing is open, or None."""
        status = self.muster("status", "--json")
        if status is None:
            return None
        status = json.loads(status)
        if status["in_flight"] or status["runs"] or status["events"]["n"]:
            return None
        return status["evidence"]

    def is_quiet(self, runs):
        """All is done: so many runs, and nothing more follows."""
        size = self.evidence()
        if size is None or len(self.rows("run", "--state", "done") or ()) < runs:
            return False
        if runs == 1 and self.letter() is None:
            return False
        time.sleep(0.3)
        return self.evidence() == size

    def live(self, event, runs, faults):
        """Tells it what happened and waits until all is done; restarts it
        whenever it dies, with the next fault."""
        told = False
        end = time.monotonic() + PATIENCE
        while not (told and self.is_quiet(runs)):
            if time.monotonic() > end:
                raise Wrong(f"not done after {PATIENCE} s: " + str(
                    self.muster("run", "list")) + str(
                        self.muster("step", "list")))
            if self.is_dead():
                self.deaths += 1
                self.start(faults.pop(0) if faults else None)
            for run in self.rows("run") or ():
                if run["state"] in ("failed", "cancelled"):
                    raise Wrong(f"the {run['workflow']} {run['state']}: " +
                                str(self.muster("step", "list")))
            if not told:
                told = self.muster("event", "add", "news",
                                   self.dir / event["id"]) is not None
            time.sleep(0.05)

    def letter(self):
        path = self.dir / "letters" / f"corp.{WHO}.json"
        try:
            return json.loads(path.read_text())["secret"]
        except (FileNotFoundError, KeyError, ValueError):
            return None

    def binds(self):
        return ldap("ldapwhoami", who=f"uid={WHO},ou=people,{self.base}",
                    password=self.letter() or "none")[0] == 0

    def verifies(self):
        bundle = self.dir / "bundle"
        bundle.unlink(missing_ok=True)  # an export writes over nothing
        return (self.muster("evidence", "checkpoint", "--sign") is not None
                and self.muster("evidence", "export", bundle) is not None
                and self.muster("evidence", "verify", bundle) is not None)

    def evidence_check(self, faults, kills):
        """All that happened is proven, across the kills too.  What arrived
        together shared a commit, so the last kills may come only here: each
        reload is a commit more, and so is its checkpoint."""
        for _ in range(80):
            proven = self.verifies()
            if self.is_dead():
                self.deaths += 1
                self.start(faults.pop(0) if faults else None)
            elif proven and self.deaths >= kills:
                return
            else:
                self.muster("reload")
                time.sleep(0.1)
        raise Wrong(f"it died {self.deaths} times" if proven else
                    "the evidence does not verify")

    def directory(self):
        """The subtree as text: all but ids, times and hashes.  Members stand
        in the groups; memberOf is left out, for the overlay loses its own
        change of it when a client dies within the call (slapd 2.5)."""
        status, text = ldap("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b",
                            self.base, "*", "pwdAccountLockedTime")
        if status != 0:
            raise Wrong(text)
        text = re.sub(r"(?m)^userPassword::.*$", "userPassword: set", text)
        text = text.replace(self.base, "BASE")
        entries = [sorted(e.splitlines()) for e in text.split("\n\n") if e]
        return sorted(e for e in entries if f"ou: {self.name}" not in e)

    def outcome(self):
        steps = [[s["run"], s["name"], s["verb"], s["state"],
                  s["in"].get("entitlement", "") if "in" in s else ""]
                 for s in self.rows("step")]
        accounts = [[a["system"], a["kind"], a["name"], a["seen_status"],
                     a["want_status"]] for a in self.rows("account")]
        runs = [[r["id"], r["workflow"], r["state"]] for r in self.rows("run")]
        cases = [[c["kind"], c["subject"]] for c in self.rows("case")]
        return {"directory": self.directory(), "steps": sorted(steps),
                "accounts": accounts, "runs": sorted(runs), "cases": cases,
                "letters": sorted(f.name for f in
                                  (self.dir / "letters").iterdir())}


def whole_life(work, sockets, name, faults):
    """From the first start to the outcome; what the daemon counted at its
    end, and how often it died."""
    house = House(work, sockets, name)
    faults = list(faults)
    kills = len(faults)
    house.start(faults.pop(0) if faults else None)
    try:
        house.live(JOIN, 1, faults)
        if not house.binds():
            raise Wrong("the first password was lost: it does not bind")
        house.live(LEAVE, 2, faults)
        if house.binds():
            raise Wrong("the leaver still binds")
        house.evidence_check(faults, kills)
        outcome = house.outcome()
        return outcome, house.stop(), house.deaths
    finally:
        if house.daemon.poll() is None:
            house.daemon.kill()
            house.daemon.wait()


def difference(want, got):
    """The first thing in which two outcomes differ, or None."""
    for part, value in want.items():
        if got[part] != value:
            return f"{part}: {got[part]}, and not {value}"
    return None


class Sweep:
    """All points, some at once."""

    def __init__(self, work, sockets):
        self.work = work
        self.sockets = sockets
        self.reference, self.counts, _ = whole_life(work, sockets, "ref", [])
        self.wrong = []
        self.fired = 0
        self.lock = threading.Lock()

    def point(self, number, faults):
        """What is wrong at one point, or None."""
        name = f"p{number}"
        try:
            outcome, _, deaths = whole_life(self.work, self.sockets, name,
                                            faults)
        except Wrong as why:
            return f"{name} {faults}: {why}"
        if deaths != len(faults):
            return f"{name} {faults}: died {deaths} times"
        what = difference(self.reference, outcome)
        return what and f"{name} {faults}: {what}"

    def points(self):
        commits, sends = self.counts
        for n in range(1, commits + 1):
            yield [f"before-commit:{n}"]
            yield [f"after-commit:{n}"]
        for n in range(1, sends + 1):
            yield [f"after-send:{n}"]
            yield [f"after-send:{n}", "before-commit:1"]
            yield [f"after-send:{n}", "after-commit:1"]
        if os.environ.get("SWEEP") != "all":
            return
        for n in range(1, commits + 1):
            for second in ("before-commit:1", "after-commit:1",
                           "after-commit:2", "after-send:1"):
                yield [f"after-commit:{n}", second]

    def run(self):
        points = list(self.points())
        if os.environ.get("SWEEP") == "few":
            points = points[::4]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(self.point, range(len(points)), points))
        return len(points), [f for f in found if f]

    def controls(self):
        """Each must be found wrong."""
        commits = self.counts[0]
        if self.point("late", [f"after-commit:{commits + 1000}"]) is None:
            return "a kill that never came was not missed"
        kept = self.reference["directory"]
        spoilt = [[*e, "description: planted"] if f"uid: {WHO}" in e else e
                  for e in kept]
        if difference({**self.reference, "directory": spoilt},
                      self.reference) is None:
            return "a planted deviation was not seen"
        return None


def main():
    begun = time.monotonic()
    sweep = Sweep(sys.argv[1], sys.argv[2])
    print("an uninterrupted run: %d commits, %d calls" % tuple(sweep.counts))
    if sweep.counts[0] < 10 or sweep.counts[1] < 5:
        sys.exit("too few to be a joiner and a leaver")
    total, wrong = sweep.run()
    print(f"{total} kills in {time.monotonic() - begun:.0f} s")
    for what in wrong:
        print("WRONG", what)
    missed = sweep.controls()
    if missed:
        print("CONTROL", missed)
    sys.exit(1 if wrong or missed else 0)


main()
