//! The header lines that make a failing transaction pass, and the fix in words.
//!
//! Lines are filled with the transaction's own values. What is unsafe is not proposed: never `null`
//! as an allowed origin.

use crate::cors::cors_error::CorsError as E;
use crate::cors::fetch_request::Credentials;
use crate::cors::preflight::Finding;
use crate::cors::safelist::is_cors_safelisted_method;
use crate::cors::transaction::{Half, Judgement, Transaction, Verdict, is_miscased};
use crate::http::headers::{HeaderList, is_token, list_elements, names_missing};
use crate::wire_text::wire_text;

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";

impl Transaction {
    /// The header lines that the failing response must carry (instead of its own of the same name)
    /// to pass every check; empty where none help, or nothing fails.
    #[must_use]
    pub fn fix(&self) -> Vec<String> {
        let Verdict::Fail(error) = self.judgement.verdict else {
            return Vec::new();
        };
        let half = if error.is_about_preflight() {
            &self.preflight
        } else {
            &self.actual
        };
        half.as_ref()
            .map_or_else(Vec::new, |half| lines(half, self.method(), &self.judgement))
    }

    /// What to do, in words, beside the header lines.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        let Verdict::Fail(error) = self.judgement.verdict else {
            return None;
        };
        Some(remedy(error, self))
    }
}

impl Transaction {
    /// What not to do, where the repair at hand would let everybody in.
    #[must_use]
    pub fn warning(&self) -> Option<&'static str> {
        let Verdict::Fail(error) = self.judgement.verdict else {
            return None;
        };
        let about_origin = is_about_origin(error)
            || matches!(
                error,
                E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials
            );
        if !about_origin {
            None
        } else if self.origin() == b"null" {
            Some("never allow null: every site can have that origin, in a sandboxed frame")
        } else if self.judgement.credentials == Credentials::Include {
            Some(
                "with credentials, do not send back whatever Origin comes: every site could then read this user's data",
            )
        } else {
            None
        }
    }
}

/// Whether Access-Control-Allow-Origin is missing or wrong.
fn is_about_origin(error: E) -> bool {
    matches!(
        error,
        E::MissingAllowOriginHeader
            | E::WildcardOriginNotAllowed
            | E::MultipleAllowOriginValues
            | E::InvalidAllowOriginValue
            | E::AllowOriginMismatch
            | E::PreflightMissingAllowOriginHeader
            | E::PreflightWildcardOriginNotAllowed
            | E::PreflightMultipleAllowOriginValues
            | E::PreflightInvalidAllowOriginValue
            | E::PreflightAllowOriginMismatch
    )
}

fn lines(half: &Half, method: &[u8], judgement: &Judgement) -> Vec<String> {
    let Some(response) = &half.response else {
        return Vec::new();
    };
    let include = judgement.credentials == Credentials::Include;
    let headers = &response.headers;
    let mut lines = Vec::new();
    for finding in &judgement.findings {
        match finding.error {
            error if is_about_origin(error) => {
                allow_origin(half.fetch.origin(), include, headers, &mut lines);
            }
            E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => {
                lines.push(format!("{ALLOW_CREDENTIALS}: true"));
            }
            E::InvalidAllowMethodsPreflightResponse | E::MethodDisallowedByPreflightResponse => {
                if is_miscased(method) {
                    continue;
                }
                let wanted = Some(method).filter(|m| !is_cors_safelisted_method(m));
                let wanted: Vec<&[u8]> = wanted.into_iter().collect();
                lines.push(list_line(ALLOW_METHODS, headers, &wanted));
            }
            E::InvalidAllowHeadersPreflightResponse => {
                let asked: Vec<&[u8]> = half.fetch.requested_headers().collect();
                lines.push(list_line(ALLOW_HEADERS, headers, &asked));
            }
            E::HeaderDisallowedByPreflightResponse => {
                let refused: Vec<&[u8]> = finding.about.iter().map(AsRef::as_ref).collect();
                lines.push(list_line(ALLOW_HEADERS, headers, &refused));
            }
            _ => {}
        }
    }
    lines
}

