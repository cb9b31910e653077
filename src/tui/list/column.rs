//! The columns of the list, and what each sorts by.

use std::cmp::Ordering;

use crate::cors::transaction::Verdict;
use crate::session::Row;

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// The transaction's number: the order of first requests.
    #[default]
    Number,
    /// The verdict, failures first.
    Verdict,
    /// The method.
    Method,
    /// The page's origin.
    Origin,
    /// Host, port, path and query of the target.
    Target,
    /// How long it took, the longest first.
    Duration,
    /// Why.
    Why,
}

impl Column {
    /// All of them, in the order in which they are gone through.
    pub const ALL: [Self; 7] = [
        Self::Number,
        Self::Verdict,
        Self::Method,
        Self::Origin,
        Self::Target,
        Self::Duration,
        Self::Why,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Verdict => "verdict",
            Self::Method => "method",
            Self::Origin => "origin",
            Self::Target => "target",
            Self::Duration => "ms",
            Self::Why => "why",
        }
    }

    /// How two rows stand to each other.
    pub(super) fn compare(self, a: &Row, b: &Row) -> Ordering {
        let order = match self {
            Self::Number => Ordering::Equal,
            Self::Verdict => rank(a).cmp(&rank(b)).then_with(|| a.why.cmp(&b.why)),
            Self::Method => a.method.cmp(&b.method),
            Self::Origin => a.origin.cmp(&b.origin),
            Self::Target => (&a.authority, &a.path).cmp(&(&b.authority, &b.path)),
            Self::Duration => b.duration.cmp(&a.duration),
            Self::Why => a.why.cmp(&b.why),
        };
        order.then(a.id.cmp(&b.id))
    }
}

fn rank(row: &Row) -> u8 {
    match row.verdict {
        Verdict::Fail(_) => 0,
        Verdict::Pass if row.condition.is_some() => 1,
        Verdict::Unknown(_) => 2,
        Verdict::Pass => 3,
        Verdict::NotCors(_) => 4,
    }
}
