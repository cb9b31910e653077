//! L-7 to L-11: which origins are trusted, as far as their names tell.
//!
//! All of them ask that the server answered with this very origin. What a name suggests is worded
//! as observed: the capture does not show what the server would answer to others.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::fetch_request::{RequestClass, is_forwarded_https};

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

pub(super) static L_8: Rule = Rule {
    number: 8,
    id: "L-8",
    severity: Severity::Medium,
    title: "a public server trusts localhost, with credentials",
    what: "A server with a public name allows an origin on the user's own machine, with Access-Control-Allow-Credentials: true.",
    why: "Anything that serves a page on that machine's port can read the data of a user who is logged in.",
    fix: "keep development origins out of the production configuration",
    example: "GET https://api.example/me\nOrigin: http://localhost:3000\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: http://localhost:3000\nAccess-Control-Allow-Credentials: true",
};

pub(super) static L_9: Rule = Rule {
    number: 9,
    id: "L-9",
    severity: Severity::High,
    title: "an origin that only resembles the server's own is trusted",
    what: "An echoed origin contains the server's own domain without being below it, or has characters that no host name has.",
    why: "It looks as if the comparison was by beginning, end or pattern: then anyone can register a name that matches.",
    fix: "compare whole origins with an exact list; anchor patterns at both ends and escape their dots",
    example: "GET https://api.shop.example/me\nOrigin: https://shop.example.evil.test\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://shop.example.evil.test",
};

pub(super) static L_10: Rule = Rule {
    number: 10,
    id: "L-10",
    severity: Severity::Medium,
    title: "an origin on a shared-hosting domain is trusted, with credentials",
    what: "An echoed origin stands under a domain where anyone can have a name, with Access-Control-Allow-Credentials: true.",
    why: "If the rule is for the whole domain, everyone there is trusted; and the name can pass to someone else.",
    fix: "allow exact host names only, and give them up when the page moves",
    example: "GET https://api.example/me\nOrigin: https://somebody.github.io\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://somebody.github.io\nAccess-Control-Allow-Credentials: true",
};

pub(super) static L_11: Rule = Rule {
    number: 11,
    id: "L-11",
    severity: Severity::Info,
    title: "another site's origin is trusted, with credentials",
    what: "An echoed origin belongs to another site than the server, with Access-Control-Allow-Credentials: true.",
    why: "The server is then as safe as that site: a script injected there reads the user's data here.",
    fix: "check that this site is meant to have the data of users who are logged in",
    example: "GET https://api.example/me\nOrigin: https://partner.test\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://partner.test\nAccess-Control-Allow-Credentials: true",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let Some(allowed) = answer.cors.allow_origin.single() else {
        return;
    };
    if allowed == b"*" {
        return;
    }
    let Some((scheme, host)) = site::scheme_and_host(allowed) else {
        return;
    };
    let credentials = answer.cors.allows_credentials();
    let loopback = site::is_loopback(host);
    let target = answer.target.host();
    let with = if credentials {
        " with Access-Control-Allow-Credentials: true"
    } else {
        ""
    };
    let plain = scheme == b"http";
    if plain && !loopback && is_reached_by_https(answer) {
        let severity = if credentials {
            Severity::High
        } else {
            L_7.severity
        };
        sink.add_as(&L_7, severity, || {
            format!(
                "browsers reach {} by https, and it allows the http origin {}{with}",
                text(answer.target.authority),
                text(allowed)
            )
        });
    }
    if loopback && credentials && site::is_public(target) {
        sink.add(&L_8, || {
            format!(
                "the public host {} allows {}{with}",
                text(target),
                text(allowed)
            )
        });
    }
    if loopback || !answer.echoes() || answer.half.fetch.class == RequestClass::SchemeDiffers {
        return;
    }
    if let Some(how) = resemblance(host, target) {
        sink.add(&L_9, || {
            format!(
                "observed: the origin {} was echoed{with}, and {how}",
                text(allowed)
            )
        });
    } else if credentials && !site::is_same_site(host, target) {
        if let Some(suffix) = site::shared_suffix(host) {
            sink.add(&L_10, || {
                format!(
                    "observed: the origin {} was echoed{with}; under {suffix} anyone can have a name",
                    text(allowed)
                )
            });
        } else if is_name(target) && is_name(host) {
            sink.add(&L_11, || {
                format!(
                    "observed: the origin {} of another site than {} was echoed{with}",
                    text(allowed),
                    text(target)
                )
            });
        }
    }
}

