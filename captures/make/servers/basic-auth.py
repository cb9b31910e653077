"""Reports behind HTTP Basic authentication, in three arrangements.

/guarded/...   authentication first, for OPTIONS too: 401 without CORS headers
/decorated/... the same, but a proxy adds the CORS headers to every answer
/right/...     preflights are answered before anybody asks for a password
"""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASS = "Basic ZGVtbzpkZW1v"  # demo:demo


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        if not self.path.startswith("/guarded/"):
            self.send_header("Access-Control-Allow-Origin", "http://localhost:8080")
            self.send_header("Access-Control-Allow-Headers", "authorization")
        elif self.command != "OPTIONS" and status == 200:
            self.send_header("Access-Control-Allow-Origin", "http://localhost:8080")
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self):
        if self.path.startswith("/right/"):
            self.answer(204)
        else:
            self.do_GET()

    def do_GET(self):
        if self.headers.get("Authorization") != PASS:
            self.answer(401, [("WWW-Authenticate", 'Basic realm="reports"')], b"password, please\n")
        else:
            self.answer(200, [("Content-Type", "text/plain")], b"all is well\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
