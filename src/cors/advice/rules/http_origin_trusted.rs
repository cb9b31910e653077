//! L-7: an http origin, allowed by a server that is reached by https.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::advice::trusted::Trusted;
use crate::cors::fetch_request::is_forwarded_https;

pub(super) static L_7: Rule = Rule {
    number: 7,
    id: "L-7",
    severity: Severity::Medium,
    title: "an https API trusts an http origin",
    what: "A response of a server that browsers reach by https allows an origin with http.",
    why: "Whoever controls the user's network can put script into the http page, and by it read what https was to protect.",
    fix: "allow the https form of the origin only",
    example: "GET https://api.example/me\nOrigin: http://app.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: http://app.example",
};

pub(super) fn check(answer: &Answer<'_>, trusted: &Trusted<'_>, sink: &mut Sink<'_>) {
    if trusted.scheme != b"http" || trusted.loopback || !is_reached_by_https(answer) {
        return;
    }
    let severity = if trusted.credentials {
        Severity::High
    } else {
        L_7.severity
    };
    sink.add_as(&L_7, severity, || {
        format!(
            "browsers reach {} by https, and it allows the http origin {}{}",
            text(answer.target.authority),
            text(trusted.origin),
            trusted.with()
        )
    });
}

/// Whether the browser came by https though the captured hop is http: a proxy says so, or the
/// browser sent what it sends to trustworthy URLs only (Fetch Metadata).
fn is_reached_by_https(answer: &Answer<'_>) -> bool {
    let headers = answer.request();
    is_forwarded_https(headers)
        || (headers.contains("sec-fetch-site") && !site::is_loopback(answer.target.host()))
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn http_origins_of_https_servers() {
        let request = |more: &str, origin: &str| {
            format!("GET / | Host: api.shop.com | Origin: {origin}{more} => 200 | ACAO: {origin}")
        };
        let http = "http://www.shop.com";
        let forwarded = " | X-Forwarded-Proto: https";
        let trustworthy = " | Sec-Fetch-Site: same-site | Sec-Fetch-Mode: cors";
        check(
            &["L-7"],
            &[
                ("forwarded", &[&request(forwarded, http)], &["L-7"]),
                (
                    "by Fetch Metadata",
                    &[&request(trustworthy, http)],
                    &["L-7"],
                ),
                ("http all over", &[&request("", http)], &[]),
                ("https", &[&request(forwarded, "https://www.shop.com")], &[]),
                (
                    "the developer's machine",
                    &[&request(forwarded, "http://localhost:1")],
                    &[],
                ),
                (
                    "on the developer's machine",
                    &[
                        "GET / | Host: localhost | Origin: http://a.shop.com | Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: cors => 200 | ACAO: http://a.shop.com",
                    ],
                    &[],
                ),
            ],
        );
    }
}
