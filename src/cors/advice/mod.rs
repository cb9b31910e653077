//! Advice: what is wrong, weak or wasteful beside the verdicts. It never changes one.
//!
//! Each rule has a file of its own in `rules`. [`Advisor`] shows every exchange to them:
//!
//! ```text
//!   Transaction ──→ Answer (CORS headers, found in one pass) ──→ rules about one answer ──┐
//!   Exchange without Origin ──→ Plain ──→ L-4, L-18, L-40, L-41                           ├→ Sink
//!   Endpoint, server: bounded state ──→ rules about the whole capture, at the end ────────┘
//! ```
//!
//! A finding is kept once for each rule and [`Endpoint`]. Whatever grows with the traffic is bounded
//! in [`Limits`](crate::limits::Limits); endpoints beyond the bound are counted.

mod advisor;
mod answer;
mod cached;
pub mod cost;
mod echoes;
mod endpoint;
pub mod policy;
mod repeats;
mod rule;
mod rules;
mod sink;
mod site;
#[cfg(test)]
pub(crate) mod testing;
mod trusted;
mod waste;

use crate::capture::frame::FrameNumber;
use crate::cors::advice::cost::PreflightCost;
use crate::cors::advice::policy::Policy;
use crate::cors::advice::sink::Found;
use crate::cors::transaction::TransactionId;

pub use crate::cors::advice::advisor::Advisor;
pub use crate::cors::advice::endpoint::Endpoint;
pub use crate::cors::advice::rule::{Rule, Severity};
pub use crate::cors::advice::rules::{RULES, rule};

/// One thing to know about an endpoint.
#[derive(Debug, Clone)]
pub struct Advice {
    /// The rule's name.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// Where.
    pub endpoint: Endpoint,
    /// What was seen, in one sentence without a full stop; of several cases the worst.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// How to repair it.
    pub fix: String,
    /// The first frames that it rests on.
    pub frames: Vec<FrameNumber>,
    /// The first transactions that it rests on.
    pub transactions: Vec<TransactionId>,
    /// How often it was seen.
    pub occurrences: u64,
}

/// All that is to be said of a capture beside its verdicts.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The advice, the most severe first.
    pub advice: Vec<Advice>,
    /// What each endpoint allowed.
    pub policies: Vec<Policy>,
    /// What preflights cost, the dearest first.
    pub costs: Vec<PreflightCost>,
    /// Exchanges that were not looked at, because there were too many endpoints.
    pub ignored: u64,
    /// Preflights that were not compared with earlier ones, because there were too many URLs.
    pub preflights_ignored: u64,
}

impl Advice {
    fn of(found: Found, endpoint: &Endpoint) -> Self {
        let mut frames = found.frames.into_vec();
        frames.sort_unstable();
        Self {
            id: found.rule.id,
            severity: found.severity,
            title: found.rule.title,
            endpoint: endpoint.clone(),
            what: found.what,
            why: found.rule.why,
            fix: found.fix,
            frames,
            transactions: found.transactions.into_vec(),
            occurrences: found.occurrences,
        }
    }
}
