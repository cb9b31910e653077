//! L-9: an origin that only resembles the server's own, allowed.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::advice::trusted::{Trusted, is_name};

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

/// Whether the origin is one of those: then L-10 and L-11 need not speak of it.
pub(super) fn check(trusted: &Trusted<'_>, sink: &mut Sink<'_>) -> bool {
    if trusted.loopback || !trusted.echoed {
        return false;
    }
    let Some(how) = resemblance(trusted.host, trusted.target) else {
        return false;
    };
    sink.add(&L_9, || {
        format!(
            "observed: the origin {} was echoed{}, and {how}",
            text(trusted.origin),
            trusted.with()
        )
    });
    true
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
}
