#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""needles.py NEEDLES FILE...: looks in files for values that must not be
there, as they are and as base64 (at any place of a longer text), hex,
percent-encoded and UTF-16.  NEEDLES has a line "NAME VALUE" for each.
Prints "NAME as FORM in FILE" for every find; the status says if any was."""
import base64
import sys
import urllib.parse


def forms(value):
    raw = value.encode()
    yield "text", raw
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield "UTF-16", value.encode("utf-16-le")
    quoted = urllib.parse.quote(value, safe="").encode()
    if quoted != raw:
        yield "percent-encoded", quoted
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        # What a neighbour's bits are part of is left out.
        text = text[(0, 2, 3)[before]:]
        if (before + len(raw)) % 3:
            text = text[:-1]
        yield "base64", text
        yield "base64url", text.translate(bytes.maketrans(b"+/", b"-_"))


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        needles = [line.split(None, 1) for line in f.read().splitlines()]
    found = 0
    for path in sys.argv[2:]:
        with open(path, "rb") as f:
            hay = f.read()
        for name, value in needles:
            for form in sorted({f for f, text in forms(value)
                                if text in hay}):
                print(f"{name} as {form} in {path}")
                found += 1
    sys.exit(1 if found else 0)


main()
