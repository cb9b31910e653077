"""Requests to an https API, as they look behind the proxy that ends TLS.

A likeness, not a recording: one computer cannot be many sites. The proxy keeps
the Host and says X-Forwarded-Proto: https; the headers are those that Chromium
sends with a fetch that includes credentials.
"""
import socket
import sys

PORT = int(sys.argv[1])
CHROME = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/156.0.0.0 Safari/537.36")


def ask(method, path, lines, body=""):
    head = [f"{method} {path} HTTP/1.1", "Host: api.example.com", "X-Forwarded-Proto: https", *lines]
    if body:
        head += ["Content-Type: text/plain;charset=UTF-8", f"Content-Length: {len(body)}"]
    head += ["Connection: close", "", body]
    with socket.create_connection(("127.0.0.1", PORT)) as s:
        s.sendall("\r\n".join(head).encode("ascii"))
        answer = b""
        while chunk := s.recv(4096):
            answer += chunk
    return answer.split(b" ")[1].decode()


def fetch(method, path, origin, body=""):
    site = "same-site" if origin.endswith("//www.example.com") else "cross-site"
    status = ask(method, path, [
        f"Origin: {origin}",
        f"User-Agent: {CHROME}",
        "Accept: */*",
        "Accept-Language: en-US,en;q=0.9",
        f"Sec-Fetch-Site: {site}",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Dest: empty",
        f"Referer: {origin}/",
        "Cookie: session=4711",
    ], body)
    print(f"client: {method} {path} from {origin}: status {status}")


print("browser: none; a script sends requests like those of Chromium, as a proxy that ends TLS hands them on")
fetch("GET", "/me", "https://www.example.com")
fetch("GET", "/me", "https://news.test")
fetch("GET", "/me", "https://games.invalid")
fetch("GET", "/prices", "http://www.example.com")
fetch("GET", "/orders", "http://localhost:3000")
fetch("GET", "/account", "https://example.com.login.test")
fetch("GET", "/profile", "https://somebody.github.io")
fetch("GET", "/basket", "https://partner.test")
fetch("POST", "/transfer", "https://partner.test", "to=4711&amount=100")
status = ask("GET", "/status", ["Origin: https://www.example.com", "User-Agent: scanner/1.0",
                                "Access-Control-Request-Method: GET"])
print(f"client: GET /status with Access-Control-Request-Method: status {status}")
