//! Advice, found again by the transactions that it is about.

use std::collections::HashMap;

use crate::cors::advice::{Endpoint, Findings, Severity};
use crate::cors::transaction::Transaction;

/// What `lint:` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LintTest {
    Any,
    Rule(&'static str),
    Severity(Severity),
}

/// The advice about one capture. A transaction has the advice that its endpoint has.
#[derive(Debug, Clone, Default)]
pub struct Lints {
    of_endpoint: HashMap<Endpoint, Vec<(&'static str, Severity)>>,
}

impl Lints {
    /// The advice of these findings.
    #[must_use]
    pub fn of(findings: &Findings) -> Self {
        let mut of_endpoint: HashMap<_, Vec<_>> = HashMap::new();
        for advice in &findings.advice {
            let lints = of_endpoint.entry(advice.endpoint.clone()).or_default();
            lints.push((advice.id, advice.severity));
        }
        Self { of_endpoint }
    }

    pub(super) fn any(&self, transaction: &Transaction, tests: &[LintTest]) -> bool {
        let endpoint = Endpoint::of_transaction(transaction);
        let Some(lints) = endpoint.and_then(|endpoint| self.of_endpoint.get(&endpoint)) else {
            return false;
        };
        lints.iter().any(|(id, severity)| {
            tests.iter().any(|test| match test {
                LintTest::Any => true,
                LintTest::Rule(wanted) => wanted == id,
                LintTest::Severity(wanted) => wanted == severity,
            })
        })
    }
}