fn allow_origin(origin: &[u8], include: bool, headers: &HeaderList, lines: &mut Vec<String>) {
    if origin == b"null" {
        // Any sandboxed frame has the origin `null`: only an answer for everybody is safe.
        if !include {
            lines.push(format!("{ALLOW_ORIGIN}: *"));
        }
        return;
    }
    lines.push(format!("{ALLOW_ORIGIN}: {}", wire_text(origin)));
    let allowed = headers.get("access-control-allow-credentials");
    if include && allowed.as_deref() != Some(b"true") {
        lines.push(format!("{ALLOW_CREDENTIALS}: true"));
    }
}

/// A list header with its present elements, as far as they are any, and the wanted ones.
fn list_line(name: &str, headers: &HeaderList, wanted: &[&[u8]]) -> String {
    let value = headers.get(name).unwrap_or_default();
    let mut elements: Vec<&[u8]> = list_elements(&value).filter(|e| is_token(e)).collect();
    let missing = if name == ALLOW_METHODS {
        wanted.to_vec()
    } else {
        names_missing(wanted, &elements)
    };
    elements.extend(missing);
    let text: Vec<_> = elements.into_iter().map(wire_text).collect();
    format!("{name}: {}", text.join(", "))
}

fn remedy(error: E, transaction: &Transaction) -> &'static str {
    match error {
        E::MissingAllowOriginHeader => {
            "send the header on every response of this URL: errors, redirects and a proxy's own pages too"
        }
        E::PreflightMissingAllowOriginHeader => {
            "let OPTIONS reach the code that sends the CORS headers, before authentication and routing; the request's own response needs Access-Control-Allow-Origin too"
        }
        E::WildcardOriginNotAllowed | E::PreflightWildcardOriginNotAllowed => {
            "name the page's origin, checked against a list, with Vary: Origin; or send the request without credentials"
        }
        E::MultipleAllowOriginValues | E::PreflightMultipleAllowOriginValues => {
            "send the header once, with one origin: often both the application and a proxy add it"
        }
        E::InvalidAllowOriginValue
        | E::PreflightInvalidAllowOriginValue
        | E::AllowOriginMismatch
        | E::PreflightAllowOriginMismatch
            if transaction.origin() == b"null" =>
        {
            "the origin is null after a redirect to another origin, in a sandboxed frame or a file: call the final URL, or serve the page from an origin; never allow null"
        }
        E::InvalidAllowOriginValue
        | E::PreflightInvalidAllowOriginValue
        | E::AllowOriginMismatch
        | E::PreflightAllowOriginMismatch => {
            "send exactly the page's origin, checked against a list: no slash at the end, same scheme, host and port; with Vary: Origin"
        }
        E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => {
            "send true, once and in lower case; or send the request without credentials"
        }
        E::PreflightInvalidStatus => {
            "answer OPTIONS with 204 or 200, before authentication, rate limits and routing"
        }
        E::PreflightDisallowedRedirect => {
            "request the final URL (https, the right slash at the end), or do not redirect OPTIONS"
        }
        E::InvalidAllowMethodsPreflightResponse | E::InvalidAllowHeadersPreflightResponse => {
            "send a comma-separated list of names, without quotes or other separators"
        }
        E::MethodDisallowedByPreflightResponse if is_miscased(transaction.method()) => {
            "write the method in upper case in the page's code: browsers send patch as it stands"
        }
        E::MethodDisallowedByPreflightResponse => {
            "list the method in the answer to OPTIONS, in upper case"
        }
        E::HeaderDisallowedByPreflightResponse => {
            "list the header in the answer to OPTIONS, or do not send it from the page"
        }
        E::RedirectContainsCredentials => "redirect to a URL without user name and password",
        E::CorsDisabledScheme => "redirect to an http or https URL",
        E::InvalidResponse if transaction.judgement.refuses_another_redirect() => {
            "call the final URL from the page, or redirect there in one step"
        }
        E::InvalidResponse => {
            "find out why the server, or something before it, sent no usable response"
        }
    }
}

