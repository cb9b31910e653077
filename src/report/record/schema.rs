//! The schema of a report, made of its types: `docs/json.schema.json`.
//!
//! Where a type writes itself by hand, its schema stands here.

use std::borrow::Cow;
use std::path::Path;
use std::{env, fs};

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;

use crate::cors::advice::Severity;
use crate::cors::cors_error::{CorsError, Fault};
use crate::cors::fetch_request::Credentials;
use crate::cors::transaction::Unknown;
use crate::report::record::explanation::Explanation;
use crate::report::record::transaction::{ConditionRecord, HalfRecord};
use crate::report::record::{
    AdviceRecord, CostRecord, Document, ExchangeRecord, PartRecord, PolicyRecord, VERSION,
};

macro_rules! schemas {
    ($($name:ident = $schema:tt;)*) => {
        $(pub(super) fn $name(_: &mut SchemaGenerator) -> Schema {
            json_schema!($schema)
        })*
    };
}

schemas! {
    transaction = { "const": "transaction" };
    exchange = { "const": "exchange" };
    part = { "const": "part" };
    advice = { "const": "advice" };
    policy = { "const": "policy" };
    preflight_cost = { "const": "preflight-cost" };
    format = { "const": "corshark" };
    version = { "const": VERSION };
    condition_if = { "const": "credentials-include" };
    verdict = { "enum": ["pass", "fail", "unknown", "not-cors"] };
    code = { "enum": codes() };
    code_or_null = { "enum": or_null(codes()) };
    unknown_reason = { "enum": or_null(UNKNOWN.map(Unknown::name)) };
    fault = { "enum": or_null([Fault::Server, Fault::Client, Fault::Network].map(Fault::name)) };
    credentials = { "enum": CREDENTIALS.map(Credentials::name) };
    severity = { "enum": SEVERITIES.map(Severity::name) };
    request = { "enum": ["preflight", "actual"] };
    check_result = { "enum": ["pass", "fail", "not-needed"] };
    time = { "type": "string", "format": "date-time" };
    time_or_null = { "type": ["string", "null"], "format": "date-time" };
    frames = { "type": "array", "items": { "type": "integer", "minimum": 1 } };
    notes = { "type": "array", "items": { "type": "string", "pattern": "^[a-z-]+(: .+)?$" } };
    counters = { "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } };
}

const CREDENTIALS: [Credentials; 3] = [
    Credentials::Include,
    Credentials::NotInclude,
    Credentials::Unknown,
];

const SEVERITIES: [Severity; 4] = [
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

const UNKNOWN: [Unknown; 9] = [
    Unknown::CaptureEnded,
    Unknown::NotCaptured,
    Unknown::CutBySnapLength,
    Unknown::Unreadable,
    Unknown::GivenUp,
    Unknown::Aborted,
    Unknown::AmbiguousPost,
    Unknown::SchemeDiffers,
    Unknown::NoStoredResponse,
];

fn codes() -> impl IntoIterator<Item = &'static str> + serde::Serialize {
    CorsError::ALL.map(CorsError::name)
}

fn or_null(names: impl IntoIterator<Item = &'static str>) -> Vec<Option<&'static str>> {
    names.into_iter().map(Some).chain([None]).collect()
}

/// One schema for both: a document, or one line of NDJSON.
fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut generator = settings.into_generator();
    let records = [
        generator.subschema_for::<Document<'_>>(),
        generator.subschema_for::<Transaction>(),
        generator.subschema_for::<ExchangeRecord<'_>>(),
        generator.subschema_for::<PartRecord<'_>>(),
        generator.subschema_for::<AdviceRecord<'_>>(),
        generator.subschema_for::<PolicyRecord<'_>>(),
        generator.subschema_for::<CostRecord<'_>>(),
    ];
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reports of corshark",
        "description": "A document of --format json, or one line of --format ndjson. Readers are to \
            accept members that are not named here.",
        "oneOf": records,
        "$defs": generator.take_definitions(true),
    })
}

/// What [`TransactionRecord`](super::TransactionRecord) writes, which for speed is no derived type. That it is
/// written so is held up by the strict check of real reports in `tests/json_schema.rs`.
#[derive(serde::Serialize, schemars::JsonSchema)]
pub(super) struct Transaction {
    /// What kind of record it is.
    #[schemars(schema_with = "transaction")]
    kind: String,
    /// The input, as typed; only with more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Counted from 1 in each file, in the order of first requests. Live, a later line with the same id replaces
    /// an earlier one: a client went on in spite of a refused preflight.
    id: u64,
    /// What the browser decided.
    #[schemars(schema_with = "verdict")]
    verdict: String,
    /// Of a failure: the name of Chromium's `Network.CorsError`.
    #[schemars(schema_with = "code_or_null")]
    code: Option<String>,
    /// The verdict in one sentence.
    reason: String,
    /// Why there is no verdict.
    #[schemars(schema_with = "unknown_reason")]
    unknown_reason: Option<String>,
    /// Who has to repair it.
    #[schemars(schema_with = "fault")]
    fault: Option<String>,
    /// The header lines that the failing response needs, in place of its own of the same name.
    fix: Vec<String>,
    /// What to do, in words.
    remedy: Option<String>,
    /// What not to do, where the repair at hand would let every site in.
    warning: Option<String>,
    /// What would hold if the page included credentials, where the wire does not show it.
    condition: Option<ConditionRecord>,
    /// The `Origin` as sent; the actual request's, where preflight and actual differ.
    origin: Option<String>,
    /// `http://`, the Host, and the target's bytes, undecoded.
    url: String,
    /// The actual request's; that of Access-Control-Request-Method where only the preflight is there.
    method: String,
    /// Whether the request included credentials.
    #[schemars(schema_with = "credentials")]
    credentials: String,
    /// The preflight, where there was one.
    preflight: Option<HalfRecord<'static>>,
    /// The actual request, where there was one.
    actual: Option<HalfRecord<'static>>,
    /// The id of the transaction that redirected to this one.
    redirected_from: Option<u64>,
    /// The id of the transaction that this one was redirected to.
    redirected_to: Option<u64>,
    /// What else is known, each by its name.
    #[schemars(schema_with = "notes")]
    notes: Vec<String>,
    /// What stands behind a failure that looks like one of CORS.
    cause: Option<String>,
    /// What explains the verdict in detail; in documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}

#[test]
fn the_schema_in_the_documentation_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.schema.json");
    let schema = json!(schema());
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if env::var_os("CORSHARK_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).map_or(Cow::from("nothing"), Cow::from);
    assert!(
        written == text,
        "docs/json.schema.json is not what the types say; CORSHARK_BLESS=1 cargo test writes it"
    );
}