/// Whether a host is a name with a dot: of addresses and short names nothing can be said.
fn is_name(host: &[u8]) -> bool {
    host.contains(&b'.') && host.iter().any(u8::is_ascii_alphabetic) && host.first() != Some(&b'[')
}

/// Whether the browser came by https though the captured hop is http: a proxy says so, or the
/// browser sent what it sends to trustworthy URLs only (Fetch Metadata).
fn is_reached_by_https(answer: &Answer<'_>) -> bool {
    let headers = answer.request();
    is_forwarded_https(headers)
        || (headers.contains("sec-fetch-site") && !site::is_loopback(answer.target.host()))
}

/// What is odd about a host that is not the target's, nor below its site.
fn resemblance(host: &[u8], target: &[u8]) -> Option<String> {
    // Underscores do stand in some hosts of private networks.
    let odd = |b: &&u8| !b.is_ascii_alphanumeric() && !b"-._[]:".contains(b);
    if let Some(byte) = host.iter().find(odd)
        && host.is_ascii()
    {
        return Some(format!(
            "no host name has the character {:?}",
            char::from(*byte)
        ));
    }
    if !is_name(target) || site::is_same_site(host, target) {
        return None;
    }
    let own = site::site(target).to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let contains = |needle: &[u8]| memchr::memmem::find(&host, needle).is_some();
    if host.starts_with(&own) || contains(&[b".", &*own, b"."].concat()) {
        return Some(format!("{} is only its beginning", text(&own)));
    }
    if host.ends_with(&own) {
        return Some(format!(
            "{} is only its end, without a dot before it",
            text(&own)
        ));
    }
    let dotless = own.iter().zip(site::site(&host));
    let same_length = own.len() == site::site(&host).len();
    let differ: Vec<_> = dotless.filter(|(a, b)| a != b).collect();
    if same_length && matches!(differ.as_slice(), [(b'.', _)]) {
        return Some(format!(
            "it has another character where {} has its dot",
            text(&own)
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    const ALL: [&str; 5] = ["L-7", "L-8", "L-9", "L-10", "L-11"];

    fn echo(host: &str, origin: &str, more: &str) -> String {
        format!("GET / | Host: {host} | Origin: {origin} => 200 | ACAO: {origin}{more}")
    }

    #[test]
    fn what_the_names_of_origins_tell() {
        const CREDENTIALS: &str = " | ACAC: true";
        let credentialed = |host, origin| echo(host, origin, CREDENTIALS);
        for (host, origin, expected) in [
            ("api.shop.com", "https://www.shop.com", None),
            ("api.shop.com", "https://shop.com:8443", None),
            ("api.shop.com", "http://localhost:3000", Some("L-8")),
            ("api.shop.com", "http://127.0.0.1", Some("L-8")),
            ("localhost:8080", "http://localhost:3000", None),
            ("api.internal", "http://localhost:3000", None),
            ("api.shop.com", "https://shop.com.evil.org", Some("L-9")),
            ("api.shop.com", "https://www.shop.com.evil.org", Some("L-9")),
            ("api.shop.com", "https://evilshop.com", Some("L-9")),
            ("api.shop.com", "https://shop.com`.evil.org", Some("L-9")),
            ("api.co-op.com", "https://workshop.com", Some("L-11")),
            ("api.shop.com", "https://me.github.io", Some("L-10")),
            ("me.github.io", "https://me.github.io:8", None),
            ("api.shop.com", "https://partner.net", Some("L-11")),
            ("10.0.0.1", "https://partner.net", None),
            ("backend:8080", "https://partner.net", None),
        ] {
            let expected: Vec<&str> = expected.into_iter().collect();
            check(&ALL, &[(origin, &[&credentialed(host, origin)], &expected)]);
        }
        for (origin, expected) in [
            ("https://shop.com.evil.org", &["L-9"][..]),
            ("https://partner.net", &[]),
            ("https://me.github.io", &[]),
            ("http://localhost", &[]),
        ] {
            let without = echo("api.shop.com", origin, "");
            check(&ALL, &[(origin, &[&without], expected)]);
        }
    }

    #[test]
    fn http_origins_of_https_servers() {
        let request = |more: &str, origin: &str| {
            format!("GET / | Host: api.shop.com | Origin: {origin}{more} => 200 | ACAO: {origin}")
        };
        let http = "http://www.shop.com";
        let forwarded = " | X-Forwarded-Proto: https";
        let trustworthy = " | Sec-Fetch-Site: same-site | Sec-Fetch-Mode: cors";
        check(
            &ALL,
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
