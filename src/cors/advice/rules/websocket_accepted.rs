//! L-34: a `WebSocket` from another origin, accepted with a cookie.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::url::normalise_authority;

pub(super) static L_34: Rule = Rule {
    number: 34,
    id: "L-34",
    severity: Severity::Medium,
    title: "a WebSocket from another origin was accepted, with a cookie",
    what: "A handshake with another Origin than the server's and with a cookie was answered with 101.",
    why: "CORS does not apply to WebSockets: if the server does not look at the Origin, any site can talk to it as the user.",
    fix: "compare the handshake's Origin with an exact list before answering 101",
    example: "GET https://api.example/live\nUpgrade: websocket\nOrigin: https://other.test\nCookie: session=…\n\nHTTP/1.1 101 Switching Protocols",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.status != 101 || !answer.request().contains("cookie") {
        return;
    }
    let own = match site::scheme_and_host(answer.origin) {
        Some((scheme, host)) => {
            let default_port = if scheme == b"https" { 443 } else { 80 };
            let authority = answer.origin.get(scheme.len() + 3..).unwrap_or_default();
            let same = normalise_authority(authority, default_port);
            // Sites mostly keep their sockets on a host of their own.
            same.as_deref() == Some(answer.target.authority)
                || (!site::is_loopback(host)
                    && host != answer.target.host()
                    && site::is_same_site(host, answer.target.host()))
                || (scheme == b"https" && host == answer.target.host())
        }
        None => false,
    };
    if !own {
        sink.add(&L_34, || {
            format!(
                "observed: a WebSocket from {} was accepted, and its handshake had a cookie",
                text(answer.origin)
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn websockets_from_elsewhere() {
        let handshake = |host: &str, origin: &str, cookie: &str, status: &str| {
            format!(
                "GET /ws | Host: {host} | Origin: {origin} | Upgrade: websocket{cookie} => {status}"
            )
        };
        let cookie = " | Cookie: a=b";
        for (host, origin, cookie, status, expected) in [
            ("ws.a.org", "http://evil.net", cookie, "101", &["L-34"][..]),
            (
                "localhost:9",
                "http://localhost:8",
                cookie,
                "101",
                &["L-34"],
            ),
            ("ws.a.org", "null", cookie, "101", &["L-34"]),
            ("ws.a.org", "http://evil.net", "", "101", &[]),
            ("ws.a.org", "http://evil.net", cookie, "403", &[]),
            ("ws.a.org", "http://ws.a.org", cookie, "101", &[]),
            ("ws.a.org", "https://www.a.org", cookie, "101", &[]),
        ] {
            let line = handshake(host, origin, cookie, status);
            check(&["L-34"], &[(&line, &[&line], expected)]);
        }
    }
}
