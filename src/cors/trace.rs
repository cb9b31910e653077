//! The checks behind a verdict, one by one: what was looked at, and what came of it.
//!
//! Made on demand from a judged transaction; every check stands in the order in which a browser
//! makes it, also those after the one that decided.

use crate::cors::cors_check::CredentialsMode;
use crate::cors::fetch_request::{Credentials, RequestClass};
use crate::cors::preflight::{headers_refused, is_method_allowed, is_ok_status, is_redirect};
use crate::cors::transaction::{Half, Transaction, Verdict};
use crate::cors::url::{Location, resolve};
use crate::http::headers::{Elements, HeaderList, NotAToken};
use crate::http::message::ResponseHead;
use crate::wire_text::wire_text;

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It passes.
    Pass,
    /// It fails.
    Fail,
    /// It does not apply here.
    NotNeeded,
}

impl Outcome {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotNeeded => "not-needed",
        }
    }

    fn of(passes: bool) -> Self {
        if passes { Self::Pass } else { Self::Fail }
    }
}

/// One check of the algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Whether it is about the preflight's response; else about the actual one.
    pub in_preflight: bool,
    /// What is checked.
    pub what: &'static str,
    /// The section of the standard.
    pub section: &'static str,
    /// The response header that is looked at, in lower case; `None` where it is the status.
    pub header: Option<&'static str>,
    /// The bytes that were looked at, as text.
    pub looked_at: String,
    /// What came of it.
    pub outcome: Outcome,
}

const CORS_CHECK: &str = "https://fetch.spec.whatwg.org/#concept-cors-check";
const PREFLIGHT: &str = "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0";
const OK_STATUS: &str = "https://fetch.spec.whatwg.org/#ok-status";
const LIST: &str = "https://fetch.spec.whatwg.org/#extract-header-list-values";
const REDIRECT: &str = "https://fetch.spec.whatwg.org/#http-redirect-fetch";

const IS_THERE: &str = "Access-Control-Allow-Origin is there";
const IS_ORIGIN: &str = "it is the request's origin, or * without credentials";
const IS_TRUE: &str = "Access-Control-Allow-Credentials is true";
const METHODS_LIST: &str = "Access-Control-Allow-Methods is a list";
const HEADERS_LIST: &str = "Access-Control-Allow-Headers is a list";
const METHOD_ALLOWED: &str = "the method is allowed";
const HEADERS_ALLOWED: &str = "the request's headers are allowed";
const HEADER_ALLOWED: &str = "the request header is allowed";
const LEADS_TO_HTTP: &str = "the redirect leads to an http or https URL";
const WITHOUT_PASSWORD: &str = "the redirect's URL has no user name or password";

impl Transaction {
    /// The checks in their order; none where the CORS protocol does not apply or no response is
    /// there.
    #[must_use]
    pub fn trace(&self) -> Vec<Check> {
        let not_cors = matches!(self.class(), Some(RequestClass::NotCors(_)) | None);
        // At the page's own origin only where a redirect leads can fail.
        let fails = matches!(self.judgement.verdict, Verdict::Fail(_));
        if not_cors && !fails {
            return Vec::new();
        }
        let mode = match self.judgement.credentials {
            Credentials::Include => CredentialsMode::Include,
            Credentials::NotInclude | Credentials::Unknown => CredentialsMode::NotInclude,
        };
        let mut trace = Trace {
            checks: Vec::new(),
            in_preflight: true,
        };
        if let Some(half) = &self.preflight
            && let Some(response) = &half.response
        {
            trace.preflight(half, self.method(), response, mode);
        }
        trace.in_preflight = false;
        if let Some(half) = &self.actual
            && let Some(response) = &half.response
        {
            if !not_cors {
                trace.cors_check(half, &response.headers, mode);
            }
            trace.redirect(half, response);
        }
        trace.checks
    }
}

struct Trace {
    checks: Vec<Check>,
    in_preflight: bool,
}

impl Trace {
    fn add(
        &mut self,
        what: &'static str,
        section: &'static str,
        looked_at: String,
        outcome: Outcome,
    ) {
        self.checks.push(Check {
            in_preflight: self.in_preflight,
            what,
            section,
            header: header_of(what),
            looked_at,
            outcome,
        });
    }

