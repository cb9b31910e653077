//! The header names that corshark asks for, as small numbers: told once when a head is parsed, so
//! that looking one up does not compare text.

/// A header name that corshark knows, by its number in the list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderName(u8);

/// The known names, in lower case.
const NAMES: [&str; 58] = [
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
    "content-disposition",
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

/// The length of a name and three of its bytes, which no two known names share.
const fn shape(name: &[u8]) -> u32 {
    let [first, .., last] = name else {
        return 0;
    };
    let third_last = match name {
        [.., third_last, _, _] => *third_last,
        _ => 0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "longer names are none of ours"
    )]
    let length = name.len() as u8;
    u32::from_le_bytes([*first | LOWER, third_last | LOWER, *last | LOWER, length])
}

/// The place of a shape in [`PLACES`].
const fn place(shape: u32, factor: u32) -> usize {
    (shape.wrapping_mul(factor) >> 22) as usize
}

/// No name: an empty place.
const NONE: u8 = u8::MAX;

/// Where each name is in [`NAMES`], at the place of its shape; and the factor that gives each
/// name a place of its own.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed by the compiler, which refuses what does not fit"
)]
const PLACES: (u32, [u8; 1024]) = {
    let mut factor: u32 = 0x9e37_79b1;
    loop {
        let mut places = [NONE; 1024];
        let mut at = 0;
        while at < NAMES.len() {
            let place = place(shape(NAMES[at].as_bytes()), factor);
            if places[place] != NONE {
                break;
            }
            places[place] = at as u8;
            at += 1;
        }
        if at == NAMES.len() {
            break (factor, places);
        }
        factor = factor.wrapping_add(0x6a09_e668);
        assert!(factor != 0x9e37_79b1, "two names have one shape");
    }
};

static TABLE: (u32, [u8; 1024]) = PLACES;

impl HeaderName {
    /// The known name that is this one of ours, in lower case as they all are.
    #[expect(
        clippy::inline_always,
        reason = "a name that is known when compiling is looked up by the compiler"
    )]
    #[inline(always)]
    pub(super) fn of_ours(name: &str) -> Option<Self> {
        let (factor, places) = &TABLE;
        let number = *places.get(place(shape(name.as_bytes()), *factor))?;
        let known = NAMES.get(usize::from(number))?;
        (name == *known).then_some(Self(number))
    }

    /// The known name that these bytes are, whatever their case.
    #[must_use]
    pub fn of(name: &[u8]) -> Option<Self> {
        let (factor, places) = &TABLE;
        let number = *places.get(place(shape(name), *factor))?;
        let known = NAMES.get(usize::from(number))?.as_bytes();
        is_same(name, known).then_some(Self(number))
    }
}

/// A set of known names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NameSet(u64);

impl NameSet {
    /// The set of those of these names that are known.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let known = names
            .iter()
            .filter_map(|name| HeaderName::of(name.as_bytes()));
        known.fold(Self::default(), Self::with)
    }

    /// The set of all known names that begin so.
    pub(super) fn beginning_with(prefix: &str) -> Self {
        let names = NAMES.iter().filter(|name| name.starts_with(prefix));
        let known = names.filter_map(|name| HeaderName::of(name.as_bytes()));
        known.fold(Self::default(), Self::with)
    }

    /// This set and one name more.
    #[must_use]
    pub const fn with(self, name: HeaderName) -> Self {
        Self(self.0 | 1 << name.0)
    }

    /// This set and another.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a name is in it.
    #[must_use]
    pub const fn contains(self, name: HeaderName) -> bool {
        self.0 & 1 << name.0 != 0
    }
}

/// Setting this bit makes letters lower case and leaves digits and `-` alone.
const LOWER: u8 = 0x20;

/// Whether a name without control characters is a known one, whatever its case.
fn is_same(name: &[u8], known: &[u8]) -> bool {
    const LOWER_WORD: u64 = u64::from_ne_bytes([LOWER; 8]);
    if name.len() != known.len() {
        return false;
    }
    let differs = |name: &[u8; 8], known: &[u8; 8]| {
        (u64::from_ne_bytes(*name) | LOWER_WORD) ^ u64::from_ne_bytes(*known)
    };
    let (Some(name_end), Some(known_end)) = (name.last_chunk(), known.last_chunk()) else {
        let differing = |so_far: u8, (a, b): (&u8, &u8)| so_far | ((a | LOWER) ^ b);
        return name.iter().zip(known).fold(0, differing) == 0;
    };
    let words = name.chunks_exact(8).zip(known.chunks_exact(8));
    let differing = words.fold(
        differs(name_end, known_end),
        |so_far, (name, known)| match (name.first_chunk(), known.first_chunk()) {
            (Some(name), Some(known)) => so_far | differs(name, known),
            _ => so_far,
        },
    );
    differing == 0
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
