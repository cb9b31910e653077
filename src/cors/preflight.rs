//! The checks of a preflight's response
//! (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, steps 7 and on), in the order in which
//! Chromium makes them.

use crate::cors::browser::Browser;
use crate::cors::cors_check::{CredentialsMode, cors_check};
use crate::cors::cors_error::CorsError;
use crate::cors::safelist::is_cors_safelisted_method;
use crate::http::headers::{Elements, NotAToken, names_missing};
use crate::http::message::ResponseHead;

/// A finding, and what exactly it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub error: CorsError,
    /// The method, the header names or the list element that it is about; may be empty.
    pub about: Vec<Box<[u8]>>,
}

impl Finding {
    /// A finding about nothing in particular.
    #[must_use]
    pub fn new(error: CorsError) -> Self {
        Self {
            error,
            about: Vec::new(),
        }
    }
}

/// What the actual request will be.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The preflight's Origin.
    pub origin: &'a [u8],
    /// The credentials mode of the actual request.
    pub mode: CredentialsMode,
    /// Its method.
    pub method: &'a [u8],
    /// The names of the headers that the preflight asks for.
    pub headers: Elements<'a>,
    /// The preflight goes to the page's own origin: Firefox asks so after a redirect back to it, and
    /// makes no CORS check of the answer.
    pub same_origin: bool,
    /// Who asks.
    pub browser: Browser,
}

/// Whether a status is an ok status (<https://fetch.spec.whatwg.org/#ok-status>).
#[must_use]
pub fn is_ok_status(status: u16) -> bool {
    (200..=299).contains(&status)
}

/// Whether a response redirects (<https://fetch.spec.whatwg.org/#redirect-status>, with a Location).
#[must_use]
pub fn is_redirect(response: &ResponseHead, browser: Browser) -> bool {
    matches!(response.status, 301 | 302 | 303 | 307 | 308)
        && match response.headers.values("location").next() {
            Some(b"") => browser.follows_empty_location(),
            Some(_) => true,
            None => false,
        }
}

/// Everything that is wrong with a preflight's response; the first finding is the one that a
/// browser stops at.
#[must_use]
pub fn preflight_findings(asked: &Asked<'_>, response: &ResponseHead) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_redirect = is_redirect(response, asked.browser);
    if is_redirect {
        findings.push(Finding::new(CorsError::PreflightDisallowedRedirect));
    }
    if !asked.same_origin
        && let Err(error) = cors_check(asked.origin, asked.mode, &response.headers, asked.browser)
    {
        findings.push(Finding::new(error.in_preflight()));
    }
    if !is_ok_status(response.status) && !is_redirect {
        findings.push(Finding::new(CorsError::PreflightInvalidStatus));
    }
    let include = asked.mode == CredentialsMode::Include;
    let methods = response
        .headers
        .extract_header_list_values("access-control-allow-methods");
    let names = response
        .headers
        .extract_header_list_values("access-control-allow-headers");
    let unparsable = |error, NotAToken(element): &NotAToken<'_>| Finding {
        error,
        about: vec![(*element).into()],
    };
    if let Err(element) = &methods {
        let error = CorsError::InvalidAllowMethodsPreflightResponse;
        findings.push(unparsable(error, element));
    }
    if let Err(element) = &names {
        let error = CorsError::InvalidAllowHeadersPreflightResponse;
        findings.push(unparsable(error, element));
    }
    if let Ok(methods) = methods
        && !is_method_allowed(asked.method, &methods, include)
    {
        findings.push(Finding {
            error: CorsError::MethodDisallowedByPreflightResponse,
            about: vec![asked.method.into()],
        });
    }
    if let Ok(names) = names {
        let refused: Vec<Box<[u8]>> =
            headers_refused(&asked.headers, &names, include, asked.browser)
                .into_iter()
                .map(Box::from)
                .collect();
        if !refused.is_empty() {
            findings.push(Finding {
                error: CorsError::HeaderDisallowedByPreflightResponse,
                about: refused,
            });
        }
    }
    findings
}

/// Whether Access-Control-Allow-Methods, or the safelist, allows a method: case counts.
#[must_use]
pub fn is_method_allowed(method: &[u8], allowed: &[&[u8]], include: bool) -> bool {
    is_cors_safelisted_method(method)
        || allowed.contains(&method)
        || (!include && allowed.contains(&&b"*"[..]))
}

