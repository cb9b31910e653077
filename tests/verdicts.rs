//! What browsers decide, rule by rule: `verdicts/*.txt` are tables of what is on the wire and what
//! comes of it (`support/table.rs` says how to read them). The outcomes are those of Chromium and
//! Firefox where these were at hand, else the Fetch standard's.
//!
//! A transaction is `-> VERDICT pa CODE, notes`: `p` has a preflight, `a` an actual request, `<` comes
//! from a redirect. What follows `unless` would fail it with credentials.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use corshark::cors::transaction::{Transaction, Verdict};
use support::analyse;
use support::table::{cases, lay};

/// The verdicts on these exchanges.
fn verdicts(exchanges: &[&str]) -> Vec<String> {
    let mut transactions = analyse(&lay(exchanges)).transactions;
    transactions.sort_by_key(|transaction| transaction.id);
    transactions
        .iter()
        .map(|transaction| line(transaction))
        .collect()
}

fn line(transaction: &Transaction) -> String {
    let judgement = &transaction.judgement;
    let mut text = judgement.verdict.name().to_owned() + " ";
    for (there, letter) in [
        (transaction.redirected_from.is_some(), '<'),
        (transaction.preflight.is_some(), 'p'),
        (transaction.actual.is_some(), 'a'),
    ] {
        if there {
            text.push(letter);
        }
    }
    match judgement.verdict {
        Verdict::Fail(error) => text.extend([" ", error.name()]),
        Verdict::Unknown(why) => text.extend([" ", why.name()]),
        _ => {}
    }
    if let Some(condition) = judgement.condition {
        text.extend([" unless ", condition.error.name()]);
    }
    for note in &judgement.notes {
        let note = note.to_string();
        if !note.starts_with("also-wrong") {
            text.extend([", ", note.split(':').next().unwrap()]);
        }
    }
    text
}

/// Checks the cases of a table, and tells of all that are wrong.
fn check(table: &str) {
    let mut wrong = Vec::new();
    for case in cases(table) {
        let found = verdicts(&case.exchanges);
        if found != case.expected {
            wrong.push(format!(
                "{:#?}\n  {found:?}, not\n  {:?}",
                case.exchanges, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn classification() {
    check(include_str!("verdicts/classification.txt"));
}

#[test]
fn host_spellings() {
    check(include_str!("verdicts/host_spellings.txt"));
}

#[test]
fn credentials() {
    check(include_str!("verdicts/credentials.txt"));
}

#[test]
fn redirects() {
    check(include_str!("verdicts/redirects.txt"));
}

#[test]
fn pairing() {
    check(include_str!("verdicts/pairing.txt"));
}

#[test]
fn preflight() {
    check(include_str!("verdicts/preflight.txt"));
}

#[test]
fn preflight_cache() {
    check(include_str!("verdicts/preflight_cache.txt"));
}

#[test]
fn stored_responses() {
    check(include_str!("verdicts/stored_responses.txt"));
}

#[test]
fn responses() {
    check(include_str!("verdicts/responses.txt"));
}

/// A browser sends a request again at once where its connection turns out to be dead. A reset counts
/// only once nothing from before it can be shown late, and then belongs where it was.
#[test]
fn a_reset_belongs_before_the_repetition_that_follows_it() {
    let exchanges = [
        "@0 GET /x => reset",
        "@1 GET /x => 200 | ACAO: *",
        "@80 GET /y => 200 | ACAO: *",
    ];
    let pass = "pass a unless WildcardOriginNotAllowed";
    assert_eq!(verdicts(&exchanges), [&format!("{pass}, retried"), pass]);
}
