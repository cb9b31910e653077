//! The verdict in one sentence.

use std::borrow::Cow;

use crate::cors::cors_error::CorsError as E;
use crate::cors::preflight::is_ok_status;
use crate::cors::repair::decisive;
use crate::cors::transaction::{Half, Transaction, TransactionNote, Unknown, Verdict};
use crate::http::exchange::Outcome;
use crate::wire_text::wire_text;

/// Longer values are cut: a sentence should stay one.
const LONGEST_VALUE: usize = 200;

impl Transaction {
    /// Why the verdict is what it is, in one sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> Cow<'static, str> {
        match self.judgement.verdict {
            Verdict::Pass => self.why_pass().into(),
            Verdict::NotCors(why) => why.sentence().into(),
            Verdict::Unknown(why) => self.why_unknown(why).into(),
            Verdict::Fail(error) => self.why_fail(error).into(),
        }
    }

    fn why_pass(&self) -> &'static str {
        match (&self.preflight, &self.actual) {
            (Some(_), None) if self.connect_failure().is_some() => {
                "the preflight's answer allows the request, but its connection failed"
            }
            (Some(_), None) if self.judgement.condition.is_some() => {
                "the preflight's answer allows the request without credentials; the request is not in the capture, as if it had some"
            }
            (Some(_), None) => {
                "the preflight's answer allows the request, which is not in the capture"
            }
            (Some(_), Some(_)) => "the answers to the preflight and to the request allow it",
            _ => "the response allows this origin",
        }
    }

    fn why_unknown(&self, why: Unknown) -> &'static str {
        let preflight = self.actual.is_none();
        match why {
            Unknown::CaptureEnded if preflight => {
                "the capture ended before the preflight was answered"
            }
            Unknown::CaptureEnded => "the capture ended before the response",
            Unknown::NotCaptured if preflight => {
                "the answer to the preflight is not in the capture"
            }
            Unknown::NotCaptured => "the response is not in the capture",
            Unknown::CutBySnapLength => {
                "the response's head was cut by the snap length: capture again with -s 0"
            }
            Unknown::Unreadable => "the connection could not be read as HTTP up to the response",
            Unknown::Aborted => {
                "the client closed the connection before any response: the page gave up, or it had waited too long"
            }
            Unknown::GivenUp => "no response came for so long that it was no longer waited for",
            Unknown::AmbiguousPost => {
                "fails if this was a fetch or an XMLHttpRequest, harmless if it was a beacon, a form or a no-cors fetch"
            }
            Unknown::SchemeDiffers => {
                "only the scheme differs between page and target: perhaps TLS ends before this point, and they have the same origin"
            }
            Unknown::NoStoredResponse => {
                "a 304 confirms a stored response that came before the capture"
            }
        }
    }

    fn why_fail(&self, error: E) -> String {
        let about_preflight = error.is_about_preflight() || self.actual.is_none();
        let in_preflight = self.preflight.as_ref().filter(|_| about_preflight);
        let half = in_preflight
            .or(self.actual.as_ref())
            .or(self.preflight.as_ref());
        let Some(half) = half else {
            return String::new();
        };
        let place = if in_preflight.is_some() {
            "the answer to the preflight"
        } else {
            "the response"
        };
        let header = |name: &str| -> Option<String> {
            let value = half.response.as_ref()?.headers.get(name)?;
            Some(quoted(&value))
        };
        let origin = || header("access-control-allow-origin").unwrap_or_default();
        match error {
            E::MissingAllowOriginHeader | E::PreflightMissingAllowOriginHeader => {
                format!(
                    "{place} has no Access-Control-Allow-Origin header{}",
                    behind(half)
                )
            }
            E::WildcardOriginNotAllowed | E::PreflightWildcardOriginNotAllowed => format!(
                "{place} has Access-Control-Allow-Origin: *, which does not count for a request with credentials"
            ),
            E::MultipleAllowOriginValues | E::PreflightMultipleAllowOriginValues => format!(
                "Access-Control-Allow-Origin in {place} holds several values, {}, and only one is allowed",
                origin()
            ),
            E::InvalidAllowOriginValue | E::PreflightInvalidAllowOriginValue => format!(
                "Access-Control-Allow-Origin in {place} is {}, which is no origin",
                origin()
            ),
            E::AllowOriginMismatch | E::PreflightAllowOriginMismatch => format!(
                "Access-Control-Allow-Origin in {place} is {}, not the page's origin {}",
                origin(),
                quoted(half.fetch.origin())
            ),
            E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => {
                match header("access-control-allow-credentials") {
                    Some(value) => format!(
                        "the request has credentials, and Access-Control-Allow-Credentials in {place} is {value} instead of \"true\""
                    ),
                    None => format!(
                        "the request has credentials, and {place} has no Access-Control-Allow-Credentials: true"
                    ),
                }
            }
            E::PreflightInvalidStatus => format!(
                "the preflight was answered with status {}, not with one of 200 to 299",
                status(half)
            ),
            E::PreflightDisallowedRedirect => format!(
                "the preflight was redirected (status {}) to {}, and a preflight must not be",
                status(half),
                header("location").unwrap_or_default()
            ),
            E::InvalidAllowMethodsPreflightResponse => format!(
                "Access-Control-Allow-Methods in {place} is no list of methods, at {}",
                self.about()
            ),
            E::InvalidAllowHeadersPreflightResponse => format!(
                "Access-Control-Allow-Headers in {place} is no list of header names, at {}",
                self.about()
            ),
            E::MethodDisallowedByPreflightResponse => format!(
                "{place} does not allow the method {}: {}",
                self.about(),
                named(
                    "Access-Control-Allow-Methods",
                    header("access-control-allow-methods")
                )
            ),
            E::HeaderDisallowedByPreflightResponse => format!(
                "{place} does not allow the request header {}: {}",
                self.about(),
                named(
                    "Access-Control-Allow-Headers",
                    header("access-control-allow-headers")
                )
            ),
            E::RedirectContainsCredentials => {
                "the redirect leads to a URL with a user name or password".to_owned()
            }
            E::CorsDisabledScheme => format!(
                "the redirect leads to {}, which is no http or https URL",
                self.about()
            ),
            E::InvalidResponse => self.why_refused(half),
        }
    }

    fn why_refused(&self, half: &Half) -> String {
        use TransactionNote::{ContradictingLines, ProxyStatus, RedirectsAgain, TooManyRedirects};
        let about = self.about();
        if !about.is_empty() {
            return format!("the redirect leads to \"{about}\", which is no URL");
        }
        if decisive(&self.judgement).is_some_and(|finding| !finding.about.is_empty()) {
            return "the redirect leads nowhere: its Location is empty".to_owned();
        }
        let notes = &self.judgement.notes;
        let said = notes.iter().find_map(|note| match note {
            TooManyRedirects => Some("it redirects again, and browsers follow 20 redirects"),
            RedirectsAgain => Some(
                "it redirects again: WebKit follows one redirect away from the page's own origin, \
                 and no other after it, without credentials",
            ),
            ContradictingLines => {
                Some("the response has several Location or Content-Disposition lines that differ")
            }
            ProxyStatus => Some("its status is 407, which only a proxy may send"),
            _ => None,
        });
        said.map_or_else(|| why_no_response(half), str::to_owned)
    }

    /// What the decisive finding is about.
    fn about(&self) -> String {
        let about = decisive(&self.judgement).map(|finding| finding.about.as_slice());
        let about: Vec<_> = about
            .unwrap_or_default()
            .iter()
            .map(|bytes| shortened(&wire_text(bytes)))
            .collect();
        shortened(&about.join(", "))
    }
}

