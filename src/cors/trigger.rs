//! Why a request needed a preflight, and how to do without
//! (<https://fetch.spec.whatwg.org/#main-fetch>, <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>).

use std::borrow::Cow;
use std::fmt;

use crate::cors::safelist::is_cors_safelisted_method;
use crate::cors::transaction::Transaction;
use crate::http::headers::list_elements;
use crate::http::secret::is_secret_name;
use crate::wire_text::wire_text;

/// What a trigger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerKind {
    /// The method is not CORS-safelisted.
    Method,
    /// A browser would have written the method in capitals, were it a standard one.
    MethodCase,
    /// The Content-Type is none that a form can send.
    ContentType,
    /// A safelisted header with a value that is not.
    Value,
    /// Credentials that script put into a header.
    Authorization,
    /// X-Requested-With, as old libraries add it.
    RequestedWith,
    /// What script says to caches.
    Caching,
    /// A header of a monitoring agent.
    Monitoring,
    /// Another header.
    Header,
    /// Nothing that is on the wire: an upload listener, or a stream as body.
    Unseen,
}

/// One reason for a preflight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger<'a> {
    /// What it is.
    pub kind: TriggerKind,
    /// The method, or the header's name in lower case.
    pub name: Cow<'a, str>,
    /// The header's value, where the actual request shows it.
    pub value: Option<Cow<'a, str>>,
}

impl Trigger<'_> {
    /// How to do without the preflight.
    #[must_use]
    pub const fn avoid(&self) -> &'static str {
        match self.kind {
            TriggerKind::Method => "use POST and name the action in the body, if the API allows",
            TriggerKind::MethodCase => "write the method in capitals",
            TriggerKind::ContentType => {
                "send the body as text/plain or form-encoded, if the API allows"
            }
            TriggerKind::Value => "shorten the value, and use plain characters",
            TriggerKind::Authorization => {
                "not avoidable with a token in a header: let the answer be remembered by Access-Control-Max-Age"
            }
            TriggerKind::RequestedWith => "do not send X-Requested-With across origins",
            TriggerKind::Caching => "use fetch's cache option instead of the header",
            TriggerKind::Monitoring => "limit the agent's trace propagation to your own origin",
            TriggerKind::Header => "leave the header out, or move it to the query or the body",
            TriggerKind::Unseen => "remove the upload listener; avoid redirects",
        }
    }
}

impl fmt::Display for Trigger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TriggerKind::Method => write!(f, "the method {}", self.name),
            TriggerKind::MethodCase => {
                write!(
                    f,
                    "the method {}, which is sent as it is written",
                    self.name
                )
            }
            TriggerKind::Unseen => f.write_str(&self.name),
            _ => match &self.value {
                Some(value) => {
                    let shown: String = value.chars().take(60).collect();
                    let more = if shown.len() < value.len() { "…" } else { "" };
                    write!(f, "{}: {shown}{more}", self.name)
                }
                None => write!(f, "the header {}", self.name),
            },
        }
    }
}

/// Why this transaction's request needed a preflight; empty where there was none.
#[must_use]
pub fn preflight_triggers(transaction: &Transaction) -> Vec<Trigger<'_>> {
    let Some(preflight) = &transaction.preflight else {
        return Vec::new();
    };
    let actual = transaction.actual.as_ref();
    let mut triggers = Vec::new();
    let method = preflight.fetch.fetch_method();
    if !is_cors_safelisted_method(method) {
        let upper = method.iter().all(|b| !b.is_ascii_lowercase());
        triggers.push(Trigger {
            kind: if upper {
                TriggerKind::Method
            } else {
                TriggerKind::MethodCase
            },
            name: wire_text(method),
            value: None,
        });
    }
    for name in preflight.fetch.requested_headers() {
        let lower = wire_text(name).to_ascii_lowercase();
        let kind = kind_of(lower.as_bytes());
        // Tokens stay out of reports.
        let secret = is_secret_name(lower.as_bytes());
        let value = actual.filter(|_| !secret).and_then(|half| {
            let mut lines = half.fetch.headers().lines();
            let (_, value) = lines.find(|(n, _)| n.eq_ignore_ascii_case(name))?;
            Some(wire_text(value))
        });
        let of_a_form = |value: &Cow<'_, str>| is_form_type(value);
        triggers.push(Trigger {
            kind: match kind {
                TriggerKind::ContentType if value.as_ref().is_some_and(of_a_form) => {
                    TriggerKind::Value
                }
                kind => kind,
            },
            name: Cow::Owned(lower),
            value,
        });
    }
    if triggers.is_empty() {
        let name = if transaction.redirected_from.is_some() {
            "the redirect that led here: some browsers ask again after one"
        } else {
            "nothing on the wire: an XMLHttpRequest upload listener, or a stream as body"
        };
        triggers.push(Trigger {
            kind: TriggerKind::Unseen,
            name: Cow::Borrowed(name),
            value: None,
        });
    }
    triggers
}

/// The only trigger of a preflight, where there is only one; cheaper than the whole list.
#[must_use]
pub fn sole_trigger_kind(method: &[u8], requested_headers: Option<&[u8]>) -> Option<TriggerKind> {
    let mut names = list_elements(requested_headers.unwrap_or_default());
    let (first, second) = (names.next(), names.next());
    match (is_cors_safelisted_method(method), first, second) {
        (true, None, _) => Some(TriggerKind::Unseen),
        (true, Some(name), None) => Some(kind_of(&name.to_ascii_lowercase())),
        _ => None,
    }
}

/// Whether a Content-Type is one that forms send: then something else about its value is wrong.
fn is_form_type(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim();
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ]
    .iter()
    .any(|form| essence.eq_ignore_ascii_case(form))
}

