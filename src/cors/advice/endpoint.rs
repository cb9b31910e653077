//! What advice is about: a target origin and a path, with the ids in the path left open.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::cors::transaction::Transaction;
use crate::wire_text::wire_text;

/// Longer paths are cut: an endpoint is a name to print.
const LONGEST_PATH: usize = 160;

/// What stands for an id in a path.
const ID: &[u8] = b"{id}";

/// A target origin and a path, with `{id}` where the path has ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The target's origin.
    pub origin: String,
    /// The path, without its query.
    pub path: String,
}

impl Endpoint {
    /// The endpoint that a transaction is about; it has one, as it has a request.
    #[must_use]
    pub fn of_transaction(transaction: &Transaction) -> Option<Self> {
        let fetch = &transaction.main()?.fetch;
        Some(Self::of(&fetch.authority, fetch.path_and_query()))
    }

    /// The endpoint of an authority and a path with its query.
    pub(super) fn of(authority: &[u8], path_and_query: &[u8]) -> Self {
        let mut path = Vec::new();
        for (n, segment) in segments(path_and_query).enumerate() {
            if n > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(segment);
        }
        let mut path = wire_text(&path).into_owned();
        if let Some((cut, _)) = path.char_indices().nth(LONGEST_PATH) {
            path.truncate(cut);
            path.push('…');
        }
        let authority = wire_text(authority);
        let authority: String = authority.chars().take(LONGEST_PATH).collect();
        Self {
            origin: format!("http://{authority}"),
            path,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// Feeds what [`Endpoint::of`] would name to a hasher, without building it.
pub(super) fn hash_endpoint(authority: &[u8], path_and_query: &[u8], hasher: &mut impl Hasher) {
    authority.hash(hasher);
    for segment in segments(path_and_query) {
        segment.hash(hasher);
    }
}

/// The path alone.
pub(super) fn path_of(path_and_query: &[u8]) -> &[u8] {
    let end = path_and_query.iter().position(|b| matches!(b, b'?' | b'#'));
    path_and_query
        .get(..end.unwrap_or(path_and_query.len()))
        .unwrap_or_default()
}

/// The segments of a path, ids as `{id}`, as far as a name is long.
fn segments(path_and_query: &[u8]) -> impl Iterator<Item = &[u8]> {
    let path = path_of(path_and_query);
    let path = path.get(..path.len().min(2 * LONGEST_PATH)).unwrap_or(path);
    path.split(|b| *b == b'/')
        .map(|segment| if is_id(segment) { ID } else { segment })
}

/// Whether a path segment names one thing of many: a number, a UUID, or a long random text.
fn is_id(segment: &[u8]) -> bool {
    if segment.is_empty() {
        return false;
    }
    let (mut digits, mut other) = (0_usize, 0_usize);
    for byte in segment {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'f' | b'A'..=b'F' | b'-' => {}
            b'g'..=b'z' | b'G'..=b'Z' | b'_' => other += 1,
            _ => return false,
        }
    }
    let len = segment.len();
    digits == len
        // A UUID, a hash: hexadecimal, long, and with digits in it.
        || (other == 0 && len >= 16 && digits >= 2)
        // Tokens of other alphabets: long, and a third of it digits.
        || (len >= 20 && digits * 4 >= len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_left_open() {
        for (target, expected) in [
            ("/", "/"),
            ("/users/17?x=1", "/users/{id}"),
            ("/users/17/orders/9", "/users/{id}/orders/{id}"),
            ("/v1/things", "/v1/things"),
            ("/o/123e4567-e89b-12d3-a456-426614174000/x", "/o/{id}/x"),
            ("/b/5f4dcc3b5aa765d61d8327deb882cf99", "/b/{id}"),
            ("/facade/deadbeef", "/facade/deadbeef"),
            (
                "/internationalization-messages",
                "/internationalization-messages",
            ),
        ] {
            let endpoint = Endpoint::of(b"api.test:8080", target.as_bytes());
            assert_eq!(endpoint.path, expected);
            assert_eq!(endpoint.origin, "http://api.test:8080");
        }
        let long = Endpoint::of(b"a", format!("/{}", "x".repeat(999)).as_bytes());
        assert_eq!(long.path.chars().count(), LONGEST_PATH + 1);
    }
}
