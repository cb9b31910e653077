//! What a filter looks for in bytes of the wire.

use regex::bytes::{Regex, RegexBuilder};

use crate::cors::transaction::{Transaction, Verdict};
use crate::filter::halves;

/// Memory that a compiled pattern may take, and again that its search may: enough for any pattern
/// that people type, too little to be a burden.
const PATTERN_BYTES: usize = 1 << 20;

/// A regular expression, or words; case does not count. Time is linear in what is searched.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Any of these words.
    pub(super) fn words(words: &[&str]) -> Result<Self, String> {
        let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        Self::regular_expression(&words.join("|"))
    }

    /// A regular expression; the error is a few words.
    pub(super) fn regular_expression(pattern: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(pattern)
            // Bytes that are no UTF-8 are bytes like others.
            .unicode(false)
            .case_insensitive(true)
            .multi_line(true)
            .nest_limit(50)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build();
        regex.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            // The last line is the reason; those before it show the place.
            other => {
                let text = other.to_string();
                let reason = text.lines().last().unwrap_or_default();
                reason.trim_start_matches("error: ").to_owned()
            }
        })
    }

    /// Whether it is found.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }

    /// Whether it is found in what a reader sees of a transaction: a line for each header, and one
    /// each for method, origin, URL, code and reason.
    pub(super) fn is_in_text_of(&self, transaction: &Transaction) -> bool {
        let mut text = Vec::with_capacity(2048);
        let mut line = |parts: &[&[u8]]| {
            for part in parts {
                text.extend_from_slice(part);
            }
            text.push(b'\n');
        };
        line(&[transaction.method()]);
        line(&[transaction.origin()]);
        line(&[transaction.url().as_bytes()]);
        let judgement = &transaction.judgement;
        match judgement.verdict {
            Verdict::Fail(error) => line(&[error.name().as_bytes()]),
            Verdict::Unknown(why) => line(&[why.name().as_bytes()]),
            Verdict::Pass | Verdict::NotCors(_) => {}
        }
        if let Some(condition) = judgement.condition {
            line(&[condition.error.name().as_bytes()]);
        }
        line(&[transaction.reason().as_bytes()]);
        for half in halves(transaction) {
            let response = half.response.as_ref().map(|response| &response.headers);
            for headers in [Some(half.fetch.headers()), response].into_iter().flatten() {
                for (name, value) in headers.lines() {
                    line(&[name, b": ", value]);
                }
            }
        }
        self.is_in(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_patterns_and_case_does_not_count() {
        let pattern = Pattern::words(&["a.c", "X-Y"]).unwrap();
        assert!(pattern.is_in(b"--A.C--"));
        assert!(pattern.is_in(b"x-y"));
        assert!(!pattern.is_in(b"abc"));
    }

    #[test]
    fn patterns_search_bytes_that_are_no_text() {
        let pattern = Pattern::regular_expression("a.*b").unwrap();
        assert!(pattern.is_in(b"A\xff\x00b"));
    }

    #[test]
    fn large_and_wrong_patterns_are_refused_in_a_few_words() {
        for (pattern, message) in [
            ("(((a{99}){99}){99}){99}", "the pattern is too large"),
            ("(a", "unclosed group"),
            ("[z-a]", "invalid character class range"),
        ] {
            let error = Pattern::regular_expression(pattern).unwrap_err();
            assert!(error.contains(message), "{pattern}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
        let nested = "(".repeat(99) + &")".repeat(99);
        assert!(Pattern::regular_expression(&nested).is_err());
    }
}
