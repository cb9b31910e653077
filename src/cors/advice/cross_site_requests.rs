//! L-34 to L-36: requests that CORS does not stop: handshakes of `WebSocket`s, simple requests, refused ones.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::broken_origin::{flaw, is_pattern};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::fetch_request::{NotCors, RequestClass};
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

pub(super) static L_35: Rule = Rule {
    number: 35,
    id: "L-35",
    severity: Severity::Info,
    title: "a cross-origin POST with a cookie, without a preflight",
    what: "A POST from another origin carried a cookie, needed no preflight, and was answered with success.",
    why: "Any site can make a browser send such a request; CORS is no protection against forged requests.",
    fix: "ask for a token, set SameSite on the session cookie, or check Sec-Fetch-Site",
    example: "POST https://api.example/transfer\nOrigin: https://other.test\nCookie: session=…\nContent-Type: application/x-www-form-urlencoded\n\nHTTP/1.1 200 OK",
};

pub(super) static L_36: Rule = Rule {
    number: 36,
    id: "L-36",
    severity: Severity::Info,
    title: "a refused request was carried out",
    what: "The page may not read the response, but the server answered with success.",
    why: "CORS hides the response from the page; it does not stop the request. What it changed is changed.",
    fix: "refuse in the server, by authorisation or by the Origin, what is not to be done",
    example: "POST https://api.example/orders\nOrigin: https://other.test\n\nHTTP/1.1 201 Created                (no Access-Control-Allow-Origin)",
};

/// Requests outside the CORS protocol.
pub(super) fn check_not_cors(answer: &Answer<'_>, why: NotCors, sink: &mut Sink<'_>) {
    match why {
        NotCors::WebSocket => check_websocket(answer, sink),
        NotCors::NoCors | NotCors::Navigation => check_post(answer, sink),
        NotCors::SameOrigin | NotCors::NoResource => {}
    }
}

fn check_websocket(answer: &Answer<'_>, sink: &mut Sink<'_>) {
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

pub(super) fn check_post(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let fetch = &answer.half.fetch;
    if fetch.head.method() != b"POST" || !answer.is_ok() || !answer.request().contains("cookie") {
        return;
    }
    // A page of the same site is no forger; and a request that needs a preflight asked first.
    if answer.is_cross_site() == Some(false) || fetch.needs_preflight() {
        return;
    }
    sink.add(&L_35, || {
        format!(
            "a POST from {} carried a cookie, needed no preflight, and got {}",
            text(answer.origin),
            answer.status
        )
    });
}

/// A response that the CORS check keeps from the page.
pub(super) fn check_refused(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.preflight || !answer.is_ok() || answer.grants() {
        return;
    }
    // A value that matches no page is a mistake (L-19 to L-21), not a refusal.
    let allowed = answer.cors.allow_origin;
    let malformed = |value| flaw(value).is_some() || is_pattern(value);
    if allowed.count > 1 || allowed.first.is_some_and(malformed) {
        return;
    }
    let method = answer.half.fetch.head.method();
    let reads = matches!(method, b"GET" | b"HEAD" | b"OPTIONS");
    // A server that sends no CORS headers at all to a GET does not believe that it refuses anything.
    if reads && (!answer.cors.allow_origin.is_there() || answer.body_bytes() == 0) {
        return;
    }
    sink.add(&L_36, || {
        format!(
            "the {} from {} is refused by the response's headers, but was answered with {} and {} bytes",
            text(method),
            text(answer.origin),
            answer.status,
            answer.body_bytes()
        )
    });
}

/// Whether a request's class lets L-35 and L-36 say something.
pub(super) fn is_decided(class: RequestClass) -> bool {
    matches!(class, RequestClass::Cors | RequestClass::Ambiguous)
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

    #[test]
    fn simple_posts_with_cookies() {
        let post = |more: &str, status: &str| {
            format!("POST / | Origin: http://evil.net{more} => {status}")
        };
        let cookie = " | Cookie: a=b | Content-Type: text/plain";
        for (more, status, expected) in [
            (cookie, "200", &["L-35"][..]),
            (" | Content-Type: text/plain", "200", &[]),
            (cookie, "403", &[]),
            (
                " | Cookie: a=b | Content-Type: application/json",
                "200",
                &[],
            ),
            (
                " | Cookie: a=b | Sec-Fetch-Site: same-site | Sec-Fetch-Mode: cors",
                "200",
                &[],
            ),
            (
                " | Cookie: a=b | Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: navigate",
                "200",
                &["L-35"],
            ),
        ] {
            let line = post(more, status);
            check(&["L-35"], &[(&line, &[&line], expected)]);
        }
    }

    #[test]
    fn refused_and_carried_out() {
        for (line, expected) in [
            (
                "POST / | Origin: http://b.org | Accept: application/json => 200",
                &["L-36"][..],
            ),
            (
                "POST / | Origin: http://b.org => 200 | ACAO: http://a.org",
                &["L-36"],
            ),
            ("POST / | Origin: http://b.org => 403", &[]),
            (
                "GET / | Origin: http://b.org => 200 | Content-Length: 9",
                &[],
            ),
            (
                "GET / | Origin: http://b.org => 200 | ACAO: http://a.org | Content-Length: 9",
                &["L-36"],
            ),
            (
                "GET / | Origin: http://b.org => 200 | ACAO: * | Content-Length: 9",
                &[],
            ),
        ] {
            check(&["L-36"], &[(line, &[line], expected)]);
        }
    }
}
