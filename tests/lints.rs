//! Each rule of the advice on traffic from the wire: what triggers it, and the nearest traffic that
//! must not (`lints.txt`); and which sample captures trigger it (`docs/advice.md`).
//!
//! With `CORSHARK_BLESS=1` in the environment that page is written instead of compared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use corshark::cors::advice::{Advice, Advisor, RULES};
use corshark::limits::Limits;
use support::table::{cases, lay};
use support::{Found, analyse, analyse_file};

fn advice_of(found: &Found) -> Vec<Advice> {
    let mut advisor = Advisor::new(&Limits::default());
    for exchange in &found.exchanges {
        advisor.observe_exchange(exchange);
    }
    for told in &found.connecting {
        advisor.observe_connecting(told);
    }
    for transaction in &found.transactions {
        advisor.observe(transaction);
    }
    advisor.finish().advice
}

#[test]
fn each_rule_speaks_of_its_traffic_and_of_no_other() {
    let mut wrong = Vec::new();
    let (mut triggered, mut guarded) = (BTreeSet::new(), BTreeSet::new());
    for case in cases(include_str!("lints.txt")) {
        let [expected] = case.expected.as_slice() else {
            panic!("one rule a case: {:?}", case.exchanges);
        };
        let advice = advice_of(&analyse(&lay(&case.exchanges)));
        let speaks = |id: &str| advice.iter().any(|advice| advice.id == id);
        let right = if let Some(id) = expected.strip_prefix("not ") {
            guarded.insert(id.to_owned());
            !speaks(id)
        } else {
            triggered.insert(expected.clone());
            speaks(expected)
        };
        if !right {
            let ids: Vec<&str> = advice.iter().map(|advice| advice.id).collect();
            wrong.push(format!("{:#?}\n  {ids:?}, not {expected}", case.exchanges));
        }
        for advice in &advice {
            assert!(!advice.frames.is_empty(), "{} rests on nothing", advice.id);
            assert!(!advice.what.is_empty() && !advice.fix.is_empty());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in RULES {
        assert!(triggered.contains(rule.id), "{} is not tried", rule.id);
        assert!(guarded.contains(rule.id), "{} has no guard", rule.id);
    }
}

/// Transactions that came before are only counted: nothing must be said otherwise because of that.
#[test]
fn what_came_before_is_counted_as_if_it_were_new() {
    let mut shared = 0;
    for (name, found) in analysed_captures() {
        let mut advisors = [true, false].map(|alike| (alike, Advisor::new(&Limits::default())));
        for transaction in [&found.transactions[..]; 4].concat() {
            for (alike, advisor) in &mut advisors {
                let mut judgement = (*transaction.judgement).clone();
                let mut transaction = (*transaction).clone();
                shared += usize::from(judgement.recurs);
                if !*alike {
                    judgement.recurs = false;
                    transaction.judgement = Arc::new(judgement);
                }
                advisor.observe(&transaction);
            }
        }
        let [one, other] = advisors.map(|(_, advisor)| format!("{:#?}", advisor.finish()));
        assert_eq!(one, other, "{name}");
    }
    assert!(shared > 200, "{shared}");
}

const HEADING: &str = "\
# Advice

What corshark says beside the verdicts, rule by rule, and which of the [sample captures](../captures/README.md)
show it. `corshark explain L-4` tells more about one. Every rule is tried on traffic that triggers it and on the
nearest traffic that must not (`tests/lints.txt`).

| rule | severity | what it is about | captures |
| --- | --- | --- | --- |
";

const FIGURES: &str = "
## What it costs

Instructions of `corshark report --format ndjson` on the first 60,000 frames of a capture of API traffic (17,000
transactions, 18 endpoints), counted by callgrind: 496 million without advice, 562 million with it (`--advice`), so
advice adds 13 %. Verdicts are 0.8 % of such a run (`cors::verdict::judge`), 3.7 % with the look for one like it.
Transactions that are like one before at the same endpoint are only counted (`src/cors/advice/repeats.rs`); a test
compares that with looking at each.

## Which server snippets were run

Each with a preflight and the request behind it, with corshark as the judge: both have to pass, and another origin must
not be let in.

| run | with |
| --- | --- |
| nginx, Apache, Express, Fastify, NestJS, PHP, Django, FastAPI, Flask, Rails, Go, axum, Caddy | the servers and packages themselves |
| HAProxy | HAProxy 2.6.12: its own answer to the preflight, and an error page of the server behind it |
| Spring | spring-web 4.3.30 (`CorsFilter`) in Jetty 9.4; Spring Security was not run |
| Amazon S3 | an emulator, moto 5.2; it lets other origins in, so that part shows nothing |
| Laravel, ASP.NET Core, Traefik, Amazon API Gateway | **not run** |
";

/// The sample captures, by name.
fn analysed_captures() -> Vec<(String, Found)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures");
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_capture = |path: &PathBuf| path.extension().is_some_and(|name| name == "pcap");
    let found = paths.filter(is_capture).map(|path| {
        let found = analyse_file(&fs::read(&path).unwrap(), &Limits::default());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, found)
    });
    let mut captures: Vec<(String, Found)> = found.collect();
    captures.sort_by(|(one, _), (other, _)| one.cmp(other));
    captures
}

/// The names of the captures, and the rules that each triggers.
fn sample_captures() -> Vec<(String, BTreeSet<&'static str>)> {
    let captures = analysed_captures().into_iter();
    let ids = |found| advice_of(&found).iter().map(|advice| advice.id).collect();
    captures.map(|(name, found)| (name, ids(found))).collect()
}

#[test]
fn the_page_tells_which_captures_show_a_rule() {
    let captures = sample_captures();
    let mut page = HEADING.to_owned();
    for rule in RULES {
        let shown = captures.iter().filter(|(_, ids)| ids.contains(rule.id));
        let shown: Vec<&str> = shown.map(|(name, _)| name.as_str()).collect();
        let shown = if shown.is_empty() {
            "–".to_owned()
        } else {
            shown.join(", ")
        };
        let (id, severity, title) = (rule.id, rule.severity.name(), rule.title);
        let _ = writeln!(page, "| {id} | {severity} | {title} | {shown} |");
    }
    page += FIGURES;
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/advice.md");
    if std::env::var_os("CORSHARK_BLESS").is_some_and(|value| value == "1") {
        fs::write(path, page).unwrap();
        return;
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "CORSHARK_BLESS=1 writes docs/advice.md anew:\n{page}"
    );
}
