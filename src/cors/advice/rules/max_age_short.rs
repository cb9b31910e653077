//! L-27: Access-Control-Max-Age that is short, or no number.

use crate::cors::advice::cost::milliseconds_of;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::waste::{Waste, Wasted, preflights};

pub(super) static L_27: Rule = Rule {
    number: 27,
    id: "L-27",
    severity: Severity::Low,
    title: "Access-Control-Max-Age is short or no number",
    what: "Access-Control-Max-Age is less than a minute, or not a number of seconds.",
    why: "The answer is hardly remembered; with a value that is no number, Firefox does not remember it at all.",
    fix: "send a plain number of seconds: 600 to 7200",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Max-Age: 10m",
};

/// Shorter ages spare next to nothing.
const SHORT: u64 = 60;

/// The seconds that an Access-Control-Max-Age value says.
pub(super) fn seconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Beyond 64 bits it is long in any case.
    Some(std::str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX))
}

/// Whether a value is good for so short a time that a repeated preflight is its doing.
pub(in crate::cors::advice) fn is_short(value: &[u8]) -> bool {
    seconds(value).is_none_or(|age| age < SHORT)
}

/// `value`: of a preflight's answer.
pub(super) fn check(value: &[u8], sink: &mut Sink<'_>) {
    match seconds(value) {
        None => sink.add(&L_27, || {
            format!(
                "Access-Control-Max-Age is \"{}\", which is no number of seconds",
                text(value)
            )
        }),
        Some(0) => sink.add(
            &L_27,
            || "Access-Control-Max-Age is 0: no answer is remembered, every request is preflighted",
        ),
        Some(age) if age < SHORT => {
            sink.add(&L_27, || format!("Access-Control-Max-Age is {age} seconds"));
        }
        Some(_) => {}
    }
}

/// What a short age cost.
pub(super) fn conclude(wasted: &Wasted, sink: &mut Sink<'_>) {
    let (count, micros) = wasted.of(Waste::ShortMaxAge);
    if count > 0 {
        let first = wasted.first(Waste::ShortMaxAge);
        sink.about(first).add_as(&L_27, Severity::Medium, || {
            format!(
                "a short Access-Control-Max-Age: {} repeated, {} ms in all",
                preflights(count),
                milliseconds_of(micros)
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn ages_that_spare_nothing() {
        for (age, expected) in [
            ("60", &[][..]),
            ("600", &[]),
            ("99999999999999999999", &[]),
            ("59", &["L-27"]),
            ("0", &["L-27"]),
            ("-1", &["L-27"]),
            ("600s", &["L-27"]),
            ("", &["L-27"]),
        ] {
            let line = format!(
                "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACMA: {age}"
            );
            check(&["L-27"], &[(age, &[&line], expected)]);
        }
    }
}
