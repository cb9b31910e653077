//! The cause behind the symptom: what a failing transaction's responses say beside the missing or
//! wrong CORS headers.
//!
//! A browser tells the symptom only. A status, a redirect or a reset usually tells why.

use crate::cors::cors_error::CorsError as E;
use crate::cors::preflight::{is_ok_status, is_redirect};
use crate::cors::transaction::{Half, Transaction, TransactionNote, Verdict};
use crate::cors::url::{Location, resolve};
use crate::http::ConnectError;
use crate::http::exchange::Outcome;
use crate::http::message::ResponseHead;
use crate::wire_text::wire_text;

impl Transaction {
    /// What probably stands behind a failure, in one sentence; `None` where the finding itself says
    /// all there is.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        let Verdict::Fail(error) = self.judgement.verdict else {
            return self.why_not_sent();
        };
        let in_preflight = error.is_about_preflight() || self.actual.is_none();
        let half = if in_preflight {
            self.preflight.as_ref()?
        } else {
            self.actual.as_ref()?
        };
        match &half.response {
            None => Some(why_no_response(half).to_owned()),
            Some(response) if in_preflight => self.behind_preflight(half, response),
            Some(response) => behind_response(error, half, response),
        }
    }

    /// What kept a request back whose preflight passed.
    fn why_not_sent(&self) -> Option<String> {
        let (error, frame) = self.connect_failure()?;
        let exchange = self.preflight.as_ref()?.exchange.as_ref()?;
        let server = exchange.connection.server;
        let what = match error {
            ConnectError::Refused => {
                format!(
                    "{server} refused the connection for it (frame {frame}): the server has stopped listening since"
                )
            }
            ConnectError::Unreachable => {
                format!(
                    "{server} could not be reached for it (frame {frame}): an ICMP message says so"
                )
            }
            ConnectError::Unanswered => {
                format!("{server} did not answer the connection for it (frame {frame})")
            }
        };
        Some(format!(
            "the request was not sent, as {what}. The page sees a network error, and CORS has no part in it"
        ))
    }

    fn behind_preflight(&self, half: &Half, response: &ResponseHead) -> Option<String> {
        if is_redirect(response, half.fetch.browser()) {
            return Some(behind_redirect(half, response));
        }
        let headers = &response.headers;
        let hidden = self
            .judgement
            .notes
            .contains(&TransactionNote::ReasonHidden);
        Some(match response.status {
            401 | 407 => "the server wants authentication for OPTIONS, and a preflight never carries any: exempt OPTIONS".to_owned(),
            403 if hidden => hides_its_reason(),
            403 => "something before the application refuses OPTIONS: a firewall, CSRF protection or an allow-list".to_owned(),
            404 => "nothing handles OPTIONS at this URL: the router knows the path for other methods only, or not at all".to_owned(),
            405 | 501 => match headers.get("allow") {
                Some(allow) => format!(
                    "the server does not handle OPTIONS here: it allows {}",
                    wire_text(&allow)
                ),
                None => "the server does not handle OPTIONS here".to_owned(),
            },
            429 => "preflights are counted by a rate limit: exempt OPTIONS".to_owned(),
            status @ 500..=599 => server_error(status, response),
            status if is_ok_status(status) && hidden => hides_its_reason(),
            status if is_ok_status(status) && !has_cors_headers(response) => {
                "the answer has no CORS header at all: OPTIONS does not reach the code that sends them".to_owned()
            }
            _ => return None,
        })
    }
}

/// Whether a response has any header of the CORS protocol.
pub(super) fn has_cors_headers(response: &ResponseHead) -> bool {
    let mut lines = response.headers.lines();
    lines.any(|(name, _)| {
        let prefix = name.get(.."access-control-".len());
        prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"access-control-"))
    })
}

fn hides_its_reason() -> String {
    "other answers of this server do have CORS headers: its CORS library refuses without saying why. Switch its debug mode on to learn more (rs/cors: Debug: true; jub0bs/cors: SetDebug(true); Spring: logging.level.org.springframework.web.cors=DEBUG; ASP.NET Core: Microsoft.AspNetCore.Cors at Information)".to_owned()
}

fn behind_response(error: E, half: &Half, response: &ResponseHead) -> Option<String> {
    if error != E::MissingAllowOriginHeader {
        return None;
    }
    Some(match response.status {
        403 => "access was refused before the code that sends the CORS headers, or by a CORS library that does not know this origin (Spring's does so): the page sees a CORS error instead of the status".to_owned(),
        401 | 407 => "access was refused before the code that sends the CORS headers: the page sees a CORS error instead of the status".to_owned(),
        404 => "nothing is at this URL; the error page lacks the CORS headers".to_owned(),
        status @ 500..=599 => server_error(status, response),
        301..=308 if is_redirect(response, half.fetch.browser()) => {
            "the redirect itself needs the CORS headers too, not only the page that it leads to".to_owned()
        }
        _ => return None,
    })
}

