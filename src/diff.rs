//! What changed between two captures, by method, page's origin and endpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::cors::advice::Endpoint;
use crate::cors::advice::cost::PreflightCost;
use crate::cors::advice::policy::Policy;
use crate::cors::transaction::{Transaction, Verdict};
use crate::report::Capture;
use crate::wire_text::wire_text;

/// Preflights for each request that differ by less are the same: it hangs on what is remembered.
const COST_STEP: f64 = 0.25;

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What is compared: method, origin and endpoint, or an endpoint alone.
    pub subject: String,
    /// Of it: `verdict`, or the name of a header, or `preflights`.
    pub what: &'static str,
    /// Before; `None` where the subject was not there.
    pub before: Option<String>,
    /// After; `None` where the subject is not there.
    pub after: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| match value {
            None => "not seen".to_owned(),
            Some(value) if value.is_empty() => "none".to_owned(),
            Some(value) => value.clone(),
        };
        let (before, after) = (value(&self.before), value(&self.after));
        write!(f, "{}\n    {}: {before} → {after}", self.subject, self.what)
    }
}

/// What changed from one capture to the other; with `any_host` endpoints are compared by path.
#[must_use]
pub fn differences(before: &Capture, after: &Capture, any_host: bool) -> Vec<Difference> {
    let name = |endpoint: &Endpoint| {
        if any_host {
            endpoint.path.clone()
        } else {
            endpoint.to_string()
        }
    };
    let mut differences = Vec::new();
    let mut compare = |what, before: BTreeMap<String, String>, after: BTreeMap<String, String>| {
        let subjects: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for subject in subjects {
            let (before, after) = (before.get(subject), after.get(subject));
            if before != after {
                differences.push(Difference {
                    subject: subject.clone(),
                    what,
                    before: before.cloned(),
                    after: after.cloned(),
                });
            }
        }
    };
    compare("verdict", verdicts(before, name), verdicts(after, name));
    for (what, of) in POLICIES {
        let policies = |capture: &Capture| {
            let policies = capture.findings.policies.iter();
            policies
                .map(|policy| (name(&policy.endpoint), of(policy)))
                .collect()
        };
        let (mut before, mut after): (BTreeMap<_, _>, BTreeMap<_, _>) =
            (policies(before), policies(after));
        // What is in one capture only is a difference of verdicts already.
        before.retain(|subject, _| after.contains_key(subject));
        after.retain(|subject, _| before.contains_key(subject));
        compare(what, before, after);
    }
    differences.extend(costs(before, after, name));
    differences
}

type Part = fn(&Policy) -> String;

/// What each answer allowed, by the name of the header.
const POLICIES: [(&str, Part); 7] = [
    ("Access-Control-Allow-Origin", |policy| {
        sorted(&policy.origins)
    }),
    ("origins refused", |policy| sorted(&policy.origins_refused)),
    ("Access-Control-Allow-Methods", |policy| {
        sorted(&policy.methods)
    }),
    ("Access-Control-Allow-Headers", |policy| {
        sorted(&policy.headers)
    }),
    ("Access-Control-Expose-Headers", |policy| {
        sorted(&policy.exposed)
    }),
    ("Access-Control-Allow-Credentials", |policy| {
        if policy.credentials { "true" } else { "" }.to_owned()
    }),
    ("Access-Control-Max-Age", |policy| sorted(&policy.max_ages)),
];

fn sorted(values: &[String]) -> String {
    let values: BTreeSet<&str> = values.iter().map(String::as_str).collect();
    let values: Vec<&str> = values
        .into_iter()
        .filter(|value| !value.is_empty())
        .collect();
    values.join(", ")
}

/// The different outcomes of each method, origin and endpoint.
fn verdicts(capture: &Capture, name: impl Fn(&Endpoint) -> String) -> BTreeMap<String, String> {
    let mut outcomes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for transaction in &capture.transactions {
        let Some(endpoint) = Endpoint::of_transaction(transaction) else {
            continue;
        };
        let subject = format!(
            "{} {} → {}",
            wire_text(transaction.method()),
            wire_text(transaction.origin()),
            name(&endpoint)
        );
        outcomes
            .entry(subject)
            .or_default()
            .insert(outcome(transaction));
    }
    let joined = |outcomes: BTreeSet<String>| outcomes.into_iter().collect::<Vec<_>>().join(", ");
    let outcomes = outcomes.into_iter();
    outcomes
        .map(|(subject, all)| (subject, joined(all)))
        .collect()
}

fn outcome(transaction: &Transaction) -> String {
    let verdict = transaction.judgement.verdict;
    match (verdict, transaction.judgement.condition) {
        (Verdict::Fail(error), _) => format!("fail {}", error.name()),
        (Verdict::Unknown(why), _) => format!("unknown {}", why.name()),
        (_, Some(condition)) => format!("pass (with credentials {})", condition.error.name()),
        (verdict, None) => verdict.name().to_owned(),
    }
}

/// Endpoints whose requests need more preflights than before, or fewer.
fn costs(before: &Capture, after: &Capture, name: impl Fn(&Endpoint) -> String) -> Vec<Difference> {
    let of = |capture: &Capture| -> BTreeMap<String, PreflightCost> {
        let costs = capture.findings.costs.iter();
        costs
            .map(|cost| (name(&cost.endpoint), cost.clone()))
            .collect()
    };
    let (before, after) = (of(before), of(after));
    let pairs = before.iter().filter_map(|(subject, cost)| {
        let now = after.get(subject)?;
        let moved = (ratio(cost) - ratio(now)).abs() >= COST_STEP;
        moved.then(|| Difference {
            subject: subject.clone(),
            what: "preflights",
            before: Some(told(cost)),
            after: Some(told(now)),
        })
    });
    pairs.collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of one capture")]
fn ratio(cost: &PreflightCost) -> f64 {
    cost.preflights as f64 / cost.actuals.max(1) as f64
}

fn told(cost: &PreflightCost) -> String {
    let median = cost.median_ms.map(|ms| format!(", median {ms:.1} ms"));
    format!(
        "{} for {} requests{}",
        cost.preflights,
        cost.actuals,
        median.unwrap_or_default()
    )
}
