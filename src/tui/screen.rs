//! The screens.

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Screen {
    /// One row a transaction.
    #[default]
    List,
    /// All about one transaction.
    Detail,
}

impl Screen {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::List, Self::Detail];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Detail => "Detail",
        }
    }

    /// What it is for.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::List => "one line a cross-origin transaction (preflight and actual request)",
            Self::Detail => "both messages, the checks on them, and the repair",
        }
    }
}