    fn preflight(
        &mut self,
        half: &Half,
        method: &[u8],
        response: &ResponseHead,
        mode: CredentialsMode,
    ) {
        let status = response.status.to_string();
        let headers = &response.headers;
        let location = named(headers, "Location");
        self.add(
            "the preflight is not redirected",
            REDIRECT,
            format!("status {status}, {location}"),
            Outcome::of(!is_redirect(response, half.fetch.browser())),
        );
        self.cors_check(half, headers, mode);
        self.add(
            "the status is an ok status",
            OK_STATUS,
            status,
            Outcome::of(is_ok_status(response.status)),
        );
        let methods = headers.extract_header_list_values("access-control-allow-methods");
        let names = headers.extract_header_list_values("access-control-allow-headers");
        self.list(METHODS_LIST, headers, &methods);
        self.list(HEADERS_LIST, headers, &names);
        let include = mode == CredentialsMode::Include;
        let methods = methods.unwrap_or_default();
        self.add(
            METHOD_ALLOWED,
            PREFLIGHT,
            format!(
                "{} in {}",
                wire_text(method),
                named(headers, "Access-Control-Allow-Methods")
            ),
            Outcome::of(is_method_allowed(method, &methods, include)),
        );
        let names = names.unwrap_or_default();
        let asked: Elements<'_> = half.fetch.requested_headers().collect();
        let refused = headers_refused(&asked, &names, include, half.fetch.browser());
        let allowed = named(headers, "Access-Control-Allow-Headers");
        if asked.is_empty() {
            let outcome = Outcome::NotNeeded;
            self.add(HEADERS_ALLOWED, PREFLIGHT, allowed, outcome);
            return;
        }
        for name in asked {
            let passes = !refused.contains(&name);
            let looked_at = format!("{} in {allowed}", wire_text(name));
            let what = HEADER_ALLOWED;
            self.add(what, PREFLIGHT, looked_at, Outcome::of(passes));
        }
    }

    /// The steps of the CORS check.
    fn cors_check(&mut self, half: &Half, headers: &HeaderList, mode: CredentialsMode) {
        let shown = named(headers, "Access-Control-Allow-Origin");
        if self.in_preflight && half.fetch.is_same_origin() {
            self.add(
                "the preflight stays in the page's own origin",
                CORS_CHECK,
                shown,
                Outcome::NotNeeded,
            );
            return;
        }
        let browser = half.fetch.browser();
        let value = browser.header(headers, "access-control-allow-origin");
        self.add(
            IS_THERE,
            CORS_CHECK,
            shown.clone(),
            Outcome::of(value.is_some()),
        );
        let include = mode == CredentialsMode::Include;
        let origin = half.fetch.origin();
        let wildcard = !include && value.as_deref() == Some(b"*");
        let equal = value.as_deref() == Some(origin);
        self.add(
            IS_ORIGIN,
            CORS_CHECK,
            format!("{} against {shown}", wire_text(origin)),
            Outcome::of(wildcard || equal),
        );
        let allowed = browser.header(headers, "access-control-allow-credentials");
        self.add(
            IS_TRUE,
            CORS_CHECK,
            named(headers, "Access-Control-Allow-Credentials"),
            if include {
                Outcome::of(allowed.as_deref() == Some(b"true"))
            } else {
                Outcome::NotNeeded
            },
        );
    }

    fn list(
        &mut self,
        what: &'static str,
        headers: &HeaderList,
        list: &Result<Elements<'_>, NotAToken<'_>>,
    ) {
        let name = what.split(' ').next().unwrap_or_default();
        self.add(what, LIST, named(headers, name), Outcome::of(list.is_ok()));
    }

    fn redirect(&mut self, half: &Half, response: &ResponseHead) {
        if !is_redirect(response, half.fetch.browser()) {
            return;
        }
        let location = response.location();
        let to = resolve(location, &half.fetch.authority, half.fetch.path_and_query());
        let shown = named(&response.headers, "Location");
        let is_http = matches!(to, Location::Http { .. });
        self.add(LEADS_TO_HTTP, REDIRECT, shown.clone(), Outcome::of(is_http));
        let credentials = matches!(
            to,
            Location::Http {
                credentials: true,
                ..
            }
        );
        self.add(WITHOUT_PASSWORD, REDIRECT, shown, Outcome::of(!credentials));
    }
}

/// The header that a check is about.
fn header_of(what: &str) -> Option<&'static str> {
    Some(match what {
        IS_THERE | IS_ORIGIN => "access-control-allow-origin",
        IS_TRUE => "access-control-allow-credentials",
        METHODS_LIST | METHOD_ALLOWED => "access-control-allow-methods",
        HEADERS_LIST | HEADERS_ALLOWED | HEADER_ALLOWED => "access-control-allow-headers",
        LEADS_TO_HTTP | WITHOUT_PASSWORD => "location",
        _ => return None,
    })
}

