//! A filter that is being applied, a piece at a time, so that keys are never kept waiting.

use std::ops::Range;

use crate::filter::key::{KEYS, completion};
use crate::filter::{Filter, Lints};
use crate::tui::list::Entry;

/// Rows looked at before the next picture: some milliseconds.
const PIECE: usize = 2000;

/// The filter, and how far it is applied.
#[derive(Debug, Default)]
pub struct Filtering {
    /// The filter as it was typed; empty for all.
    pub text: String,
    filter: Filter,
    lints: Lints,
    run: Option<Run>,
}

#[derive(Debug, Default)]
struct Run {
    next: usize,
    matching: Vec<u32>,
    /// Rows whose transactions were forgotten.
    forgotten: Vec<u32>,
}

/// How a filter was applied.
#[derive(Debug, Default)]
pub struct Filtered {
    /// Places of rows that match.
    pub matching: Vec<u32>,
    /// Places of rows whose transactions must be read again to know.
    pub forgotten: Vec<u32>,
}

impl Filtering {
    /// Applies another filter from now on.
    pub fn set(&mut self, text: &str, filter: Filter) {
        text.clone_into(&mut self.text);
        self.filter = filter;
        self.restart();
    }

    /// Takes newer advice.
    pub fn set_lints(&mut self, lints: Lints) {
        self.lints = lints;
        if self.filter.needs_lints() {
            self.restart();
        }
    }

    /// Applies it to all rows once more.
    pub fn restart(&mut self) {
        self.run = Some(Run::default());
    }

    /// Whether nothing is filtered out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.filter.is_empty()
    }

    /// Whether it is not applied to all rows yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.run.is_some()
    }

    /// Rows found so far, while it is being applied.
    #[must_use]
    pub fn found(&self) -> Option<usize> {
        self.run.as_ref().map(|run| run.matching.len())
    }

    /// The filter, and the advice that it looks at.
    #[must_use]
    pub fn parts(&self) -> (Filter, Lints) {
        (self.filter.clone(), self.lints.clone())
    }

    /// Whether a row matches; of one whose transaction was forgotten that is known for the empty filter
    /// alone.
    #[must_use]
    pub fn matches(&self, entry: &Entry) -> Option<bool> {
        if self.filter.is_empty() {
            return Some(true);
        }
        let transaction = entry.transaction.as_ref()?;
        Some(self.filter.matches(transaction, &self.lints))
    }

    /// Goes on for a piece; gives what was found once all are looked at.
    pub fn go_on(&mut self, entries: &[Entry]) -> Option<Filtered> {
        let mut run = self.run.take()?;
        let piece: Range<usize> = run.next..entries.len().min(run.next + PIECE);
        for place in piece.clone() {
            match entries.get(place).map(|entry| self.matches(entry)) {
                Some(Some(true)) => run.matching.extend(u32::try_from(place)),
                Some(None) => run.forgotten.extend(u32::try_from(place)),
                Some(Some(false)) | None => {}
            }
        }
        run.next = piece.end;
        if run.next >= entries.len() {
            return Some(Filtered {
                matching: run.matching,
                forgotten: run.forgotten,
            });
        }
        self.run = Some(run);
        None
    }
}

/// A half-typed filter with its last word completed as far as that is certain, and the words it may
/// become.
#[must_use]
pub fn completed(text: &str, cursor: usize) -> (String, usize, Vec<String>) {
    let completion = completion(text, cursor);
    let common = completion.words.iter().skip(1).fold(
        completion.words.first().cloned().unwrap_or_default(),
        |common, word| {
            let same = common
                .chars()
                .zip(word.chars())
                .take_while(|(a, b)| a.eq_ignore_ascii_case(b));
            same.map(|(a, _)| a).collect()
        },
    );
    let typed = text.get(completion.place.clone()).unwrap_or_default();
    let words = completion.words;
    if common.len() < typed.len() {
        return (text.to_owned(), cursor, words);
    }
    let before = text.get(..completion.place.start).unwrap_or_default();
    let after = text.get(completion.place.end..).unwrap_or_default();
    let cursor = before.len() + common.len();
    (format!("{before}{common}{after}"), cursor, words)
}

/// What is typed of a filter without a last word that may become a key: nobody looks for `verd`.
#[must_use]
pub fn without_half_key(text: &str) -> &str {
    let start = text.rfind([' ', '!']).map_or(0, |at| at + 1);
    let word = text.get(start..).unwrap_or_default();
    let is_half = !word.is_empty() && KEYS.iter().any(|key| key.name.starts_with(word));
    let end = if is_half { start } else { text.len() };
    let rest = text.get(..end).unwrap_or_default();
    if is_half {
        rest.trim_end_matches('!')
    } else {
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_typed_key_is_left_out() {
        for (typed, expected) in [
            ("ver", ""),
            ("status:200 !me", "status:200 "),
            ("verdict:f", "verdict:f"),
            ("canvas", "canvas"),
        ] {
            assert_eq!(without_half_key(typed), expected, "{typed}");
        }
    }

    #[test]
    fn words_are_completed_as_far_as_they_agree() {
        for (typed, expected) in [
            ("ver", "verdict:"),
            ("st", "st"),
            ("verdict:f", "verdict:fail"),
            ("!co", "!code:"),
            ("code:Preflightm", "code:PreflightM"),
            ("xyz", "xyz"),
        ] {
            assert_eq!(completed(typed, typed.len()).0, expected, "{typed}");
        }
    }
}
