//! What is reported: captures with their transactions, and how.

use std::sync::Arc;

use crate::cors::advice::Findings;
use crate::cors::transaction::Transaction;
use crate::filter::Filter;
use crate::http::exchange::Exchange;
use crate::redact::Redactor;
use crate::session::{JoinedFile, Session};

/// What is kept of a capture for its report.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    /// Its file, as its user named it.
    pub file: String,
    /// The files that it was joined from, where it was.
    pub parts: Vec<JoinedFile>,
    /// The transactions to report, in the order of their first frames.
    pub transactions: Vec<Arc<Transaction>>,
    /// Every exchange, where these were asked for.
    pub exchanges: Vec<Arc<Exchange>>,
    /// What else there is to say.
    pub findings: Findings,
    /// What was counted; of all transactions, not only those to report.
    pub session: Session,
    /// Why it could not be read to its end.
    pub error: Option<String>,
}

impl Capture {
    /// One without anything yet.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }
}

/// What to report.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "options that are independent of each other"
)]
pub struct Scope {
    /// Every exchange, not only the transactions.
    pub all: bool,
    /// There are several captures: records name their file.
    pub several: bool,
    /// With advice, policies and costs in NDJSON too; the other formats have them always.
    pub advice: bool,
    /// One ladder of all transactions, instead of one each.
    pub merged: bool,
    /// Only transactions that match, and advice about their endpoints.
    pub filter: Filter,
}

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The captures.
    pub captures: &'a [Capture],
    /// What of them.
    pub scope: &'a Scope,
}

impl Capture {
    /// The same without secrets.
    pub(super) fn redacted(&self, redactor: &mut Redactor) -> Self {
        let transactions = self.transactions.iter();
        let transactions = transactions.map(|one| Arc::new(redactor.transaction(one)));
        let transactions = transactions.collect();
        let exchanges = self.exchanges.iter();
        Self {
            transactions,
            exchanges: exchanges.map(|one| redactor.exchange(one)).collect(),
            ..self.clone()
        }
    }
}

impl Report<'_> {
    /// The file that a record of this capture names.
    #[must_use]
    pub(super) fn file_of<'c>(&self, capture: &'c Capture) -> Option<&'c str> {
        self.scope.several.then_some(capture.file.as_str())
    }
}

/// How a report looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// With colours for a terminal.
    pub colour: bool,
    /// With every check of the algorithm.
    pub trace: bool,
    /// Secrets are shown as they are.
    pub with_secrets: bool,
}