/// A header as it stands, or that it is missing.
fn named(headers: &HeaderList, name: &str) -> String {
    match headers.get(name) {
        Some(value) => format!("{name}: {}", wire_text(&value)),
        None => format!("no {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::transaction_of;

    /// The outcomes in their order: `+` passes, `-` fails, `0` is not needed; the preflight's before
    /// the blank. A preflight's are: redirect, origin there, origin equal, credentials, status, the two
    /// lists, method, and each header. The others: origin there, origin equal, credentials; of a
    /// redirect, the scheme, and the user.
    #[test]
    fn checks_come_in_the_order_of_browsers() {
        const PUT: &str = "OPTIONS / | Origin: http://a.org | ACRM: PUT";
        const NAMES: &str = "OPTIONS / | Origin: http://a.org | ACRM: GET | ACRH: x-a,x-b";
        const GET: &str = "GET / | Origin: http://a.org";
        const COOKIE: &str = "GET / | Origin: http://a.org | Cookie: a=b";
        const OWN: &str =
            "POST / | Origin: http://api.test | Sec-Fetch-Site: same-origin | Sec-Fetch-Mode: cors";
        for (request, response, expected) in [
            (GET, "200 | ACAO: *", " ++0"),
            (GET, "200", " --0"),
            (GET, "200 | ACAO: http://b.org", " +-0"),
            (GET, "500 | ACAO: *", " ++0"),
            (COOKIE, "200 | ACAO: *", " +--"),
            (COOKIE, "200 | ACAO: http://a.org", " ++-"),
            (COOKIE, "200 | ACAO: http://a.org | ACAC: True", " ++-"),
            (COOKIE, "200 | ACAO: http://a.org | ACAC: true", " +++"),
            (GET, "302 | ACAO: * | Location: /x", " ++0++"),
            (GET, "302 | ACAO: * | Location: ftp://x/", " ++0-+"),
            (GET, "302 | ACAO: * | Location: http://u:p@x/", " ++0+-"),
            (GET, "302 | Location: http://u:p@x/", " --0+-"),
            (PUT, "204 | ACAO: * | ACAM: PUT", "+++0++++0 "),
            (PUT, "204", "+--0+++-0 "),
            (PUT, "404 | ACAO: * | ACAM: PUT", "+++0-+++0 "),
            (PUT, "404", "+--0-++-0 "),
            (
                PUT,
                "301 | ACAO: * | ACAM: PUT | Location: /x",
                "-++0-+++0 ",
            ),
            (PUT, "301 | ACAO: * | ACAM: PUT", "+++0-+++0 "),
            (PUT, "204 | ACAO: * | ACAM: a b", "+++0+-+-0 "),
            (PUT, "204 | ACAO: * | ACAM: put", "+++0+++-0 "),
            (PUT, "204 | ACAO: * | ACAM: PUT | ACAH: a b", "+++0++-+0 "),
            (NAMES, "204 | ACAO: * | ACAH: X-A, x-b", "+++0++++++ "),
            (NAMES, "204 | ACAO: * | ACAH: *", "+++0++++++ "),
            (NAMES, "204 | ACAO: * | ACAH: x-b", "+++0++++-+ "),
            (NAMES, "204 | ACAO: * | ACAH: x-a x-b", "+++0++-+-- "),
            (OWN, "200", " "),
            (OWN, "307 | Location: http://b.org/", " "),
            (OWN, "307 | Location: http://u:p@b.org/", " +-"),
            (OWN, "307 | Location: ftp://b.org/", " -+"),
        ] {
            let transaction = transaction_of(&format!("{request} => {response}"));
            let marks = |in_preflight: bool| -> String {
                let checks = transaction.trace();
                let checks = checks.iter().filter(|c| c.in_preflight == in_preflight);
                checks.map(|check| mark(check.outcome)).collect()
            };
            let found = format!("{} {}", marks(true), marks(false));
            assert_eq!(found, expected, "{request} => {response}");
        }
    }

    const fn mark(outcome: Outcome) -> char {
        match outcome {
            Outcome::Pass => '+',
            Outcome::Fail => '-',
            Outcome::NotNeeded => '0',
        }
    }

    #[test]
    fn checks_show_the_bytes_and_their_section() {
        let traffic = "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: GET\nPUT / | Origin: http://a.org => 200 | ACAO: http://b.org";
        let checks = transaction_of(traffic).trace();
        for (header, looked_at) in [
            (Some("location"), "status 204, no Location"),
            (
                Some("access-control-allow-methods"),
                "PUT in Access-Control-Allow-Methods: GET",
            ),
            (
                Some("access-control-allow-origin"),
                "http://a.org against Access-Control-Allow-Origin: http://b.org",
            ),
            (None, "204"),
        ] {
            let there = |check: &Check| check.looked_at == looked_at;
            let check = checks.iter().find(|check| there(check)).expect(looked_at);
            assert!(header == check.header || header == Some("location"));
        }
        for check in checks {
            assert!(check.section.starts_with("https://fetch.spec.whatwg.org/#"));
        }
    }
}
