//! The serialised shape of advice, policies and preflight costs.

use serde::Serialize;

use crate::cors::advice::Advice;
use crate::cors::advice::cost::PreflightCost;
use crate::cors::advice::policy::Policy;

/// One advice.
#[derive(Debug, Serialize)]
pub(in crate::report) struct AdviceRecord<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    id: &'static str,
    severity: &'static str,
    title: &'static str,
    endpoint: String,
    what: &'a str,
    why: &'static str,
    fix: &'a str,
    occurrences: u64,
    /// The first ones.
    frames: Vec<u64>,
    /// The first ones.
    transactions: Vec<u64>,
}

impl<'a> AdviceRecord<'a> {
    pub(in crate::report) fn of(advice: &'a Advice, file: Option<&'a str>) -> Self {
        Self {
            kind: "advice",
            file,
            id: advice.id,
            severity: advice.severity.name(),
            title: advice.title,
            endpoint: advice.endpoint.to_string(),
            what: &advice.what,
            why: advice.why,
            fix: &advice.fix,
            occurrences: advice.occurrences,
            frames: advice.frames.iter().map(|frame| frame.0).collect(),
            transactions: advice.transactions.iter().map(|id| id.0).collect(),
        }
    }
}

/// The policy of one endpoint, as observed.
#[derive(Debug, Serialize)]
pub(in crate::report) struct PolicyRecord<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    endpoint: String,
    responses: u64,
    origins: &'a [String],
    origins_refused: &'a [String],
    methods: &'a [String],
    headers: &'a [String],
    exposed: &'a [String],
    credentials: bool,
    max_ages: &'a [String],
    /// There was more than these lists hold.
    more: bool,
}

impl<'a> PolicyRecord<'a> {
    pub(in crate::report) fn of(policy: &'a Policy, file: Option<&'a str>) -> Self {
        Self {
            kind: "policy",
            file,
            endpoint: policy.endpoint.to_string(),
            responses: policy.responses,
            origins: &policy.origins,
            origins_refused: &policy.origins_refused,
            methods: &policy.methods,
            headers: &policy.headers,
            exposed: &policy.exposed,
            credentials: policy.credentials,
            max_ages: &policy.max_ages,
            more: policy.more,
        }
    }
}

/// What the preflights of one endpoint cost.
#[derive(Debug, Serialize)]
pub(in crate::report) struct CostRecord<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    endpoint: String,
    preflights: u64,
    actuals: u64,
    total_ms: f64,
    median_ms: Option<f64>,
    /// What Access-Control-Max-Age: 7200 would have spared.
    sparable: u64,
    sparable_ms: f64,
}

impl<'a> CostRecord<'a> {
    pub(in crate::report) fn of(cost: &PreflightCost, file: Option<&'a str>) -> Self {
        Self {
            kind: "preflight-cost",
            file,
            endpoint: cost.endpoint.to_string(),
            preflights: cost.preflights,
            actuals: cost.actuals,
            total_ms: cost.total_ms,
            median_ms: cost.median_ms,
            sparable: cost.sparable,
            sparable_ms: cost.sparable_ms,
        }
    }
}
