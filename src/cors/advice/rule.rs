//! What a rule is: its name, how much it matters, and the texts that explain it.

/// How much an advice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Untidy: wasted time, dead text.
    Low,
    /// Probably a mistake, or a weakness.
    Medium,
    /// Breaks pages, or lets other sites in.
    High,
}

impl Severity {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A rule, explained under the same headings as every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its place in the table of rules, from 1.
    pub number: u8,
    /// Its name: `L-` and the number.
    pub id: &'static str,
    /// How much it matters, as a rule; a case may matter more or less.
    pub severity: Severity,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What happened.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to fix it.
    pub fix: &'static str,
    /// Traffic that it is about.
    pub example: &'static str,
}
