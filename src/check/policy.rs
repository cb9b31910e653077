//! The policy that traffic is to keep to: a TOML file.

use serde::Deserialize;

use crate::text_place::TextPlace;
use crate::wire_text::printable;

/// What endpoints may allow. What is not named is not checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// The first entry that fits an endpoint counts.
    #[serde(default, rename = "endpoint")]
    pub(super) endpoints: Vec<EndpointPolicy>,
}

/// What the endpoints of one pattern may allow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EndpointPolicy {
    /// Which endpoints: origin and path, `*` for anything.
    #[serde(rename = "match")]
    pub(super) pattern: String,
    /// Origins that may be allowed, `*` for anything in each; `"*"` alone also allows the wildcard.
    pub(super) origins: Option<Vec<String>>,
    /// Methods that may be allowed.
    pub(super) methods: Option<Vec<String>>,
    /// Request headers that may be allowed.
    pub(super) headers: Option<Vec<String>>,
    /// Whether credentials may be allowed.
    pub(super) credentials: Option<bool>,
    /// Seconds that answers to preflights must at least be good for.
    pub(super) max_age: Option<u64>,
}

/// What is wrong with a policy's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct PolicyError {
    place: TextPlace,
    message: String,
}

impl Policy {
    /// Reads a policy.
    ///
    /// ```
    /// use corshark::check::Policy;
    ///
    /// let text = "[[endpoint]]\nmatch = \"http://api.test/*\"\nmax-age = 600\n";
    /// assert!(Policy::parse(text).is_ok());
    /// let error = Policy::parse("[[endpoint]]\nmatch = 3").unwrap_err();
    /// assert!(error.to_string().starts_with("line 2, column 9: "), "{error}");
    /// ```
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error: toml::de::Error| PolicyError {
            place: TextPlace::of(text, error.span().map_or(0, |span| span.start)),
            message: printable(&error.message().replace('\n', "; ")).into_owned(),
        })
    }

    /// The entry for an endpoint.
    pub(super) fn of(&self, endpoint: &str) -> Option<&EndpointPolicy> {
        let mut entries = self.endpoints.iter();
        entries.find(|entry| matches(&entry.pattern, endpoint))
    }
}

/// Whether a pattern with `*` for anything is the whole text; case counts. Linear in the text for
/// each star.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("http://a/", "http://a/", true),
            ("http://a/", "http://a/b", false),
            ("http://a/*", "http://a/b/c", true),
            ("*", "", true),
            ("*", "anything", true),
            ("http://*.a.test", "http://x.a.test", true),
            ("http://*.a.test", "http://a.test", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, message) in [
            (
                "[[endpoint]]\nmatch = \"*\"\nmax_age = 1",
                "line 3, column 1: unknown field `max_age`",
            ),
            (
                "[[endpoint]]\norigins = []",
                "line 1, column 1: missing field `match`",
            ),
            ("x", "line 1, column 2: "),
            (
                "[[endpoint]]\nmatch = \"*\"\norigins = \"a\"",
                "line 3, column 11: invalid type",
            ),
        ] {
            let error = Policy::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
