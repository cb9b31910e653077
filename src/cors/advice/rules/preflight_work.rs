//! L-25: preflights that cost the server work.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::cost::{Durations, milliseconds};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;

pub(super) static L_25: Rule = Rule {
    number: 25,
    id: "L-25",
    severity: Severity::Low,
    title: "preflights do work",
    what: "Answers to preflights are slow, have a large body, or set cookies.",
    why: "Every request that needs one waits for it first; and browsers ignore both the body and the cookies.",
    fix: "answer OPTIONS early with 204 and no body, before sessions, databases and rendering",
    example: "OPTIONS https://api.example/items\n\nHTTP/1.1 200 OK                     (after 900 ms)\nSet-Cookie: session=…\nContent-Length: 48213",
};

/// A larger body was made for somebody to read.
const LARGE_BODY: u64 = 4096;
/// A user notices a third of a second, in microseconds.
const SLOW: u32 = 300_000;
/// As many of both are needed to compare preflights with actual requests.
const ENOUGH: usize = 3;
/// A smaller difference than this is measuring noise, in microseconds.
const NOTABLE: u32 = 20_000;

/// Whether a body is longer than an answer to a preflight needs.
pub(in crate::cors::advice) fn is_large_body(bytes: u64) -> bool {
    bytes > LARGE_BODY
}

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    // An error's page is not the answer that the server means to give.
    if !answer.preflight || !answer.is_ok() {
        return;
    }
    if answer.cors.set_cookie {
        sink.add(
            &L_25,
            || "the answer to the preflight sets a cookie, which browsers ignore",
        );
    }
    let bytes = answer.half.body_bytes();
    if is_large_body(bytes) {
        sink.add(&L_25, || {
            format!("the answer to the preflight has a body of {bytes} bytes, which nobody reads")
        });
    }
}

pub(super) fn conclude(preflights: &Durations, actuals: &Durations, sink: &mut Sink<'_>) {
    let (Some(preflight), actual) = (preflights.median(), actuals.median()) else {
        return;
    };
    let enough = preflights.count() >= ENOUGH && actuals.count() >= ENOUGH;
    let slower = actual.is_some_and(|actual| {
        preflight > actual.saturating_mul(3) && preflight > actual.saturating_add(NOTABLE)
    });
    // Where the actual requests take as long, the way there is long, not the work.
    let slow = preflight > SLOW && actual.is_none_or(|actual| preflight > actual / 2 * 3);
    if (enough && slower) || slow {
        let severity = if slow {
            Severity::Medium
        } else {
            L_25.severity
        };
        sink.about(preflights.slowest())
            .add_as(&L_25, severity, || {
                let compared = actual.map_or_else(String::new, |actual| {
                    format!(", an actual request {} ms", milliseconds(actual))
                });
                format!(
                    "a preflight takes {} ms here (median){compared}",
                    milliseconds(preflight)
                )
            });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn preflights_at_work() {
        let preflight = |time: &str, more: &str| {
            format!(
                "{time}OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: PUT{more}"
            )
        };
        let actual = |time: &str| format!("{time}PUT / | Origin: http://a.org => 200 | ACAO: *");
        let (slow, quick) = (preflight("@1s+90ms ", ""), actual("@1s+10ms "));
        let far = (preflight("@1s+400ms ", ""), actual("@1s+390ms "));
        check(
            &["L-25"],
            &[
                ("quick", &[&preflight("@1s+3ms ", "")], &[]),
                (
                    "a cookie",
                    &[&preflight("", " | Set-Cookie: a=b")],
                    &["L-25"],
                ),
                (
                    "a large body",
                    &[&preflight("", " | Content-Length: 9000")],
                    &["L-25"],
                ),
                (
                    "a small body",
                    &[&preflight("", " | Content-Length: 90")],
                    &[],
                ),
                ("slow", &[&preflight("@1s+400ms ", "")], &["L-25"]),
                ("far away", &[&far.0, &far.1], &[]),
                (
                    "slower than the actual ones",
                    &[&slow, &quick, &slow, &quick, &slow, &quick],
                    &["L-25"],
                ),
                ("slower once", &[&slow, &quick], &[]),
            ],
        );
    }
}