/// The header names that Access-Control-Allow-Headers does not allow: case does not count.
///
/// By the standard `*` never covers Authorization
/// (<https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>); Chromium 156, Firefox
/// 153 and WebKitGTK 2.50 all still let it, so it does here but for [`Browser::Standard`].
#[must_use]
pub fn headers_refused<'a>(
    names: &[&'a [u8]],
    allowed: &[&[u8]],
    include: bool,
    browser: Browser,
) -> Vec<&'a [u8]> {
    let mut refused = names_missing(names, allowed);
    if !include && allowed.contains(&&b"*"[..]) {
        let strict = browser == Browser::Standard;
        refused.retain(|name| strict && name.eq_ignore_ascii_case(b"authorization"));
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::CredentialsMode::{Include, NotInclude};
    use super::*;
    use crate::cors::cors_error::CorsError as E;
    use crate::http::headers::tests::list;

    #[test]
    fn a_wildcard_covers_authorization_in_browsers_but_not_in_the_standard() {
        let refused = |include, browser| {
            headers_refused(&[b"Authorization", b"x-a"], &[b"*"], include, browser).len()
        };
        assert_eq!(refused(false, Browser::Unknown), 0);
        assert_eq!(refused(false, Browser::Standard), 1);
        assert_eq!(refused(true, Browser::Unknown), 2);
    }

    type Case<'a> = (
        u16,
        &'a [(&'a str, &'a str)],
        CredentialsMode,
        &'a [CorsError],
    );

    #[test]
    fn findings_come_in_the_order_of_the_checks() {
        const STAR: (&str, &str) = ("access-control-allow-origin", "*");
        const METHODS: &str = "access-control-allow-methods";
        const HEADERS: &str = "access-control-allow-headers";
        const ALL: [(&str, &str); 3] = [STAR, (METHODS, "PUT"), (HEADERS, "X-A, x-b")];
        let cases: [Case<'_>; 14] = [
            (204, &ALL, NotInclude, &[]),
            (299, &ALL, NotInclude, &[]),
            (304, &ALL, NotInclude, &[E::PreflightInvalidStatus]),
            (404, &ALL, NotInclude, &[E::PreflightInvalidStatus]),
            (302, &ALL, NotInclude, &[E::PreflightInvalidStatus]),
            (
                404,
                &ALL[1..],
                NotInclude,
                &[
                    E::PreflightMissingAllowOriginHeader,
                    E::PreflightInvalidStatus,
                ],
            ),
            (
                302,
                &[ALL[0], ALL[1], ALL[2], ("location", "/x")],
                NotInclude,
                &[E::PreflightDisallowedRedirect],
            ),
            (200, &ALL, Include, &[E::PreflightWildcardOriginNotAllowed]),
            (
                200,
                &[STAR],
                NotInclude,
                &[
                    E::MethodDisallowedByPreflightResponse,
                    E::HeaderDisallowedByPreflightResponse,
                ],
            ),
            (
                200,
                &[STAR, (METHODS, "*"), (HEADERS, "*")],
                NotInclude,
                &[],
            ),
            (
                200,
                &[STAR, (METHODS, "put"), ALL[2]],
                NotInclude,
                &[E::MethodDisallowedByPreflightResponse],
            ),
            (
                200,
                &[STAR, (METHODS, "PUT, bad method"), ALL[2]],
                NotInclude,
                &[E::InvalidAllowMethodsPreflightResponse],
            ),
            (
                200,
                &[STAR, ALL[1], (HEADERS, "x-a; x-b")],
                NotInclude,
                &[E::InvalidAllowHeadersPreflightResponse],
            ),
            (
                200,
                &[STAR, ALL[1], (HEADERS, "x-a"), (HEADERS, "x-b")],
                NotInclude,
                &[],
            ),
        ];
        for (status, lines, mode, expected) in cases {
            let asked = Asked {
                origin: b"http://page",
                mode,
                method: b"PUT",
                headers: Elements::from_slice(&[b"x-a", b"x-b"]),
                same_origin: false,
                browser: Browser::Chromium(156),
            };
            let response = ResponseHead {
                status,
                headers: list(lines),
                ..ResponseHead::default()
            };
            let found: Vec<_> = preflight_findings(&asked, &response)
                .into_iter()
                .map(|finding| finding.error)
                .collect();
            assert_eq!(found, expected, "{status} {lines:?} {mode:?}");
        }
    }
}
