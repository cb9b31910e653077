//! L-32: error responses without the CORS headers that good ones have.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Evidence, Sink, text};

pub(super) static L_32: Rule = Rule {
    number: 32,
    id: "L-32",
    severity: Severity::High,
    title: "error responses lose the CORS headers",
    what: "Good responses of this server allow the origin; an error response to the same origin does not.",
    why: "The page sees a CORS failure instead of the status and the message, and whoever looks for the cause looks in the wrong place.",
    fix: "add the CORS headers outside of error handling (nginx: add_header … always; middleware: the outermost layer)",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\n\nHTTP/1.1 500 Internal Server Error  (no Access-Control-Allow-Origin)",
};

/// Origins kept for one server or endpoint.
const KEPT: usize = 8;

/// Origins that got what they asked for.
#[derive(Clone, Default)]
pub(super) struct Granted {
    origins: Vec<(Box<[u8]>, Evidence)>,
    /// Error responses that did not allow the origin.
    errors: Vec<(Box<[u8]>, u16, Evidence)>,
}

impl Granted {
    pub(super) fn observe(&mut self, answer: &Answer<'_>) {
        if answer.preflight || answer.origin.len() > 256 {
            return;
        }
        if answer.is_ok() && answer.grants() {
            let known = self.origins.iter().any(|(o, _)| **o == *answer.origin);
            if !known && self.origins.len() < KEPT {
                self.origins.push((answer.origin.into(), answer.evidence));
            }
        }
    }

    /// Whether this origin was allowed, and where.
    fn to(&self, origin: &[u8]) -> Option<Evidence> {
        let mut origins = self.origins.iter();
        origins
            .find(|(known, _)| **known == *origin)
            .map(|(_, e)| *e)
    }

    pub(super) fn observe_error(&mut self, answer: &Answer<'_>) {
        if answer.preflight
            || answer.status < 400
            || answer.cors.allow_origin.is_there()
            || answer.origin.len() > 256
        {
            return;
        }
        let known =
            |(o, s, _): &(Box<[u8]>, u16, Evidence)| **o == *answer.origin && *s == answer.status;
        if self.errors.len() < KEPT && !self.errors.iter().any(known) {
            let error = (answer.origin.into(), answer.status, answer.evidence);
            self.errors.push(error);
        }
    }

    /// `server`: what the whole server granted.
    pub(super) fn conclude(&self, server: Option<&Self>, sink: &mut Sink<'_>) {
        for (origin, status, evidence) in &self.errors {
            let here = self.to(origin);
            let elsewhere = server.and_then(|server| server.to(origin));
            let Some(good) = here.or(elsewhere) else {
                continue;
            };
            // Another path of the same host may be another application, where nothing is known.
            let (severity, place) = if here.is_some() {
                (L_32.severity, "good responses here have it")
            } else {
                (Severity::Medium, "good responses of this server have it")
            };
            sink.about(*evidence).add_as(&L_32, severity, || {
                format!(
                    "the {status} response to {} has no Access-Control-Allow-Origin; {place}",
                    text(origin)
                )
            });
            sink.rest_on(&L_32, &[good], 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn errors_without_the_headers() {
        const GOOD: &str = "GET /x | Origin: http://a.org => 200 | ACAO: *";
        let error = |path: &str, origin: &str, more: &str| {
            format!("GET {path} | Origin: {origin} => {more}")
        };
        check(
            &["L-32"],
            &[
                (
                    "here",
                    &[GOOD, &error("/x", "http://a.org", "500")],
                    &["L-32"],
                ),
                (
                    "before",
                    &[&error("/x", "http://a.org", "401"), GOOD],
                    &["L-32"],
                ),
                (
                    "elsewhere",
                    &[GOOD, &error("/y", "http://a.org", "404")],
                    &["L-32"],
                ),
                (
                    "another origin",
                    &[GOOD, &error("/x", "http://b.org", "403")],
                    &[],
                ),
                (
                    "with them",
                    &[GOOD, &error("/x", "http://a.org", "500 | ACAO: *")],
                    &[],
                ),
                ("never", &[&error("/x", "http://a.org", "500")], &[]),
                (
                    "a redirect",
                    &[GOOD, &error("/x", "http://a.org", "302")],
                    &[],
                ),
            ],
        );
    }
}
