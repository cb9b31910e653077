//! L-19 to L-21: Access-Control-Allow-Origin values that no origin can match.
//!
//! One value is told of under one rule: several lines or values first, then text of a pattern, then
//! what is wrong with its form.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, text};
use crate::cors::advice::site;

pub(super) static L_19: Rule = Rule {
    number: 19,
    id: "L-19",
    severity: Severity::High,
    title: "a CORS header is there twice",
    what: "Access-Control-Allow-Origin, -Allow-Credentials or -Max-Age is on two lines, or has a list of values.",
    why: "Browsers join the lines to one value, which then matches nothing: the request fails. Mostly both the application and a proxy before it add the header.",
    fix: "let one place send it: switch it off in the application, or remove the application's header in the proxy",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Origin: *",
};

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

pub(super) static L_21: Rule = Rule {
    number: 21,
    id: "L-21",
    severity: Severity::High,
    title: "Access-Control-Allow-Origin holds a pattern",
    what: "The header's value is a pattern or a placeholder, as a configuration file has them.",
    why: "Browsers know no patterns but the lone *, so it matches no page.",
    fix: "evaluate the pattern in the server, and send the origin that it matched, with Vary: Origin",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: ^https://.*\\.app\\.example$",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let cors = &answer.cors;
    let origin = cors.allow_origin;
    if origin.count > 1 {
        sink.add(&L_19, || {
            let values = answer
                .response
                .headers
                .values("access-control-allow-origin");
            let values: Vec<String> = values.take(4).map(|v| format!("\"{}\"", text(v))).collect();
            format!(
                "Access-Control-Allow-Origin is on {} lines: {}",
                origin.count,
                values.join(", ")
            )
        });
    } else if let Some(value) = origin.first
        && value != b"*"
        && value != answer.origin
    {
        check_value(value, sink);
    }
    for (lines, name) in [
        (cors.allow_credentials, "Access-Control-Allow-Credentials"),
        (cors.max_age, "Access-Control-Max-Age"),
    ] {
        if lines.count > 1 {
            sink.add_as(&L_19, Severity::Medium, || {
                format!("{name} is on {} lines", lines.count)
            });
        }
    }
}

fn check_value(value: &[u8], sink: &mut Sink<'_>) {
    if value.contains(&b',') {
        sink.add(&L_19, || {
            format!("Access-Control-Allow-Origin is a list: \"{}\"", text(value))
        });
    } else if is_pattern(value) {
        sink.add(&L_21, || {
            format!(
                "Access-Control-Allow-Origin is the pattern \"{}\"",
                text(value)
            )
        });
    } else if let Some(flaw) = flaw(value) {
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

/// Whether a value is made for a matcher, and not for a browser.
pub(super) fn is_pattern(value: &[u8]) -> bool {
    // `"*"` is a mistake of form: somebody meant the lone wildcard.
    let quoted = value.iter().any(|b| b"\"'".contains(b));
    !quoted && value.iter().any(|b| b"\\^$(){}|*".contains(b))
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
