//! L-28: Access-Control-Max-Age beyond what browsers keep.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::rules::max_age_short::seconds;
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_28: Rule = Rule {
    number: 28,
    id: "L-28",
    severity: Severity::Info,
    title: "Access-Control-Max-Age beyond what browsers keep",
    what: "Access-Control-Max-Age is more than 7200 seconds.",
    why: "Chromium keeps 7200 seconds of it and Safari 600; Firefox keeps up to 86400, and learns of a changed policy as late.",
    fix: "send Access-Control-Max-Age: 7200",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Max-Age: 31536000",
};

/// The longest age that Chromium keeps.
const LONGEST: u64 = 7200;

/// `value`: of a preflight's answer.
pub(super) fn check(value: &[u8], sink: &mut Sink<'_>) {
    if seconds(value).is_some_and(|age| age > LONGEST) {
        sink.add(&L_28, || {
            format!("Access-Control-Max-Age is {} seconds", text(value))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn ages_beyond_what_browsers_keep() {
        for (age, expected) in [
            ("7200", &[][..]),
            ("7201", &["L-28"]),
            ("86400", &["L-28"]),
            ("99999999999999999999", &["L-28"]),
            ("86400s", &[]),
        ] {
            let line = format!(
                "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACMA: {age}"
            );
            check(&["L-28"], &[(age, &[&line], expected)]);
        }
    }
}
