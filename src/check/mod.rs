//! What is wrong with captures, for a gate: which problems count, which are known, and what a
//! policy forbids.

mod baseline;
mod fail_on;
mod policy;
mod policy_check;

use std::collections::HashSet;
use std::sync::Arc;

use crate::cors::advice::{Advice, Endpoint};
use crate::cors::transaction::{Transaction, Verdict};
use crate::report::Capture;
use crate::wire_text::{printable, wire_text};

pub use baseline::{Baseline, BaselineError};
pub use fail_on::FailOn;
pub use policy::{Policy, PolicyError};

/// What is wrong, in fields that are the same in the next capture with the same problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// `fail`, `conditional`, `unknown`, `lint` or `policy`.
    pub kind: &'static str,
    /// The code, the reason or the rule.
    pub code: String,
    /// The method; `-` where it is about none in particular.
    pub method: String,
    /// The page's origin; `-` where it is about none in particular.
    pub origin: String,
    /// Where.
    pub endpoint: String,
}

impl Problem {
    /// What is wrong with a transaction; `None` where nothing is.
    #[must_use]
    pub fn of_transaction(transaction: &Transaction) -> Option<Self> {
        let condition = transaction.judgement.condition;
        let (kind, code) = match transaction.judgement.verdict {
            Verdict::Fail(error) => ("fail", error.name()),
            Verdict::Unknown(why) => ("unknown", why.name()),
            Verdict::Pass | Verdict::NotCors(_) => ("conditional", condition?.error.name()),
        };
        let text = |bytes: &[u8]| printable(&wire_text(bytes)).into_owned();
        let endpoint = Endpoint::of_transaction(transaction);
        Some(Self {
            kind,
            code: code.to_owned(),
            method: text(transaction.method()),
            origin: text(transaction.origin()),
            endpoint: endpoint.map_or_else(String::new, |e| printable(&e.to_string()).into_owned()),
        })
    }

    /// What advice is about.
    #[must_use]
    pub fn of_advice(advice: &Advice) -> Self {
        let is_policy = advice.id == policy_check::ID;
        let nothing = || "-".to_owned();
        Self {
            kind: if is_policy { "policy" } else { "lint" },
            // Of a policy the sentence tells what was broken.
            code: if is_policy {
                printable(&advice.what).into_owned()
            } else {
                advice.id.to_owned()
            },
            method: nothing(),
            origin: nothing(),
            endpoint: printable(&advice.endpoint.to_string()).into_owned(),
        }
    }
}

/// What a check found: the captures with nothing but problems in them.
#[derive(Debug)]
pub struct Found {
    /// The captures; their transactions and advice are problems.
    pub captures: Vec<Capture>,
    /// Every problem, known ones too.
    pub problems: HashSet<Problem>,
    /// Occurrences of problems that are not known.
    pub new: usize,
    /// Occurrences of problems that the baseline knows.
    pub known: usize,
    /// Transactions with a verdict: not those that the capture does not decide.
    pub decided: u64,
}

/// Leaves of captures what counts as a problem and is not known.
#[must_use]
pub fn check(
    captures: Vec<Capture>,
    fail_on: &FailOn,
    policy: &Policy,
    baseline: &Baseline,
) -> Found {
    let mut found = Found {
        captures: Vec::new(),
        problems: HashSet::new(),
        new: 0,
        known: 0,
        decided: 0,
    };
    for mut capture in captures {
        let is_decided = |transaction: &&Arc<Transaction>| {
            !matches!(transaction.judgement.verdict, Verdict::Unknown(_))
        };
        found.decided += capture.transactions.iter().filter(is_decided).count() as u64;
        let mut advice = policy.breaches(&capture.transactions);
        let counted = capture.findings.advice.into_iter();
        advice.extend(counted.filter(|advice| fail_on.has_advice(advice)));
        capture.findings.advice = advice;
        capture.findings.policies.clear();
        capture.findings.costs.clear();
        capture.transactions.retain(|transaction| {
            let problem = Problem::of_transaction(transaction);
            let problem = problem.filter(|problem| fail_on.has_kind(problem.kind));
            problem.is_some_and(|problem| found.take(problem, baseline))
        });
        capture
            .findings
            .advice
            .retain(|advice| found.take(Problem::of_advice(advice), baseline));
        found.captures.push(capture);
    }
    found
}

impl Found {
    /// Takes a problem; whether it is a new one.
    fn take(&mut self, problem: Problem, baseline: &Baseline) -> bool {
        let is_new = !baseline.knows(&problem);
        *(if is_new {
            &mut self.new
        } else {
            &mut self.known
        }) += 1;
        self.problems.insert(problem);
        is_new
    }
}
