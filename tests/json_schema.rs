//! Real reports against `docs/json.schema.json`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use support::binary::{run, stdout};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schema of the documentation. Readers are to accept members that it does not name; here there must be
/// none.
fn strict() -> Validator {
    let text = fs::read_to_string(root().join("docs/json.schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    let definitions = schema["$defs"].as_object_mut().unwrap();
    for definition in definitions.values_mut() {
        let definition = definition.as_object_mut().unwrap();
        if definition.contains_key("properties") {
            definition.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    }
    jsonschema::validator_for(&schema).unwrap()
}

fn captures() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("captures")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_capture = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "pcap");
    paths.filter(is_capture).collect()
}

/// Says what of a record is against the schema, and not only that something is.
fn check(schema: &Validator, record: &Value, of: &Path) {
    let error = schema.validate(record).err();
    assert!(error.is_none(), "{}: {error:?}\n{record:#}", of.display());
}

#[test]
fn every_report_on_the_sample_captures_keeps_to_the_schema() {
    let schema = strict();
    let captures = captures();
    let mut kinds = Vec::new();
    for path in &captures {
        let name = path.to_str().unwrap();
        let printed = run(&["report", "--all", "--format", "json", name]);
        let document: Value = serde_json::from_str(&stdout(&printed)).unwrap();
        check(&schema, &document, path);
        let printed = run(&["report", "--all", "--advice", "--format", "ndjson", name]);
        for line in stdout(&printed).lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            check(&schema, &record, path);
            kinds.push(record["kind"].as_str().unwrap().to_owned());
        }
    }
    kinds.sort();
    kinds.dedup();
    let all = [
        "advice",
        "exchange",
        "policy",
        "preflight-cost",
        "transaction",
    ];
    assert_eq!(kinds, all, "{} captures", captures.len());
    // Records of several inputs name theirs.
    let names: Vec<&str> = captures.iter().map(|path| path.to_str().unwrap()).collect();
    let printed = run(&[&["report", "--all", "--format", "json"], &names[..]].concat());
    check(
        &schema,
        &serde_json::from_str(&stdout(&printed)).unwrap(),
        root(),
    );
}

#[test]
fn reports_on_joined_files_keep_to_the_schema() {
    let schema = strict();
    let files = [
        "captures/article-working.pcap",
        "captures/article-failing.pcap",
    ];
    let report = |format| {
        stdout(&run(&[
            &["report", "--join", "--format", format],
            &files[..],
        ]
        .concat()))
    };
    let document: Value = serde_json::from_str(&report("json")).unwrap();
    check(&schema, &document, root());
    assert_eq!(
        document["captures"][0]["parts"].as_array().unwrap().len(),
        2
    );
    let lines = report("ndjson");
    let records = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let records: Vec<Value> = records.collect();
    for record in &records {
        check(&schema, record, root());
    }
    let parts = records.iter().filter(|record| record["kind"] == "part");
    assert_eq!(parts.count(), 2);
}

#[test]
fn what_is_wrong_is_against_the_schema() {
    let schema = strict();
    let path = root().join("captures/article-failing.pcap");
    let printed = run(&["report", "--format", "ndjson", path.to_str().unwrap()]);
    let right: Value = serde_json::from_str(stdout(&printed).lines().next().unwrap()).unwrap();
    check(&schema, &right, &path);
    for (member, wrong) in [
        ("verdict", Value::from("perhaps")),
        ("id", Value::from("1")),
        ("code", Value::from("NoSuchCode")),
        ("preflight", Value::from(1)),
        ("news", Value::Null),
    ] {
        let mut record = right.clone();
        record[member] = wrong;
        assert!(!schema.is_valid(&record), "{member}");
    }
    let mut record = right.clone();
    record.as_object_mut().unwrap().remove("fix");
    assert!(!schema.is_valid(&record));
}
