//! L-30: a preflight with a single trigger that pages can mostly do without.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink};
use crate::cors::trigger::{TriggerKind, sole_trigger_kind};

pub(super) static L_30: Rule = Rule {
    number: 30,
    id: "L-30",
    severity: Severity::Low,
    title: "a preflight that can be avoided",
    what: "The only thing that makes these requests need a preflight is one that pages can mostly do without.",
    why: "Without it the request is sent at once: no preflight, and nothing for the server to allow.",
    fix: "remove the trigger",
    example: "OPTIONS https://api.example/items\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Headers: x-requested-with",
};

pub(super) fn check(answer: &Answer<'_>, redirected: bool, sink: &mut Sink<'_>) {
    use TriggerKind::{Caching, ContentType, Monitoring, RequestedWith, Unseen};
    if !answer.preflight {
        return;
    }
    let asked = answer
        .request()
        .values("access-control-request-headers")
        .next();
    let kind = sole_trigger_kind(answer.half.fetch.fetch_method(), asked);
    let (severity, trigger, fix) = match kind {
        Some(RequestedWith) => (
            Severity::Low,
            "the header x-requested-with",
            "do not send X-Requested-With across origins",
        ),
        // Form types for JSON are a matter of taste: information only.
        Some(ContentType) => (
            Severity::Info,
            "the Content-Type",
            "where the API allows it, send the body as text/plain or form-encoded; else let the answer be remembered",
        ),
        Some(Monitoring) => (
            Severity::Low,
            "a monitoring agent's header",
            "limit the agent's trace propagation to your own origin",
        ),
        Some(Caching) => (
            Severity::Low,
            "a header for caches",
            "use fetch's cache option instead of the header",
        ),
        // Some browsers ask again after a redirect though nothing needs it.
        Some(Unseen) if !redirected => (
            Severity::Low,
            "nothing on the wire, so an XMLHttpRequest upload listener or a stream as body",
            "remove the upload listener, or accept the preflight",
        ),
        _ => return,
    };
    sink.add_as(&L_30, severity, || {
        let name = asked.filter(|_| kind == Some(Monitoring));
        let name = name.map_or_else(String::new, |name| {
            format!(" ({})", crate::cors::advice::sink::text(name))
        });
        Said::with_fix(
            format!("what needs the preflight is only {trigger}{name}"),
            fix.to_owned(),
        )
    });
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn single_triggers() {
        for (asked, expected) in [
            ("GET | ACRH: x-requested-with", &["L-30"][..]),
            ("POST | ACRH: content-type", &["L-30"]),
            ("GET | ACRH: traceparent", &["L-30"]),
            ("GET | ACRH: cache-control", &["L-30"]),
            ("POST", &["L-30"]),
            ("GET | ACRH: authorization", &[]),
            ("GET | ACRH: authorization,x-requested-with", &[]),
            ("PUT | ACRH: content-type", &[]),
            ("PUT", &[]),
            ("GET | ACRH: x-api-key", &[]),
        ] {
            let line = format!("OPTIONS / | Origin: http://a.org | ACRM: {asked} => 204 | ACAO: *");
            check(&["L-30"], &[(asked, &[&line], expected)]);
        }
    }
}
