//! Each rule of the advice on traffic from the wire: what triggers it, and the nearest traffic that
//! must not (`lints.txt`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::collections::BTreeSet;

use corshark::cors::advice::{Advice, Advisor, RULES};
use corshark::limits::Limits;
use support::table::{cases, lay};
use support::{Found, analyse};

fn advice_of(found: &Found) -> Vec<Advice> {
    let mut advisor = Advisor::new(&Limits::default());
    for exchange in &found.exchanges {
        advisor.observe_exchange(exchange);
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