fn kind_of(name: &[u8]) -> TriggerKind {
    const MONITORING: [&str; 12] = [
        "traceparent",
        "tracestate",
        "baggage",
        "sentry-trace",
        "newrelic",
        "uber-trace-id",
        "b3",
        "x-cloud-trace-context",
        "x-amzn-trace-id",
        "x-instana-t",
        "request-id",
        "elastic-apm-traceparent",
    ];
    match name {
        b"content-type" => TriggerKind::ContentType,
        b"accept" | b"accept-language" | b"content-language" | b"range" => TriggerKind::Value,
        b"authorization" => TriggerKind::Authorization,
        b"x-requested-with" => TriggerKind::RequestedWith,
        b"cache-control" | b"pragma" | b"if-none-match" | b"if-modified-since" => {
            TriggerKind::Caching
        }
        _ if MONITORING.iter().any(|known| known.as_bytes() == name)
            || name.starts_with(b"x-b3-")
            || name.starts_with(b"x-datadog-") =>
        {
            TriggerKind::Monitoring
        }
        _ => TriggerKind::Header,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::transaction_of;

    #[test]
    fn every_reason_is_named() {
        const START: &str = "OPTIONS / | Origin: http://a.org | ACRM: ";
        for (asked, actual, expected) in [
            ("PUT", "", vec!["the method PUT"]),
            (
                "patch",
                "",
                vec!["the method patch, which is sent as it is written"],
            ),
            (
                "POST | ACRH: content-type",
                "POST / | Origin: http://a.org | Content-Type: application/json => 200",
                vec!["content-type: application/json"],
            ),
            (
                "DELETE | ACRH: authorization,x-a",
                "DELETE / | Origin: http://a.org | Authorization: s | X-A: 1 => 200",
                vec!["the method DELETE", "the header authorization", "x-a: 1"],
            ),
            (
                "GET | ACRH: X-Requested-With",
                "",
                vec!["the header x-requested-with"],
            ),
            (
                "POST",
                "",
                vec!["nothing on the wire: an XMLHttpRequest upload listener, or a stream as body"],
            ),
        ] {
            let line = format!("{START}{asked} => 204 | ACAO: *\n{actual}");
            let transaction = transaction_of(line.trim());
            let found = preflight_triggers(&transaction);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected);
        }
        let simple = transaction_of("GET / | Origin: http://a.org => 200");
        assert!(preflight_triggers(&simple).is_empty());
    }

    #[test]
    fn each_kind_has_its_way_around() {
        use TriggerKind as K;
        for (method, name, value, expected) in [
            ("PUT", "", "", K::Method),
            ("DELETE", "", "", K::Method),
            ("OPTIONS", "", "", K::Method),
            ("PURGE", "", "", K::Method),
            ("patch", "", "", K::MethodCase),
            ("Put", "", "", K::MethodCase),
            ("HEAD", "", "", K::Unseen),
            ("POST", "", "", K::Unseen),
            ("POST", "content-type", "application/json", K::ContentType),
            ("POST", "content-type", "", K::ContentType),
            (
                "POST",
                "content-type",
                "text/plain, text/plain",
                K::ContentType,
            ),
            ("POST", "content-type", "text/plain;a=(", K::Value),
            (
                "POST",
                "content-type",
                "Multipart/Form-Data; boundary=\"x\"",
                K::Value,
            ),
            ("GET", "accept", "a(b", K::Value),
            ("GET", "accept-language", "en_US", K::Value),
            ("GET", "content-language", "a_b", K::Value),
            ("GET", "range", "bytes=-5", K::Value),
            ("GET", "authorization", "", K::Authorization),
            (
                "GET",
                "x-requested-with",
                "XMLHttpRequest",
                K::RequestedWith,
            ),
            ("GET", "cache-control", "no-cache", K::Caching),
            ("GET", "pragma", "no-cache", K::Caching),
            ("GET", "if-none-match", "\"1\"", K::Caching),
            ("GET", "if-modified-since", "x", K::Caching),
            ("GET", "traceparent", "00-1-2-01", K::Monitoring),
            ("GET", "tracestate", "a=b", K::Monitoring),
            ("GET", "baggage", "a=b", K::Monitoring),
            ("GET", "sentry-trace", "1", K::Monitoring),
            ("GET", "newrelic", "1", K::Monitoring),
            ("GET", "x-b3-traceid", "1", K::Monitoring),
            ("GET", "x-datadog-trace-id", "1", K::Monitoring),
            ("GET", "uber-trace-id", "1", K::Monitoring),
            ("GET", "x-csrf-token", "", K::Header),
            ("GET", "x-api-key", "", K::Header),
            ("GET", "user-agent", "mine", K::Header),
            ("GET", "save-data", "on", K::Header),
            ("GET", "x-b3", "1", K::Header),
        ] {
            let asked = if name.is_empty() {
                String::new()
            } else {
                format!(" | ACRH: {name}")
            };
            let sent = if value.is_empty() {
                String::new()
            } else {
                format!(" | {name}: {value}")
            };
            let line = format!(
                "OPTIONS / | Origin: http://a.org | ACRM: {method}{asked} => 204 | ACAO: *\n{method} / | Origin: http://a.org{sent} => 200"
            );
            let transaction = transaction_of(&line);
            let found = preflight_triggers(&transaction);
            let [found] = found.as_slice() else {
                panic!("{method} {name}: {found:?}");
            };
            assert_eq!(found.kind, expected, "{method} {name}: {value}");
            assert!(!found.avoid().is_empty());
            let sole = sole_trigger_kind(method.as_bytes(), Some(name.as_bytes()));
            let by_name = !matches!(expected, K::Method | K::MethodCase | K::Value);
            assert!(
                !by_name || sole == Some(expected),
                "{method} {name}: {sole:?}"
            );
        }
    }
}
