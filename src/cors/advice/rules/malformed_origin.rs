//! L-20: Access-Control-Allow-Origin that has not the form of an origin.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, text};
use crate::cors::advice::site;

pub(super) static L_20: Rule = Rule {
    number: 20,
    id: "L-20",
    severity: Severity::High,
    title: "Access-Control-Allow-Origin is not in the form of an origin",
    what: "The header's value has something that no Origin header ever has: a slash at the end, a path, capitals, a default port, no scheme, quotes.",
    why: "Browsers compare byte by byte, so it matches no page.",
    fix: "send the origin as browsers do: scheme://host, with the port only where it is not the default, in lower case, no slash at the end",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example/",
};

pub(super) fn check(value: &[u8], sink: &mut Sink<'_>) {
    if let Some(flaw) = flaw(value) {
        sink.add(&L_20, || {
            let what = format!("Access-Control-Allow-Origin is \"{}\": {flaw}", text(value));
            match repaired(value) {
                Some(origin) => {
                    Said::with_fix(what, format!("send Access-Control-Allow-Origin: {origin}"))
                }
                None => Said::from(what),
            }
        });
    }
}

/// What no serialized origin has.
pub(super) fn flaw(value: &[u8]) -> Option<&'static str> {
    if value == b"null" {
        return None;
    }
    if value.is_empty() {
        return Some("it is empty");
    }
    if value.iter().any(|b| b"\"'".contains(b)) {
        return Some("it has quotes");
    }
    if value.contains(&b' ') {
        return Some("it has a space");
    }
    let Some(at) = memchr::memmem::find(value, b"://") else {
        return Some("it has no scheme");
    };
    let (scheme, rest) = value.split_at(at);
    let rest = rest.get(3..).unwrap_or_default();
    if let Some(slash) = memchr::memchr(b'/', rest) {
        return Some(if slash + 1 == rest.len() {
            "it ends in a slash"
        } else {
            "it has a path"
        });
    }
    if value.iter().any(u8::is_ascii_uppercase) {
        return Some("it has capital letters");
    }
    let default_port: &[u8] = match scheme {
        b"http" => b":80",
        b"https" => b":443",
        _ => return None,
    };
    rest.ends_with(default_port)
        .then_some("it has the default port, which browsers leave out")
}

/// The origin that was meant, where the form alone is wrong.
fn repaired(value: &[u8]) -> Option<String> {
    let (scheme, host) = site::scheme_and_host(value)?;
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b".-[]:".contains(b);
    if host.is_empty() || !host.iter().all(plain) {
        return None;
    }
    let rest = value.get(scheme.len() + 3..)?;
    let authority = rest.split(|b| *b == b'/').next()?;
    let scheme = text(&scheme.to_ascii_lowercase());
    let authority = text(&authority.to_ascii_lowercase());
    let default_port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    Some(format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::{advice_of, check};

    const ALL: [&str; 3] = ["L-19", "L-20", "L-21"];

    fn answer(value: &str) -> String {
        format!("GET / | Origin: http://a.org => 200 | ACAO: {value}")
    }

    #[test]
    fn values_that_match_nothing() {
        for (value, expected) in [
            ("*", &[][..]),
            ("http://a.org", &[]),
            ("http://b.org", &[]),
            ("http://b.org:8080", &[]),
            ("null", &[]),
            ("http://a.org/", &["L-20"]),
            ("http://a.org/x", &["L-20"]),
            ("http://A.org", &["L-20"]),
            ("http://a.org:80", &["L-20"]),
            ("https://a.org:443", &["L-20"]),
            ("a.org", &["L-20"]),
            ("\"http://a.org\"", &["L-20"]),
            ("\"*\"", &["L-20"]),
            ("http://a.org http://b.org", &["L-20"]),
            ("", &["L-20"]),
            ("http://a.org, http://b.org", &["L-19"]),
            ("*, *", &["L-19"]),
            ("http://*.a.org", &["L-21"]),
            ("^https?://a\\.org$", &["L-21"]),
            ("$http_origin", &["L-21"]),
            ("* | ACAO: *", &["L-19"]),
            ("* | ACMA: 5 | ACMA: 5", &["L-19"]),
        ] {
            check(&ALL, &[(value, &[&answer(value)], expected)]);
        }
    }

    #[test]
    fn the_form_that_was_meant() {
        for (value, expected) in [
            ("HTTP://A.org:80/", "http://a.org"),
            ("https://a.org:8443/x", "https://a.org:8443"),
        ] {
            let found = advice_of(&[&answer(value)]);
            let found: Vec<_> = found.iter().filter(|a| a.id == "L-20").collect();
            let fix = format!("send Access-Control-Allow-Origin: {expected}");
            assert_eq!(found[0].fix, fix);
        }
    }
}