fn server_error(status: u16, response: &ResponseHead) -> String {
    let server = response.headers.get("server").unwrap_or_default();
    let by_proxy = matches!(status, 502..=504);
    match (by_proxy, server.is_empty()) {
        (true, false) => format!(
            "status {status} is a proxy's own error page ({}): what stands behind it did not answer, and the page lacks the application's CORS headers",
            wire_text(&server)
        ),
        (true, true) => format!(
            "status {status} is a proxy's own error page: what stands behind it did not answer, and the page lacks the application's CORS headers"
        ),
        (false, _) => format!(
            "the server failed (status {status}): look into its log; the missing headers are only the symptom"
        ),
    }
}

fn behind_redirect(half: &Half, response: &ResponseHead) -> String {
    let location = response.location();
    let fetch = &half.fetch;
    let text = wire_text(location);
    let lower = text.to_ascii_lowercase();
    let Location::Http {
        scheme,
        authority,
        target,
        ..
    } = resolve(location, &fetch.authority, fetch.path_and_query())
    else {
        return "the redirect leads nowhere that a browser goes to".to_owned();
    };
    let path = fetch.path_and_query();
    let slash_added = target.strip_suffix(b"/") == Some(path);
    if ["login", "signin", "sign-in", "sso", "oauth", "auth"]
        .iter()
        .any(|word| lower.contains(word))
    {
        "OPTIONS is sent to a login page: exempt it from authentication".to_owned()
    } else if scheme == "https" && *authority == *fetch.authority {
        "http is redirected to https: let the page call the https URL".to_owned()
    } else if slash_added || path.strip_suffix(b"/") == Some(&target) {
        "only a slash at the end differs: let the page call the URL in its final form".to_owned()
    } else {
        "let the page call the final URL".to_owned()
    }
}

fn why_no_response(half: &Half) -> &'static str {
    match half.outcome() {
        Outcome::Reset => {
            "the server, or a firewall before it, reset the connection: it crashed, or nothing listens for this"
        }
        Outcome::Garbled => {
            "what listens there does not speak HTTP: perhaps it expects TLS (https)"
        }
        _ => {
            "the server closed the connection without an answer: it crashed, timed out, or expects TLS"
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::transaction_of;

    #[test]
    fn the_cause_behind_the_symptom() {
        const ASK: &str = "OPTIONS /x | Origin: http://a.org | ACRM: PUT";
        const GET: &str = "GET /x | Origin: http://a.org";
        for (request, response, expected) in [
            (ASK, "204 | ACAO: *", None),
            (ASK, "204", Some("OPTIONS does not reach the code")),
            (ASK, "401", Some("wants authentication for OPTIONS")),
            (
                ASK,
                "407 | ACAO: *",
                Some("wants authentication for OPTIONS"),
            ),
            (
                ASK,
                "403",
                Some("a firewall, CSRF protection or an allow-list"),
            ),
            (ASK, "404 | ACAO: *", Some("nothing handles OPTIONS")),
            (ASK, "405 | Allow: GET, PUT", Some("it allows GET, PUT")),
            (ASK, "405", Some("does not handle OPTIONS here")),
            (ASK, "501", Some("does not handle OPTIONS here")),
            (ASK, "429", Some("rate limit")),
            (ASK, "500", Some("the server failed (status 500)")),
            (
                ASK,
                "502 | Server: nginx",
                Some("a proxy's own error page (nginx)"),
            ),
            (ASK, "504", Some("a proxy's own error page")),
            (
                ASK,
                "301 | Location: https://api.test/x",
                Some("call the https URL"),
            ),
            (
                ASK,
                "301 | Location: /x/",
                Some("only a slash at the end differs"),
            ),
            (
                ASK,
                "302 | Location: /login?next=x",
                Some("sent to a login page"),
            ),
            (
                ASK,
                "302 | Location: http://b.test/x",
                Some("call the final URL"),
            ),
            (ASK, "302 | Location: http://", Some("leads nowhere")),
            (GET, "200", None),
            (GET, "200 | ACAO: http://b", None),
            (GET, "401", Some("access was refused before the code")),
            (GET, "403", Some("access was refused before the code")),
            (GET, "404", Some("nothing is at this URL")),
            (GET, "500", Some("the server failed (status 500)")),
            (GET, "503", Some("a proxy's own error page")),
            (
                GET,
                "302 | Location: /y",
                Some("the redirect itself needs the CORS headers"),
            ),
            (GET, "200 | ACAO: *", None),
        ] {
            let transaction = transaction_of(&format!("{request} => {response}"));
            let found = transaction.cause();
            match expected {
                None => assert_eq!(found, None, "{request} {response}"),
                Some(part) => assert!(
                    found.as_ref().is_some_and(|found| found.contains(part)),
                    "{request} {response}: {found:?}"
                ),
            }
        }
    }
}
