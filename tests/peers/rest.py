#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A REST server that fails as it is told, for the tests of HTTP clients.

rest.py PORTFILE [CERT KEY]: listens on a free port of 127.0.0.1, writes it
to PORTFILE, and serves until it is killed.

/users      POST makes one; GET lists (offset and limit, page, cursor, or
            style=link); ?name= finds; at most 3 in a page
/users/ID   GET, PUT, PATCH, DELETE
/echo       answers what was sent, with the request's headers
/_fail      POST {"how": ..., "times": N, "method": ..., "skip": N}: what
            happens to the next requests
/_log       GET: the requests so far, as "METHOD path"

how: a status ("429"), or hang, lost (done, but no answer), cut (half an
answer), garbage, huge, redirect, empty
"""
import http.server
import json
import os
import socket
import ssl
import sys
import threading
import time
import urllib.parse

PAGE = 3
lock = threading.Lock()
users = {}
log = []
faults = []
serial = [0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *args):
        pass

    def reply(self, status, value=None, headers=()):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def fault(self):
        for f in faults:
            if f.get("method", self.command) != self.command:
                continue
            if f.get("skip", 0) > 0:
                f["skip"] -= 1
                continue
            if f["times"] > 0:
                f["times"] -= 1
                return f["how"]
        return None

    def fail(self, how):
        """True if that was the answer."""
        if how.isdigit():
            headers = [("Retry-After", "2")] if how in ("429", "503") else []
            self.reply(int(how), {"error": how}, headers)
        elif how == "hang":
            time.sleep(30)
            self.hang_up()
        elif how == "garbage":
            self.wfile.write(b"\x00\xffnot http\r\n\r\n")
            self.hang_up()
        elif how == "empty":
            self.hang_up()
        elif how == "huge":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(400):
                    self.wfile.write(b"x" * 65536)
            except OSError:
                pass
            self.hang_up()
        elif how == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b'{"half":')
            self.wfile.flush()
            self.hang_up()
        elif how == "redirect":
            self.reply(302, None, [("Location", "http://192.0.2.1/")])
        else:
            return False
        return True

    def listing(self, query):
        found = [u for u in users.values()
                 if query.get("name", u["name"]) == u["name"]]
        limit = min(int(query.get("limit", PAGE)), PAGE)
        at = int(query.get("offset", query.get("cursor", "0")))
        if "page" in query:
            at = int(query["page"]) * limit
        items = found[at:at + limit]
        more = at + limit < len(found)
        headers, body = [], {"items": items, "total": len(found)}
        if more:
            body["next"] = str(at + limit)
            body["next_url"] = "/users?offset=%d" % (at + limit)
            if query.get("evil"):
                body["next_url"] = "https://192.0.2.1/users"
            link = "<http://%s/users?style=link&offset=%d>; rel=\"next\"" % (
                self.headers["Host"], at + limit)
            headers = [("Link", link)]
        if query.get("loop"):
            body["next"] = "0"
        self.reply(200, body, headers)

    def user_make(self, value):
        if any(u["name"] == value.get("name") for u in users.values()):
            return self.reply(409, {"error": "exists"})
        serial[0] += 1
        user = dict(value, id="u%d" % serial[0])
        user.setdefault("active", True)
        users[user["id"]] = user
        return self.reply(201, user)

    def user(self, name, value):
        if name not in users:
            return self.reply(404, {"error": "no such user"})
        if self.command == "DELETE":
            del users[name]
            return self.reply(204)
        if self.command in ("PUT", "PATCH"):
            if self.command == "PUT":
                users[name] = {"active": True}
            users[name].update(value, id=name)
        return self.reply(200, users[name])

    def control(self, path, value):
        if path == "/_log":
            self.reply(200, log)
        else:
            faults.append(dict({"times": 1}, **value))
            self.reply(204)

    def serve(self):
        n = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(n)
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        try:
            value = json.loads(raw) if raw else {}
        except ValueError:
            return self.reply(400, {"error": "not JSON"})
        with lock:
            if url.path.startswith("/_"):
                return self.control(url.path, value)
            log.append("%s %s" % (self.command, self.path))
            how = self.fault()
        if how and self.fail(how):
            return None
        with lock:
            if how == "lost":
                self.wfile = open("/dev/null", "wb")
            self.route(url.path, query, value)
        if how == "lost":
            self.hang_up()
        return None

    def route(self, path, query, value):
        name = urllib.parse.unquote(path.removeprefix("/users/"))
        if path == "/echo":
            self.reply(200, {"sent": value, "path": self.path,
                             "headers": dict(self.headers)})
        elif path == "/users" and self.command == "POST":
            self.user_make(value)
        elif path == "/users":
            self.listing(query)
        elif path.startswith("/users/"):
            self.user(name, value)
        else:
            self.reply(404, {"error": "no such path"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if len(sys.argv) == 4:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with open(sys.argv[1] + ".new", "w", encoding="ascii") as f:
        f.write("%d\n" % server.server_port)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
