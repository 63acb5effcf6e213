#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""webhook.py PORTFILE OUT KEY [FAILURES]: a receiver of signed webhooks, as
Standard Webhooks 1.0 says.  It refuses what is not signed with KEY (the
bytes of that file) or is older than five minutes, answers 503 to the first
FAILURES requests, and keeps the others in OUT, a line of JSON each."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen += 1
        if self.server.seen <= self.server.failures:
            status = 503
        else:
            status = 204 if self.is_signed(body) else 401
        with open(self.server.out, "a", encoding="utf-8") as f:
            print(json.dumps({"status": status, "path": self.path,
                              "id": self.headers.get("webhook-id"),
                              "body": json.loads(body)}), file=f)
        self.send_response(status)
        self.end_headers()

    def is_signed(self, body):
        at = self.headers.get("webhook-timestamp", "0")
        said = ".".join([self.headers.get("webhook-id", ""), at])
        mac = hmac.new(self.server.key, said.encode() + b"." + body,
                       hashlib.sha256).digest()
        want = "v1," + base64.b64encode(mac).decode()
        return abs(time.time() - int(at)) < 300 and any(
            hmac.compare_digest(want, one) for one in
            self.headers.get("webhook-signature", "").split(" "))

    def log_message(self, *args):
        pass


def main():
    portfile, out, key = sys.argv[1:4]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.out, server.seen = out, 0
    server.failures = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    with open(key, "rb") as f:
        server.key = f.read()
    with open(portfile + ".new", "w", encoding="utf-8") as f:
        f.write(str(server.server_address[1]))
    os.rename(portfile + ".new", portfile)
    server.serve_forever()


main()
