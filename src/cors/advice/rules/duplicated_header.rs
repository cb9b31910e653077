//! L-19: a CORS header on several lines, or with several values.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_19: Rule = Rule {
    number: 19,
    id: "L-19",
    severity: Severity::High,
    title: "a CORS header is there twice",
    what: "Access-Control-Allow-Origin, -Allow-Credentials or -Max-Age is on two lines, or has a list of values.",
    why: "Browsers join the lines to one value, which then matches nothing: the request fails. Mostly both the application and a proxy before it add the header.",
    fix: "let one place send it: switch it off in the application, or remove the application's header in the proxy",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Origin: *",
};

/// Whether Access-Control-Allow-Origin is one of those: then L-20 and L-21 need not speak of it.
pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) -> bool {
    let cors = &answer.cors;
    for (lines, name) in [
        (cors.allow_credentials, "Access-Control-Allow-Credentials"),
        (cors.max_age, "Access-Control-Max-Age"),
    ] {
        if lines.count > 1 {
            sink.add_as(&L_19, Severity::Medium, || {
                format!("{name} is on {} lines", lines.count)
            });
        }
    }
    let origin = cors.allow_origin;
    if origin.count > 1 {
        sink.add(&L_19, || {
            let values = answer
                .response
                .headers
                .values("access-control-allow-origin");
            let values: Vec<String> = values.take(4).map(|v| format!("\"{}\"", text(v))).collect();
            format!(
                "Access-Control-Allow-Origin is on {} lines: {}",
                origin.count,
                values.join(", ")
            )
        });
        return true;
    }
    let Some(list) = origin.first.filter(|value| value.contains(&b',')) else {
        return false;
    };
    sink.add(&L_19, || {
        format!("Access-Control-Allow-Origin is a list: \"{}\"", text(list))
    });
    true
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn headers_that_are_there_twice() {
        for (more, expected) in [
            ("ACAO: *", &[][..]),
            ("ACAO: * | ACAO: *", &["L-19"]),
            ("ACAO: http://a.org, *", &["L-19"]),
            ("ACAO: * | ACAC: true | ACAC: true", &["L-19"]),
            ("ACAO: * | ACMA: 5 | ACMA: 5", &["L-19"]),
            ("ACAO: * | ACEH: a | ACEH: b", &[]),
            ("ACAO: * | ACAM: GET, PUT | ACAH: a, b", &[]),
        ] {
            let line = format!("GET / | Origin: http://a.org => 200 | {more}");
            check(&["L-19"], &[(more, &[&line], expected)]);
        }
    }
}