/// The finding that decided, where the transaction failed.
pub(super) fn decisive(judgement: &Judgement) -> Option<&Finding> {
    judgement.findings.first()
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::transaction_of;

    #[test]
    fn the_smallest_set_of_lines_that_repairs() {
        const PUT: &str = "OPTIONS /x | Origin: http://a.org | ACRM: PUT";
        const NAMES: &str = "OPTIONS /x | Origin: http://a.org | ACRM: GET | ACRH: x-a,x-b";
        const GET: &str = "GET /x | Origin: http://a.org";
        const COOKIE: &str = "GET /x | Origin: http://a.org | Cookie: a=b";
        const NULL: &str = "GET /x | Origin: null";
        const ORIGIN: &str = "Access-Control-Allow-Origin: http://a.org";
        const CREDENTIALS: &str = "Access-Control-Allow-Credentials: true";
        const METHODS: &str = "Access-Control-Allow-Methods: PUT";
        for (request, response, expected) in [
            (GET, "200", &[ORIGIN][..]),
            (GET, "200 | ACAO: *", &[]),
            (GET, "200 | ACAO: http://b", &[ORIGIN]),
            (COOKIE, "200", &[ORIGIN, CREDENTIALS]),
            (COOKIE, "200 | ACAO: *", &[ORIGIN, CREDENTIALS]),
            (COOKIE, "200 | ACAO: * | ACAC: true", &[ORIGIN]),
            (COOKIE, "200 | ACAO: http://a.org", &[CREDENTIALS]),
            (
                COOKIE,
                "200 | ACAO: http://a.org | ACAC: True",
                &[CREDENTIALS],
            ),
            (NULL, "200", &["Access-Control-Allow-Origin: *"]),
            (PUT, "204", &[ORIGIN, METHODS]),
            (PUT, "204 | ACAO: *", &[METHODS]),
            (PUT, "404 | ACAO: *", &[METHODS]),
            (PUT, "404 | ACAO: * | ACAM: PUT", &[]),
            (
                PUT,
                "204 | ACAO: * | ACAM: GET",
                &["Access-Control-Allow-Methods: GET, PUT"],
            ),
            (PUT, "204 | ACAO: * | ACAM: PUT; GET", &[METHODS]),
            (
                NAMES,
                "204 | ACAO: *",
                &["Access-Control-Allow-Headers: x-a, x-b"],
            ),
            (
                NAMES,
                "204 | ACAO: * | ACAH: X-B",
                &["Access-Control-Allow-Headers: X-B, x-a"],
            ),
            (
                NAMES,
                "204 | ACAO: * | ACAH: x-a x-b",
                &["Access-Control-Allow-Headers: x-a, x-b"],
            ),
            (GET, "302 | ACAO: * | Location: ftp://x", &[]),
        ] {
            let transaction = transaction_of(&format!("{request} => {response}"));
            assert_eq!(transaction.fix(), expected, "{request} {response}");
            // Nothing that lets every site in with credentials, or everybody be `null`.
            let fix = transaction.fix().join("\n");
            let lets_all_in = fix.contains(": *") && fix.contains("true");
            assert!(!lets_all_in && !fix.contains("null"), "{fix}");
        }
    }

    #[test]
    fn unsafe_repairs_are_warned_of() {
        for (request, response, expected) in [
            (
                "GET /x | Origin: http://a.org | Cookie: a=b",
                "200",
                Some("whatever Origin"),
            ),
            (
                "GET /x | Origin: http://a.org | Cookie: a=b",
                "200 | ACAO: *",
                Some("whatever Origin"),
            ),
            ("GET /x | Origin: http://a.org", "200", None),
            ("GET /x | Origin: null", "200", Some("never allow null")),
            ("GET /x | Origin: null", "200 | ACAO: *", None),
            (
                "OPTIONS /x | Origin: http://a.org | ACRM: PUT",
                "204 | ACAO: *",
                None,
            ),
        ] {
            let transaction = transaction_of(&format!("{request} => {response}"));
            let found = transaction.warning();
            let right = match (found, expected) {
                (Some(found), Some(part)) => found.contains(part),
                (found, expected) => found == expected,
            };
            assert!(right, "{request} {response}: {found:?}");
        }
    }
}
