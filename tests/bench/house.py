# SPDX-License-Identifier: Apache-2.0
"""What benchmarks share: a musterd of their own, and a private slapd.

Everything is below a folder that the caller owns.  A peer that cannot be
had ends the program with status 77, after the reason on standard error.
"""
import atexit
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time

BUILD = os.environ.get("builddir", ".")
SOURCE = os.environ.get("srcdir", ".")
SKIP = 77


def put(path, doc):
    with open(path, "w") as f:
        json.dump(doc, f, indent=1)


def rows(top, sql, *args):
    """Asks the store beside the daemon, on a short connection."""
    db = sqlite3.connect(f"file:{top}/state/muster.db?mode=ro", uri=True)
    try:
        return db.execute(sql, args).fetchall()
    finally:
        db.close()


def wait(seconds, what, ready, nap=0.1):
    """Until ready() says something; what is the complaint if it does not."""
    until = time.time() + seconds
    while True:
        said = ready()
        if said:
            return said
        if time.time() > until:
            sys.exit(f"{what}, not within {seconds} s")
        time.sleep(nap)


class Connection(http.client.HTTPConnection):
    """HTTP on a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """A musterd of the configuration in top, in top/state."""

    def __init__(self, top):
        self.top = top
        self.env = dict(os.environ, MUSTER_SOCKET=f"{top}/muster.sock",
                        MUSTER_LIBEXECDIR=BUILD,
                        MUSTER_PROVIDERDIR=f"{BUILD}/providers/.libs")
        atexit.register(self.end)
        self.start()

    def end(self):
        """However the benchmark ends."""
        if self.proc.poll() is None:
            self.kill()

    def start(self):
        self.log = open(f"{self.top}/log", "a")
        self.proc = subprocess.Popen(
            [f"{BUILD}/musterd", "--config", self.top, "--private"],
            env=self.env, stderr=self.log)
        until = time.time() + 20
        while not os.path.exists(f"{self.top}/muster.sock") or \
                self.muster("status").returncode != 0:
            if time.time() > until or self.proc.poll() is not None:
                sys.exit(f"musterd does not start: {self.said()}")
            time.sleep(0.02)

    def said(self):
        return open(f"{self.top}/log").read()[-2000:]

    def muster(self, *args):
        return subprocess.run([f"{BUILD}/muster", *args], env=self.env,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)

    def command(self, verb, body):
        """By the socket itself, without the time that a CLI takes."""
        c = Connection(f"{self.top}/muster.sock")
        c.request("POST", f"/v1/commands/{verb}", json.dumps(body),
                  {"Content-Type": "application/json"})
        r = c.getresponse()
        said = r.read().decode()
        c.close()
        if r.status != 200:
            sys.exit(f"{verb}: {r.status} {said}")
        return json.loads(said)

    def rows(self, sql, *args):
        return rows(self.top, sql, *args)

    def count(self, sql, *args):
        return self.rows(sql, *args)[0][0]

    def kill(self):
        self.proc.send_signal(signal.SIGKILL)
        self.proc.wait()
        self.log.close()

    def stop(self):
        self.proc.terminate()
        self.proc.wait(20)
        self.log.close()

    def memory(self):
        """Proportional set size of the daemon and its children, in MB."""
        total, todo = 0, [self.proc.pid]
        while todo:
            pid = todo.pop()
            try:
                todo += [int(p) for p in open(
                    f"/proc/{pid}/task/{pid}/children").read().split()]
                for line in open(f"/proc/{pid}/smaps_rollup"):
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
            except OSError:
                pass
        return total / 1024


class Directory:
    """A private slapd that syncs each write, as tests/peers/slapd.sh
    sets it up: TLS, and the overlays ppolicy, memberof, refint, unique."""

    def __init__(self, folder, *modes):
        self.folder = folder
        self.script = f"{SOURCE}/tests/peers/slapd.sh"
        r = subprocess.run(["sh", self.script, "start", folder, *modes],
                           stdout=sys.stderr)
        if r.returncode != 0:
            sys.exit(r.returncode)
        with open(f"{folder}/env") as f:
            for line in f:
                name, _, value = line.strip().partition("=")
                setattr(self, name.lower(), value)

    def tool(self, name, *args):
        """ldapadd and the like, on one connection with StartTLS."""
        with open(f"{self.folder}/tool.log", "w") as out:
            r = subprocess.run(
                [name, "-x", "-ZZ", "-H", self.url, "-D", self.bind_dn,
                 "-w", self.bind_pw, *args], stdout=out, stderr=out,
                env=dict(os.environ, LDAPTLS_CACERT=self.ca))
        said = open(f"{self.folder}/tool.log").read()
        if r.returncode != 0:
            sys.exit(f"{name}: {said[-2000:]}")
        return said

    def add(self, name, text):
        """Adds entries from a text, which stays in a file of that name."""
        path = f"{self.folder}/{name}.ldif"
        with open(path, "w") as f:
            f.write(text)
        return self.tool("ldapadd", "-f", path)

    def search(self, *args):
        return self.tool("ldapsearch", "-LLL", "-o", "ldif-wrap=no",
                         "-E", "pr=1000/noprompt", "-b", self.base, *args)

    def stop(self):
        subprocess.run(["sh", self.script, "stop", self.folder], check=True)
