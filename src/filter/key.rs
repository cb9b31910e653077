//! The keys of the filter language, their values, and what a half-typed filter may go on with.

use std::ops::Range;

use crate::cors::advice::{RULES, Severity};
use crate::cors::cors_error::CorsError;
use crate::cors::fetch_request::Credentials;

/// A key of the filter language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// What stands before the colon.
    pub name: &'static str,
    /// What it looks at, in a few words.
    pub help: &'static str,
    kind: KeyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Verdict,
    Code,
    Origin,
    Method,
    Host,
    Path,
    Status,
    Port,
    Stream,
    Credentials,
    Lint,
    Text,
}

/// Every key.
pub const KEYS: [Key; 12] = [
    Key {
        name: "verdict",
        help: "pass, fail, unknown, not-cors, conditional",
        kind: KeyKind::Verdict,
    },
    Key {
        name: "code",
        help: "the code of the failure, or a part of it",
        kind: KeyKind::Code,
    },
    Key {
        name: "origin",
        help: "a part of the page's origin",
        kind: KeyKind::Origin,
    },
    Key {
        name: "method",
        help: "the method of the actual request",
        kind: KeyKind::Method,
    },
    Key {
        name: "host",
        help: "a part of the target's host and port",
        kind: KeyKind::Host,
    },
    Key {
        name: "path",
        help: "a part of the path and query",
        kind: KeyKind::Path,
    },
    Key {
        name: "status",
        help: "of the preflight or the actual request: 404, 4xx, 400-409, none",
        kind: KeyKind::Status,
    },
    Key {
        name: "port",
        help: "a TCP port of client or server",
        kind: KeyKind::Port,
    },
    Key {
        name: "stream",
        help: "the connection's number, Wireshark's tcp.stream",
        kind: KeyKind::Stream,
    },
    Key {
        name: "cred",
        help: "credentials: include, not-include, unknown",
        kind: KeyKind::Credentials,
    },
    Key {
        name: "lint",
        help: "the endpoint's advice: L-4, high, any",
        kind: KeyKind::Lint,
    },
    Key {
        name: "text",
        help: "anything in headers, URL, code or reason (a word alone means the same)",
        kind: KeyKind::Text,
    },
];

pub(super) const VERDICTS: [&str; 5] = ["pass", "fail", "unknown", "not-cors", "conditional"];
pub(super) const CREDENTIALS: [Credentials; 3] = [
    Credentials::Include,
    Credentials::NotInclude,
    Credentials::Unknown,
];
pub(super) const SEVERITIES: [Severity; 4] = [
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const STATUSES: [&str; 5] = ["2xx", "3xx", "4xx", "5xx", "none"];

impl Key {
    pub(super) fn kind(self) -> KeyKind {
        self.kind
    }

    /// The key of this name; case does not count.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        KEYS.into_iter()
            .find(|key| key.name.eq_ignore_ascii_case(name))
    }

    /// The values that its name is followed by, as far as they are known beforehand.
    #[must_use]
    pub fn values(self) -> Vec<&'static str> {
        match self.kind {
            KeyKind::Verdict => VERDICTS.to_vec(),
            KeyKind::Code => CorsError::ALL.map(CorsError::name).to_vec(),
            KeyKind::Method => METHODS.to_vec(),
            KeyKind::Status => STATUSES.to_vec(),
            KeyKind::Credentials => CREDENTIALS.map(Credentials::name).to_vec(),
            KeyKind::Lint => {
                let severities = SEVERITIES.map(Severity::name);
                let rules = RULES.iter().map(|rule| rule.id);
                severities.into_iter().chain(["any"]).chain(rules).collect()
            }
            KeyKind::Origin
            | KeyKind::Host
            | KeyKind::Path
            | KeyKind::Port
            | KeyKind::Stream
            | KeyKind::Text => Vec::new(),
        }
    }
}

/// How the word at a place of a half-typed filter may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What to replace, in bytes of the filter's text.
    pub place: Range<usize>,
    /// What with; keys end in a colon.
    pub words: Vec<String>,
}

/// How `text` may go on at `cursor`, a place in its bytes.
///
/// ```
/// use corshark::filter::key::completion;
///
/// let completion = completion("!ver", 4);
/// assert_eq!(completion.place, 1..4);
/// assert_eq!(completion.words, ["verdict:"]);
/// ```
#[must_use]
pub fn completion(text: &str, cursor: usize) -> Completion {
    let typed = text.get(..cursor).unwrap_or(text);
    let start = |separators: &[char]| typed.rfind(separators).map_or(0, |at| at + 1);
    let term_start = start(&[' ', '\t', '!']);
    let term = typed.get(term_start..).unwrap_or_default();
    let (word_start, known) = match term.split_once(':') {
        Some((key, _)) => (
            start(&[' ', '\t', ':', ',']),
            Key::named(key).map(Key::values).unwrap_or_default(),
        ),
        None => (term_start, KEYS.map(|key| key.name).to_vec()),
    };
    let word = typed.get(word_start..).unwrap_or_default();
    let begins = |known: &&str| {
        let beginning = known.get(..word.len());
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
    };
    let colon = if term.contains(':') { "" } else { ":" };
    let words = known.into_iter().filter(begins);
    Completion {
        place: word_start..typed.len(),
        words: words.map(|known| format!("{known}{colon}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions() {
        for (typed, place, words) in [
            ("", 0..0, KEYS.map(|key| format!("{}:", key.name)).to_vec()),
            ("st", 0..2, vec!["status:".into(), "stream:".into()]),
            ("a verdict:f", 10..11, vec!["fail".into()]),
            ("VERDICT:F", 8..9, vec!["fail".into()]),
            ("!cred:no", 6..8, vec!["not-include".into()]),
            ("verdict:pass,un", 13..15, vec!["unknown".into()]),
            (
                "lint:L-4",
                5..8,
                vec![
                    "L-4".into(),
                    "L-40".into(),
                    "L-41".into(),
                    "L-42".into(),
                    "L-43".into(),
                ],
            ),
            ("nokey:x", 6..7, vec![]),
            ("path:", 5..5, vec![]),
            ("é", 0..2, vec![]),
        ] {
            let expected = Completion { place, words };
            assert_eq!(completion(typed, typed.len()), expected, "{typed}");
        }
        assert_eq!(completion("ver host:x", 3).words, ["verdict:"]);
    }

    #[test]
    fn every_value_that_is_offered_is_taken() {
        for key in KEYS {
            for value in key.values() {
                let text = format!("{}:{value}", key.name);
                assert!(crate::filter::Filter::parse(&text).is_ok(), "{text}");
            }
        }
    }
}
