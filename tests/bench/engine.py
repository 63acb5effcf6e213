#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""engine-cN: durable 5-step workflows a second at N in flight, beside bare C.

    engine.py N [ROUNDS]

Ours: musterd with evidence on and full synchronous commits; each step is one
POST of the http provider, through its workers, to a local echo server that
answers at once.  Reference: tests/bench/bare.c, the same posts by the
shortest way.  Both run in turn, ROUNDS times (3); medians count.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from house import BUILD, Daemon, put, rows

STEPS = ["one", "two", "three", "four", "five"]


def configure(top, port, width):
    for folder in ("systems", "workflows"):
        os.makedirs(f"{top}/{folder}")
    put(f"{top}/muster.json", {
        "instance": "bench", "state": f"{top}/state",
        "socket": f"{top}/muster.sock", "sandbox": "best-effort"})
    put(f"{top}/systems/echo.json", {
        "system": "echo", "provider": "http", "mode": "enforce",
        "verify": "no", "concurrency": min(width, 8) + 1, "ahead": 4,
        "url": f"http://127.0.0.1:{port}",
        "description": {
            "name": "echo",
            "operations": {"echo:post": {
                "effect": "repeatable",
                "request": {
                    "method": "POST", "path": "/post",
                    "body": {"note": "what is posted in each step"}}}}}})
    steps, before = {}, None
    for name in STEPS:
        steps[name] = {"do": "echo:post", "system": "echo",
                       "repeatable": True}
        if before:
            steps[name]["after"] = [before]
        before = name
    put(f"{top}/workflows/bench.json", {
        "workflow": "bench", "class": "review", "parallel": width,
        "steps": steps})


def ours(daemon, total, look=None):
    """Starts so many runs and waits: (a second, p50, p99 in ms)."""
    r = daemon.muster("run", "start", "bench", "--count", str(total),
                      "--json")
    if r.returncode != 0:
        sys.exit(f"run start: {r.stderr}")
    first = json.loads(r.stdout)["run"]
    until = time.time() + 300
    while True:
        if look:
            look()
        left = rows(daemon.top, "SELECT count(*) FROM run WHERE id >= ?"
                    " AND ended = 0", first)[0][0]
        if left == 0:
            break
        if time.time() > until:
            sys.exit(f"{left} runs are not done: "
                     + open(f"{daemon.top}/log").read()[-2000:])
        time.sleep(0.25)
    bad = rows(daemon.top, "SELECT count(*) FROM run WHERE id >= ?"
               " AND state != 'done'", first)[0][0]
    if bad:
        sys.exit(f"{bad} runs did not succeed")
    span = rows(daemon.top, "SELECT min(started), max(ended) FROM run"
                " WHERE id >= ?", first)[0]
    took = sorted(r[0] for r in rows(daemon.top, "SELECT ended - started"
                                     " FROM run WHERE id >= ?", first))
    return (1000.0 * total / max(1, span[1] - span[0]),
            took[len(took) // 2], took[len(took) * 99 // 100])


def reference(top, port, width, total):
    store = f"{top}/bare.db"
    for end in ("", "-wal", "-shm"):
        if os.path.exists(store + end):
            os.unlink(store + end)
    out = subprocess.run([f"{BUILD}/tests/bench/bare",
                          f"http://127.0.0.1:{port}/post", store,
                          str(width), str(total)],
                         stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(out.stdout)["rate"]


def main():
    width = int(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    total = {1: 1500, 16: 5000}.get(width, 8000)
    echo = subprocess.Popen([f"{BUILD}/tests/bench/echo"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(echo.stdout.readline())
    with tempfile.TemporaryDirectory() as top:
        configure(top, port, width)
        daemon = Daemon(top)
        most = [0.0]

        def look():
            most[0] = max(most[0], daemon.memory())
        ours(daemon, 50 + 4 * width)
        mine, theirs, p99 = [], [], []
        for _ in range(rounds):
            rate, _, tail = ours(daemon, total, look)
            mine.append(rate)
            p99.append(tail)
            theirs.append(reference(top, port, width, total))
        r = daemon.muster("run", "start", "bench", "--count", "2000")
        time.sleep(0.3)
        done = "SELECT count(*) FROM run WHERE ended != 0"
        daemon.kill()
        was, began = rows(top, done)[0][0], time.time()
        daemon.start()
        while rows(top, done)[0][0] < was + max(4, width):
            if time.time() - began > 30 or r.returncode != 0:
                sys.exit("no work was done after the kill")
            time.sleep(0.01)
        back = time.time() - began
        daemon.stop()
    echo.stdin.close()
    echo.wait()
    a, b = statistics.median(mine), statistics.median(theirs)
    print(json.dumps({
        "name": f"engine-c{width}", "unit": "workflows/s",
        "ours": round(a, 1), "reference": round(b, 1),
        "ratio": round(a / b, 3), "p99_ms": statistics.median(p99),
        "memory_mb": round(most[0], 1), "back_s": round(back, 2),
        "rounds": rounds, "what": "bare C: curl_multi and SQLite, one"
        " durable commit before and after each post, group commit"}))


main()
