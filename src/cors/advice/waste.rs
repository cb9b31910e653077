//! Preflights that better answers would have spared, for the rules about how long an answer is
//! remembered.
//!
//! They are counted by [`cost`](crate::cors::advice::cost), which replays a cache of two hours; each
//! is laid to one reason.

use crate::cors::advice::sink::Evidence;

/// Why a preflight was sent that a good answer would have spared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waste {
    /// No Access-Control-Max-Age: 5 seconds.
    NoMaxAge,
    /// An Access-Control-Max-Age that is short, or none.
    ShortMaxAge,
    /// A good one ran out.
    RanOut,
    /// Firefox does not remember wildcards.
    WildcardInFirefox,
    /// Firefox asks again for HEAD.
    HeadInFirefox,
    /// Sent before the first was answered.
    AtOnce,
    /// Remembered, and sent all the same.
    Bypassed,
    /// The same path with another query.
    OtherQuery,
}

impl Waste {
    pub(super) const ALL: [Self; 8] = [
        Self::NoMaxAge,
        Self::ShortMaxAge,
        Self::RanOut,
        Self::WildcardInFirefox,
        Self::HeadInFirefox,
        Self::AtOnce,
        Self::Bypassed,
        Self::OtherQuery,
    ];

    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::NoMaxAge => "no Access-Control-Max-Age",
            Self::ShortMaxAge => "a short Access-Control-Max-Age",
            Self::RanOut => "Access-Control-Max-Age had run out",
            Self::WildcardInFirefox => "Firefox does not remember answers with *",
            Self::HeadInFirefox => "Firefox asks again for HEAD",
            Self::AtOnce => "several sent at once",
            Self::Bypassed => {
                "the browser's cache was not used: a reload, Disable cache, another tab, or with and without credentials"
            }
            Self::OtherQuery => "only the query differed: answers are remembered for the whole URL",
        }
    }

    pub(super) const fn fix(self) -> &'static str {
        match self {
            Self::NoMaxAge | Self::ShortMaxAge | Self::RanOut => {
                "send Access-Control-Max-Age: 7200 on the answers to OPTIONS"
            }
            Self::WildcardInFirefox => "name the methods and headers instead of *",
            Self::HeadInFirefox => "list HEAD in Access-Control-Allow-Methods",
            Self::AtOnce => "send one request first, the others after its preflight",
            Self::Bypassed => "nothing on the server; measure without Disable cache",
            Self::OtherQuery => {
                "put what varies into the body, or avoid the preflight (see what triggers it)"
            }
        }
    }
}

/// Preflights of one endpoint that could have been spared.
#[derive(Clone, Default)]
pub(super) struct Wasted {
    /// How many, and their summed microseconds, in the order of [`Waste::ALL`].
    by_reason: [(u64, u64); Waste::ALL.len()],
    evidence: [Option<Evidence>; Waste::ALL.len()],
}

impl Wasted {
    pub(super) fn add(&mut self, waste: Waste, micros: u32, evidence: Evidence) {
        let at = waste as usize;
        if let Some((count, sum)) = self.by_reason.get_mut(at) {
            *count += 1;
            *sum += u64::from(micros);
        }
        if let Some(first) = self.evidence.get_mut(at) {
            first.get_or_insert(evidence);
        }
    }

    pub(super) fn of(&self, waste: Waste) -> (u64, u64) {
        let found = self.by_reason.get(waste as usize);
        found.copied().unwrap_or_default()
    }

    /// The first preflight that was sent for this reason.
    pub(super) fn first(&self, waste: Waste) -> Evidence {
        let first = self.evidence.get(waste as usize).copied().flatten();
        first.unwrap_or_default()
    }
}

/// So many preflights, in words.
pub(super) fn preflights(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} preflight{plural}")
}
