//! What explains a verdict in detail: the checks, the browsers' own words, the preflight's triggers.

use serde::Serialize;

use crate::cors::console::{ConsoleLines, console_lines};
use crate::cors::trace::Check;
use crate::cors::transaction::Transaction;
use crate::cors::trigger::{Trigger, preflight_triggers};

#[derive(Debug, Serialize)]
pub(super) struct Explanation {
    trace: Vec<CheckRecord>,
    console: Console,
    preflight_triggers: Vec<TriggerRecord>,
}

/// One check of the algorithm.
#[derive(Debug, Serialize)]
struct CheckRecord {
    request: &'static str,
    check: &'static str,
    looked_at: String,
    result: &'static str,
    section: &'static str,
}

/// What each browser prints for a failure.
#[derive(Debug, Serialize)]
struct Console {
    chromium: Option<String>,
    firefox: Option<String>,
    safari: Option<String>,
}

/// Why a request needed a preflight.
#[derive(Debug, Serialize)]
struct TriggerRecord {
    trigger: String,
    avoid: &'static str,
}

impl Explanation {
    pub(super) fn of(transaction: &Transaction) -> Self {
        let ConsoleLines {
            chromium,
            firefox,
            safari,
        } = console_lines(transaction);
        let check = |check: Check| CheckRecord {
            request: if check.in_preflight {
                "preflight"
            } else {
                "actual"
            },
            check: check.what,
            looked_at: check.looked_at,
            result: check.outcome.name(),
            section: check.section,
        };
        let trigger = |trigger: &Trigger<'_>| TriggerRecord {
            trigger: trigger.to_string(),
            avoid: trigger.avoid(),
        };
        Self {
            trace: transaction.trace().into_iter().map(check).collect(),
            console: Console {
                chromium,
                firefox,
                safari,
            },
            preflight_triggers: preflight_triggers(transaction)
                .iter()
                .map(trigger)
                .collect(),
        }
    }
}
