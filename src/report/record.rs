//! The serialised shape of a report: the one place that defines the JSON.
//!
//! `docs/json.md` describes it for readers, `docs/json.schema.json` for programs: made of these types by the
//! tests. A change that breaks readers raises [`VERSION`].

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::session::JoinedFile;

mod advice;
mod exchange;
mod explanation;
mod frames;
#[cfg(test)]
mod schema;
mod time;
mod totals;
mod transaction;

pub(super) use advice::{AdviceRecord, CostRecord, PolicyRecord};
pub(super) use exchange::ExchangeRecord;
pub(super) use time::Rfc3339;
pub(super) use totals::Totals;
pub(super) use transaction::{Part, TransactionRecord};

/// The version of the shape.
pub(super) const VERSION: u32 = 1;

/// Text of corshark's own, in plain ASCII without quotes: written without a look at each byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain(pub(super) &'static str);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_variant("", 0, self.0)
    }
}

/// Bytes of the wire, written as [`wire_text`](crate::wire_text::wire_text) has them.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(with = "String", bound = "", inline)
)]
pub(super) struct Wire<B>(pub(super) B);

impl<B: AsRef<[u8]>> Serialize for Wire<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_ref())
    }
}

/// A whole report as one document.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Document"))]
pub(super) struct Document<'a> {
    /// What wrote it.
    #[cfg_attr(test, schemars(schema_with = "schema::format"))]
    pub(super) format: &'static str,
    /// The version of this shape.
    #[cfg_attr(test, schemars(schema_with = "schema::version"))]
    pub(super) version: u32,
    /// The inputs.
    pub(super) captures: Vec<CaptureRecord<'a>>,
    /// The sums over all inputs.
    pub(super) totals: Totals,
    /// In the order of first frames.
    #[cfg_attr(test, schemars(with = "Vec<schema::Transaction>"))]
    pub(super) transactions: Vec<TransactionRecord<'a>>,
    /// What to do better.
    pub(super) advice: Vec<AdviceRecord<'a>>,
    /// What each endpoint allowed, as observed.
    pub(super) policy: Vec<PolicyRecord<'a>>,
    /// What the preflights of each endpoint cost.
    pub(super) preflight_cost: Vec<CostRecord<'a>>,
    /// Every exchange; with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exchanges: Option<Vec<ExchangeRecord<'a>>>,
}

/// One capture of a report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Capture"))]
pub(super) struct CaptureRecord<'a> {
    /// The input, as typed.
    pub(super) file: &'a str,
    /// The files that it was joined from, where it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<PartRecord<'a>>,
    /// What was counted in it.
    pub(super) totals: Totals,
    /// Exchanges that advice left out: too many endpoints.
    pub(super) advice_exchanges_ignored: u64,
    /// Preflights that were not compared with earlier ones: too many URLs.
    pub(super) advice_preflights_ignored: u64,
    /// Why it could not be read to its end.
    pub(super) error: Option<&'a str>,
}

/// One of several files that are one capture.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Part"))]
pub(super) struct PartRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::part"))]
    kind: &'static str,
    /// The file, as typed.
    file: Cow<'a, str>,
    /// The number of its first frame in the whole capture.
    first_frame: u64,
    /// How many it has.
    frames: u64,
    /// Why it could not be read to its end.
    error: Option<&'a str>,
}

impl<'a> PartRecord<'a> {
    pub(super) fn of(part: &'a JoinedFile) -> Self {
        Self {
            kind: "part",
            file: part.path.to_string_lossy(),
            first_frame: part.first.0,
            frames: part.frames,
            error: part.damage.as_deref(),
        }
    }
}
