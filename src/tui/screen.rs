//! The screens.

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Screen {
    /// One row a transaction.
    #[default]
    List,
    /// All about one transaction.
    Detail,
    /// Who sent what to whom, in the order of time.
    Ladder,
    /// The frames of a transaction, and their bytes.
    Packets,
    /// Counts, causes and advice.
    Summary,
    /// What preflights cost.
    Cost,
    /// What each endpoint allowed.
    Policy,
    /// Two transactions, header by header.
    Compare,
}

impl Screen {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::List,
        Self::Detail,
        Self::Ladder,
        Self::Packets,
        Self::Summary,
        Self::Cost,
        Self::Policy,
        Self::Compare,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Detail => "Detail",
            Self::Ladder => "Ladder",
            Self::Packets => "Packets",
            Self::Summary => "Summary",
            Self::Cost => "Cost",
            Self::Policy => "Policy",
            Self::Compare => "Compare",
        }
    }

    /// What it is for.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::List => "one line a cross-origin transaction (preflight and actual request)",
            Self::Detail => "both messages, the checks on them, and the repair",
            Self::Ladder => "who sent what to whom, of one transaction or of all marked ones",
            Self::Packets => "the frames of a transaction, and their bytes",
            Self::Summary => "verdicts, causes, advice, and what could not be read",
            Self::Cost => "what preflights cost, and what remembering them would spare",
            Self::Policy => "what each endpoint allowed, as far as the capture shows",
            Self::Compare => "two transactions, header by header",
        }
    }

    /// Whether it is about the selected transaction.
    #[must_use]
    pub const fn is_about_one(self) -> bool {
        matches!(self, Self::Detail | Self::Ladder | Self::Packets)
    }
}
