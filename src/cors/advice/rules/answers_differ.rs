//! L-33: a preflight and its request that are answered differently.

use crate::cors::advice::answer::{Answer, Scene};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

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
