"""An order book. Takes orders from anybody who can send a form or plain text,
and only lets other origins read how many there are."""
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORDERS = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        ORDERS.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(201, b"order %d taken\n" % len(ORDERS))

    def do_GET(self):
        self.answer(200, b"%d orders\n" % len(ORDERS), [("Access-Control-Allow-Origin", "*")])

    def answer(self, status, body, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


Server(("::1", int(sys.argv[1])), Handler).serve_forever()
