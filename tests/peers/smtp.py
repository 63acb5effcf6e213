#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""smtp.py PORTFILE OUT [CERT KEY]: an SMTP server (RFC 5321) that keeps what
it gets in OUT, one JSON object a line: from, to, data, tls, user.  With a
certificate it offers STARTTLS (RFC 3207), and AUTH PLAIN behind it."""
import base64
import json
import os
import socketserver
import ssl
import sys


class Session(socketserver.StreamRequestHandler):
    timeout = 30

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self):
        self.tls = self.user = None
        self.mail, self.to = None, []
        self.say("220 sink ESMTP")
        while True:
            line = self.rfile.readline(4096).decode("utf-8", "replace")
            if not line or not self.command(line.rstrip("\r\n")):
                return

    def command(self, line):
        verb = line.split(" ")[0].upper()
        act = getattr(self, "on_" + verb.lower(), None)
        if act is None:
            self.say("502 what?")
            return True
        return act(line) is not False

    def on_ehlo(self, line):
        offers = ["sink"]
        if self.server.context and not self.tls:
            offers.append("STARTTLS")
        if self.tls:
            offers.append("AUTH PLAIN")
        for o in offers[:-1]:
            self.say("250-" + o)
        self.say("250 " + offers[-1])

    def on_starttls(self, line):
        if not self.server.context:
            self.say("454 no TLS here")
            return None
        self.say("220 go on")
        sock = self.server.context.wrap_socket(self.connection,
                                               server_side=True)
        self.connection = sock
        self.rfile, self.wfile = sock.makefile("rb"), sock.makefile("wb")
        self.tls = sock.version()
        return None

    def on_auth(self, line):
        if not self.tls:
            self.say("538 only behind TLS")
            return
        said = line.split(" ")[2:]
        if not said:
            self.say("334 ")
            said = [self.rfile.readline(4096).decode().strip()]
        _, self.user, password = \
            base64.b64decode(said[0]).decode().split("\0")
        if password != os.environ.get("SMTP_PASSWORD", ""):
            self.say("535 no")
            return
        self.say("235 welcome")

    def on_mail(self, line):
        self.mail, self.to = line.split(":", 1)[1], []
        self.say("250 ok")

    def on_rcpt(self, line):
        self.to.append(line.split(":", 1)[1])
        self.say("250 ok")

    def on_data(self, line):
        self.say("354 go on")
        text = []
        while True:
            one = self.rfile.readline(65536).decode("utf-8", "replace")
            if one in ("", ".\r\n"):
                break
            text.append(one)
        with open(self.server.out, "a", encoding="utf-8") as f:
            print(json.dumps({"from": self.mail, "to": self.to,
                              "data": "".join(text), "tls": self.tls,
                              "user": self.user}), file=f)
        self.say("250 kept")

    def on_rset(self, line):
        self.say("250 ok")

    def on_noop(self, line):
        self.say("250 ok")

    def on_quit(self, line):
        self.say("221 bye")
        return False


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    portfile, out = sys.argv[1:3]
    with Server(("127.0.0.1", 0), Session) as server:
        server.out, server.context = out, None
        if len(sys.argv) == 5:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(*sys.argv[3:5])
        with open(portfile + ".new", "w", encoding="utf-8") as f:
            f.write(str(server.server_address[1]))
        os.rename(portfile + ".new", portfile)
        server.serve_forever()


main()