fn why_no_response(half: &Half) -> String {
    if half.response.is_some() {
        return "the response is malformed in a way that this browser refuses".to_owned();
    }
    match half.outcome() {
        Outcome::Reset => "the connection was reset before any response",
        Outcome::Garbled => "what came was no HTTP response",
        _ => "the connection was closed before any response",
    }
    .to_owned()
}

/// The server's own trouble, where a missing header is only its symptom.
fn behind(half: &Half) -> String {
    match status(half) {
        0 => String::new(),
        ok if is_ok_status(ok) => String::new(),
        status => format!("; its status is {status}, which may be the real problem"),
    }
}

fn status(half: &Half) -> u16 {
    half.response.as_ref().map_or(0, |response| response.status)
}

fn named(name: &str, value: Option<String>) -> String {
    match value {
        Some(value) => format!("{name} is {value}"),
        None => format!("it has no {name}"),
    }
}

fn quoted(value: &[u8]) -> String {
    format!("\"{}\"", shortened(&wire_text(value)))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cors::advice::testing::transaction_of;

    /// One sentence for each finding, with the values that it rests on.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn each_finding_has_its_sentence() {
        const PUT: &str = "OPTIONS / | Origin: http://a.org | ACRM: PUT";
        const NAMES: &str = "OPTIONS / | Origin: http://a.org | ACRM: GET | ACRH: x-a,x-b";
        const GET: &str = "GET / | Origin: http://a.org";
        const COOKIE: &str = "GET / | Origin: http://a.org | Cookie: a=b";
        const WITH_COOKIE: &str = "\nPUT / | Origin: http://a.org | Cookie: a=b => 200";
        let mut told = BTreeSet::new();
        for (request, response, expected) in [
            (
                GET,
                "200",
                "the response has no Access-Control-Allow-Origin header",
            ),
            (
                GET,
                "500",
                "the response has no Access-Control-Allow-Origin header; its status is 500, which may be the real problem",
            ),
            (
                COOKIE,
                "200 | ACAO: *",
                "the response has Access-Control-Allow-Origin: *, which does not count for a request with credentials",
            ),
            (
                GET,
                "200 | ACAO: *, *",
                "Access-Control-Allow-Origin in the response holds several values, \"*, *\", and only one is allowed",
            ),
            (
                GET,
                "200 | ACAO: a.org",
                "Access-Control-Allow-Origin in the response is \"a.org\", which is no origin",
            ),
            (
                GET,
                "200 | ACAO: http://a.org/",
                "Access-Control-Allow-Origin in the response is \"http://a.org/\", not the page's origin \"http://a.org\"",
            ),
            (
                COOKIE,
                "200 | ACAO: http://a.org",
                "the request has credentials, and the response has no Access-Control-Allow-Credentials: true",
            ),
            (
                COOKIE,
                "200 | ACAO: http://a.org | ACAC: True",
                "the request has credentials, and Access-Control-Allow-Credentials in the response is \"True\" instead of \"true\"",
            ),
            (
                PUT,
                "404",
                "the answer to the preflight has no Access-Control-Allow-Origin header; its status is 404, which may be the real problem",
            ),
            (
                PUT,
                "204 | ACAO: x y",
                "Access-Control-Allow-Origin in the answer to the preflight holds several values, \"x y\", and only one is allowed",
            ),
            (
                PUT,
                "204 | ACAO: **",
                "Access-Control-Allow-Origin in the answer to the preflight is \"**\", which is no origin",
            ),
            (
                PUT,
                "204 | ACAO: null",
                "Access-Control-Allow-Origin in the answer to the preflight is \"null\", not the page's origin \"http://a.org\"",
            ),
            (
                PUT,
                "405 | ACAO: *",
                "the preflight was answered with status 405, not with one of 200 to 299",
            ),
            (
                PUT,
                "301 | Location: https://api.test/",
                "the preflight was redirected (status 301) to \"https://api.test/\", and a preflight must not be",
            ),
            (
                PUT,
                "204 | ACAO: * | ACAM: GET; PUT",
                "Access-Control-Allow-Methods in the answer to the preflight is no list of methods, at GET; PUT",
            ),
            (
                NAMES,
                "204 | ACAO: * | ACAH: x-a, x b",
                "Access-Control-Allow-Headers in the answer to the preflight is no list of header names, at x b",
            ),
            (
                PUT,
                "204 | ACAO: *",
                "the answer to the preflight does not allow the method PUT: it has no Access-Control-Allow-Methods",
            ),
            (
                PUT,
                "204 | ACAO: * | ACAM: put",
                "the answer to the preflight does not allow the method PUT: Access-Control-Allow-Methods is \"put\"",
            ),
            (
                NAMES,
                "204 | ACAO: * | ACAH: x-c",
                "the answer to the preflight does not allow the request header x-a, x-b: Access-Control-Allow-Headers is \"x-c\"",
            ),
            (
                GET,
                "302 | ACAO: * | Location: http://u:p@b.org/",
                "the redirect leads to a URL with a user name or password",
            ),
            (
                GET,
                "302 | ACAO: * | Location: ftp://b.org/",
                "the redirect leads to ftp://b.org/, which is no http or https URL",
            ),
            (
                GET,
                "302 | ACAO: * | Location: http://",
                "the redirect leads to \"http://\", which is no URL",
            ),
            (
                GET,
                "302 | ACAO: * | Location: /x | Location: /y",
                "the response has several Location or Content-Disposition lines that differ",
            ),
        ] {
            let transaction = transaction_of(&format!("{request} => {response}"));
            assert_eq!(transaction.reason(), expected, "{request} => {response}");
            if let Verdict::Fail(error) = transaction.judgement.verdict {
                told.insert(error);
            }
        }
        for (answer, expected) in [
            (
                "204 | ACAO: * | ACAM: PUT",
                "the answer to the preflight has Access-Control-Allow-Origin: *, which does not count for a request with credentials",
            ),
            (
                "204 | ACAO: http://a.org | ACAM: PUT",
                "the request has credentials, and the answer to the preflight has no Access-Control-Allow-Credentials: true",
            ),
        ] {
            let transaction = transaction_of(&format!("{PUT} => {answer}{WITH_COOKIE}"));
            assert_eq!(transaction.reason(), expected, "{answer}");
            if let Verdict::Fail(error) = transaction.judgement.verdict {
                told.insert(error);
            }
        }
        let missing: Vec<E> = E::ALL.into_iter().filter(|e| !told.contains(e)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn passes_and_requests_outside_cors_have_theirs() {
        for (traffic, expected) in [
            (
                "GET / | Origin: http://a.org => 200 | ACAO: *",
                "the response allows this origin",
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: http://a.org | ACAC: true | ACAM: PUT",
                "the preflight's answer allows the request, which is not in the capture",
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: PUT",
                "the preflight's answer allows the request without credentials; the request is not in the capture, as if it had some",
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: PUT\nPUT / | Origin: http://a.org => 200 | ACAO: *",
                "the answers to the preflight and to the request allow it",
            ),
            (
                "GET / | Origin: http://api.test => 200",
                "the page and the target have the same origin",
            ),
            (
                "GET / | Origin: https://api.test => 200",
                "only the scheme differs between page and target: perhaps TLS ends before this point, and they have the same origin",
            ),
            (
                "POST / | Origin: http://a.org | Content-Type: text/plain => 200",
                "fails if this was a fetch or an XMLHttpRequest, harmless if it was a beacon, a form or a no-cors fetch",
            ),
            (
                "GET / | Origin: http://a.org | If-None-Match: 1 => 304",
                "a 304 confirms a stored response that came before the capture",
            ),
        ] {
            assert_eq!(transaction_of(traffic).reason(), expected, "{traffic}");
        }
    }
}
