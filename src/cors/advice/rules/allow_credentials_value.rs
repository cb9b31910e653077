//! L-12: Access-Control-Allow-Credentials with another value than `true`.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_12: Rule = Rule {
    number: 12,
    id: "L-12",
    severity: Severity::Low,
    title: "Access-Control-Allow-Credentials is not true",
    what: "A response has Access-Control-Allow-Credentials with another value than true.",
    why: "true, in lower case, is the only value that means something: false says nothing, and True or 1 do not allow credentials.",
    fix: "send Access-Control-Allow-Credentials: true, or leave the header out",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: True",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    // Several lines are L-19's.
    if let Some(value) = answer.cors.allow_credentials.single()
        && value != b"true"
    {
        sink.add(&L_12, || {
            format!("Access-Control-Allow-Credentials is \"{}\"", text(value))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn only_true_means_something() {
        for (value, expected) in [
            ("true", &[][..]),
            ("false", &["L-12"]),
            ("True", &["L-12"]),
            ("1", &["L-12"]),
            ("", &["L-12"]),
        ] {
            let line =
                format!("GET / | Origin: http://a.org => 200 | ACAO: http://a.org | ACAC: {value}");
            check(&["L-12"], &[(value, &[&line], expected)]);
        }
        let none = "GET / | Origin: http://a.org => 200 | ACAO: *";
        check(&["L-12"], &[("none", &[none], &[])]);
    }
}
