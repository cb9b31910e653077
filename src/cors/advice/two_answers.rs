//! L-32 and L-33: one server that answers with CORS headers here, and without there.

use crate::cors::advice::answer::{Answer, Scene};
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

pub(super) static L_33: Rule = Rule {
    number: 33,
    id: "L-33",
    severity: Severity::High,
    title: "preflight and request are answered differently",
    what: "Of a preflight and its request, one is answered with the page's origin and the other is not.",
    why: "Both answers must allow the origin; two layers seem to be configured apart from each other.",
    fix: "let the same code add Access-Control-Allow-Origin to both answers",
    example: "OPTIONS  ->  204, Access-Control-Allow-Origin: https://app.example\nPUT      ->  200, no Access-Control-Allow-Origin",
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

pub(super) fn check(scene: &Scene<'_>, sink: &mut Sink<'_>) {
    let (Some(preflight), Some(actual)) = (&scene.preflight, &scene.actual) else {
        return;
    };
    // After a redirect to another origin the two may have different Origins. An error response
    // without the header is told of by L-32.
    if preflight.origin != actual.origin
        || (actual.status >= 400 && !actual.cors.allow_origin.is_there())
        || actual.status == 304
        // Several lines are L-19's.
        || preflight.cors.allow_origin.count > 1
        || actual.cors.allow_origin.count > 1
    {
        return;
    }
    if preflight.is_ok() && preflight.grants() != actual.grants() {
        sink.add(&L_33, || {
            let shown = |answer: &Answer<'_>| match answer.cors.allow_origin.first {
                Some(value) => format!("Access-Control-Allow-Origin: {}", text(value)),
                None => "no Access-Control-Allow-Origin".to_owned(),
            };
            format!(
                "the preflight's answer has {}, the response {}",
                shown(preflight),
                shown(actual)
            )
        });
        sink.rest_on(&L_33, &[actual.evidence], 0);
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

    #[test]
    fn preflight_and_request_disagree() {
        let pair = |preflight: &str, actual: &str| {
            format!(
                "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAM: PUT{preflight}\nPUT / | Origin: http://a.org => {actual}"
            )
        };
        let allowed = " | ACAO: http://a.org";
        check(
            &["L-33"],
            &[
                ("both", &[&pair(allowed, "200 | ACAO: http://a.org")], &[]),
                (
                    "everybody and one",
                    &[&pair(" | ACAO: *", "200 | ACAO: http://a.org")],
                    &[],
                ),
                ("the response has none", &[&pair(allowed, "200")], &["L-33"]),
                (
                    "another",
                    &[&pair(allowed, "200 | ACAO: http://b.org")],
                    &["L-33"],
                ),
                ("an error", &[&pair(allowed, "500")], &[]),
                (
                    "the client went on",
                    &[&pair("", "200 | ACAO: *")],
                    &["L-33"],
                ),
                ("neither", &[&pair("", "200")], &[]),
            ],
        );
    }
}
