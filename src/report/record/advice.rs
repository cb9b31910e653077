//! The serialised shape of advice, policies and preflight costs.

use serde::Serialize;

use crate::cors::advice::Advice;
use crate::cors::advice::cost::PreflightCost;
use crate::cors::advice::policy::Policy;
#[cfg(test)]
use crate::report::record::schema;

/// One advice.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Advice"))]
pub(in crate::report) struct AdviceRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::advice"))]
    kind: &'static str,
    /// The input, as typed; only with more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// The rule.
    id: &'static str,
    /// How much it matters.
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    severity: &'static str,
    /// The rule in a few words.
    title: &'static str,
    /// Origin and path.
    endpoint: String,
    /// What was seen.
    what: &'a str,
    /// Why it matters.
    why: &'static str,
    /// What to do.
    fix: &'a str,
    /// How often it was seen.
    occurrences: u64,
    /// The first frames that show it.
    frames: Vec<u64>,
    /// The first transactions that show it.
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
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Policy"))]
pub(in crate::report) struct PolicyRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::policy"))]
    kind: &'static str,
    /// The input, as typed; only with more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Origin and path.
    endpoint: String,
    /// Responses that it was read from.
    responses: u64,
    /// Origins that were allowed.
    origins: &'a [String],
    /// Origins that were not.
    origins_refused: &'a [String],
    /// Methods that were allowed.
    methods: &'a [String],
    /// Request headers that were allowed.
    headers: &'a [String],
    /// Response headers that were exposed.
    exposed: &'a [String],
    /// Whether credentials were allowed.
    credentials: bool,
    /// Values of Access-Control-Max-Age; empty where there was none.
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
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "PreflightCost"))]
pub(in crate::report) struct CostRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::preflight_cost"))]
    kind: &'static str,
    /// The input, as typed; only with more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Origin and path.
    endpoint: String,
    /// Preflights that were sent.
    preflights: u64,
    /// Requests that they were sent for.
    actuals: u64,
    /// Milliseconds that they took.
    total_ms: f64,
    /// The median of one, in milliseconds.
    median_ms: Option<f64>,
    /// Preflights that Access-Control-Max-Age: 7200 would have spared.
    sparable: u64,
    /// Milliseconds that it would have spared.
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
