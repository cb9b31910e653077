//! L-26: preflights that are repeated for want of Access-Control-Max-Age.

use crate::cors::advice::cost::milliseconds_of;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;
use crate::cors::advice::waste::{Waste, Wasted, preflights};

pub(super) static L_26: Rule = Rule {
    number: 26,
    id: "L-26",
    severity: Severity::Medium,
    title: "preflights are repeated for want of Access-Control-Max-Age",
    what: "The answers to preflights have no Access-Control-Max-Age, and the same preflight came again.",
    why: "Without it browsers remember an answer for 5 seconds, and each request waits for another round trip.",
    fix: "send Access-Control-Max-Age: 7200 on the answers to OPTIONS",
    example: "OPTIONS https://api.example/items   at 10:00:00\nOPTIONS https://api.example/items   at 10:00:20\n\nHTTP/1.1 204 No Content             (no Access-Control-Max-Age)",
};

pub(super) fn conclude(wasted: &Wasted, sink: &mut Sink<'_>) {
    let (count, micros) = wasted.of(Waste::NoMaxAge);
    if count == 0 {
        return;
    }
    sink.about(wasted.first(Waste::NoMaxAge)).add(&L_26, || {
        format!(
            "no Access-Control-Max-Age: {} repeated, {} ms in all",
            preflights(count),
            milliseconds_of(micros)
        )
    });
    sink.rest_on(&L_26, &[], count);
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn repeated_without_an_age() {
        let at = |at: u32, more: &str| {
            format!(
                "@{at}s+5ms OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: PUT{more}"
            )
        };
        check(
            &["L-26"],
            &[
                ("once", &[&at(1, "")], &[]),
                ("again", &[&at(1, ""), &at(60, "")], &["L-26"]),
                ("the next day", &[&at(1, ""), &at(90_000, "")], &[]),
                (
                    "with an age",
                    &[&at(1, " | ACMA: 600"), &at(700, " | ACMA: 600")],
                    &[],
                ),
            ],
        );
    }
}
