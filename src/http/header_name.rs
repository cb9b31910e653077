//! The header names that corshark asks for, as small numbers: told once when a head is parsed, so
//! that looking one up does not compare text.

/// A header name that corshark knows, by its number in the list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderName(u8);

/// The known names, in lower case and ordered by length, so that a name is only compared with those
/// of its own length.
const NAMES: [&str; 57] = [
    "te",
    "dnt",
    "via",
    "age",
    "date",
    "etag",
    "host",
    "link",
    "vary",
    "range",
    "accept",
    "cookie",
    "expect",
    "origin",
    "pragma",
    "cookie2",
    "expires",
    "purpose",
    "referer",
    "trailer",
    "upgrade",
    "if-range",
    "location",
    "priority",
    "forwarded",
    "save-data",
    "connection",
    "keep-alive",
    "set-cookie",
    "user-agent",
    "content-type",
    "authorization",
    "cache-control",
    "if-none-match",
    "last-event-id",
    "last-modified",
    "accept-charset",
    "content-length",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "accept-encoding",
    "accept-language",
    "content-language",
    "x-requested-with",
    "if-modified-since",
    "transfer-encoding",
    "x-forwarded-proto",
    "access-control-max-age",
    "sec-fetch-storage-access",
    "upgrade-insecure-requests",
    "access-control-allow-origin",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-request-method",
    "access-control-request-headers",
    "access-control-allow-credentials",
];

/// Where the names of each length begin in [`NAMES`].
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed by the compiler, which refuses what does not fit"
)]
const BY_LENGTH: [u8; 34] = {
    let mut starts = [0; 34];
    let mut length = 0;
    while length < 34 {
        let mut at = 0;
        while at < NAMES.len() && NAMES[at].len() < length {
            at += 1;
        }
        starts[length] = at as u8;
        length += 1;
    }
    starts
};

/// First and last byte of each name: what tells most names of one length apart.
#[expect(
    clippy::indexing_slicing,
    reason = "computed by the compiler, which refuses what does not fit"
)]
const ENDS: [[u8; 2]; NAMES.len()] = {
    let mut ends = [[0; 2]; NAMES.len()];
    let mut at = 0;
    while at < NAMES.len() {
        let name = NAMES[at].as_bytes();
        ends[at] = [name[0], name[name.len() - 1]];
        at += 1;
    }
    ends
};

impl HeaderName {
    /// The known name that these bytes are, whatever their case.
    #[must_use]
    pub fn of(name: &[u8]) -> Option<Self> {
        let [first, .., last] = name else {
            return None;
        };
        let ends = [first | LOWER, last | LOWER];
        let mut at = usize::from(*BY_LENGTH.get(name.len())?);
        let end = BY_LENGTH.get(name.len() + 1).copied();
        let end = end.map_or(NAMES.len(), usize::from);
        while at < end {
            if *ENDS.get(at)? == ends && is_same(name, NAMES.get(at)?.as_bytes()) {
                return Some(Self(u8::try_from(at).ok()?));
            }
            at += 1;
        }
        None
    }

    /// The number of a name within a 64-bit set of names.
    pub(super) const fn bit(self) -> u64 {
        1 << self.0
    }
}

/// Setting this bit makes letters lower case and leaves digits and `-` alone.
const LOWER: u8 = 0x20;

/// Whether a name is a known one of the same length, whatever its case; all bytes at once, without
/// an early end.
fn is_same(name: &[u8], known: &[u8]) -> bool {
    let differing = |so_far: u8, (a, b): (&u8, &u8)| so_far | ((a | LOWER) ^ b);
    name.iter().zip(known).fold(0, differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_under_its_own_number() {
        for (number, name) in NAMES.iter().enumerate() {
            let number = u8::try_from(number).unwrap();
            assert_eq!(
                HeaderName::of(name.as_bytes()),
                Some(HeaderName(number)),
                "{name}"
            );
            let upper = name.to_ascii_uppercase();
            assert_eq!(HeaderName::of(upper.as_bytes()), Some(HeaderName(number)));
        }
        for unknown in [
            "",
            "x",
            "origim",
            "x-custom",
            "access-control-allow-credentialz",
        ] {
            assert_eq!(HeaderName::of(unknown.as_bytes()), None, "{unknown}");
        }
        let longer = "a".repeat(200);
        assert_eq!(HeaderName::of(longer.as_bytes()), None);
        assert!(NAMES.len() <= 64);
    }
}
