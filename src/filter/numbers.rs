//! Numbers in a filter: `404`, `4xx`, `400-499`, `none`, and lists of these.

use std::ops::RangeInclusive;

/// What a number may be.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    ranges: Vec<RangeInclusive<u64>>,
    none: bool,
}

impl Numbers {
    /// Adds what `text` says; `None` where it says nothing of the kind.
    pub(super) fn add(&mut self, text: &str) -> Option<()> {
        if text.eq_ignore_ascii_case("none") {
            self.none = true;
            return Some(());
        }
        let range = match text.as_bytes() {
            [class @ b'1'..=b'9', b'x' | b'X', b'x' | b'X'] => {
                let first = u64::from(class - b'0') * 100;
                first..=first + 99
            }
            _ => match text.split_once('-') {
                Some((first, last)) => number(first)?..=number(last)?,
                None => number(text)?..=number(text)?,
            },
        };
        if range.is_empty() {
            return None;
        }
        self.ranges.push(range);
        Some(())
    }

    /// Whether it may be this one, or absent.
    pub(super) fn contain(&self, number: Option<u64>) -> bool {
        match number {
            Some(number) => self.ranges.iter().any(|range| range.contains(&number)),
            None => self.none,
        }
    }
}

/// Digits alone: no sign.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges() {
        for (text, inside, outside) in [
            ("404", Some(404), Some(403)),
            ("4xx", Some(499), Some(500)),
            ("5XX", Some(500), Some(499)),
            ("400-409", Some(409), Some(410)),
            ("none", None, Some(0)),
            ("0", Some(0), None),
        ] {
            let mut numbers = Numbers::default();
            numbers.add(text).unwrap();
            assert!(numbers.contain(inside), "{text}");
            assert!(!numbers.contain(outside), "{text}");
        }
        for text in ["", "x", "-", "1-", "-1", "+1", "2-1", "0xx", "4xxx", "1e3"] {
            assert_eq!(Numbers::default().add(text), None, "{text}");
        }
    }
}
