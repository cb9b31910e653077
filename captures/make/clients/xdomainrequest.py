"""Requests of the shape that Internet Explorer 9 gave to XDomainRequest.

Built from that object's documented limits; the order of the headers and the
ones beside Origin are a likeness, not a recording.

GET and POST only, no header of the page's own, no cookie, no Content-Type,
and an Origin header. It reads an answer only if Access-Control-Allow-Origin
is there; it never asks with a preflight.
"""
import socket
import sys

PORT = int(sys.argv[1])

COMMON = (
    "Accept: */*\r\n"
    "Origin: http://localhost:8080\r\n"
    "Accept-Language: en-US\r\n"
    "UA-CPU: AMD64\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "User-Agent: Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Win64; x64; Trident/5.0)\r\n"
    f"Host: 127.0.0.1:{PORT}\r\n"
)


def send(method, path, body=""):
    head = f"{method} {path} HTTP/1.1\r\n{COMMON}"
    if method == "POST":
        head += f"Content-Length: {len(body)}\r\n"
    head += "Connection: Keep-Alive\r\n"
    if method == "POST":
        head += "Cache-Control: no-cache\r\n"
    with socket.create_connection(("127.0.0.1", PORT)) as s:
        s.sendall((head + "\r\n" + body).encode("ascii"))
        answer = b""
        while chunk := s.recv(4096):
            answer += chunk
    headers, _, _ = answer.partition(b"\r\n\r\n")
    status = headers.split(b" ")[1].decode()
    allowed = b"\naccess-control-allow-origin:" in headers.lower()
    verdict = "would fire onload" if allowed and status == "200" else "would fire onerror"
    print(f"client: {method} {path}: status {status}, XDomainRequest {verdict}")


print("browser: none; a script sends requests like those of Internet Explorer 9")
send("GET", "/prices?item=5")
send("POST", "/orders", "item=5&count=2")
send("GET", "/private")
