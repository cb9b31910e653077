//! What explains a verdict in detail: the checks, the browsers' own words, the preflight's triggers.

use serde::Serialize;

use crate::cors::console::{ConsoleLines, console_lines};
use crate::cors::trace::Check;
use crate::cors::transaction::Transaction;
use crate::cors::trigger::{Trigger, preflight_triggers};
#[cfg(test)]
use crate::report::record::schema;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Explanation"))]
pub(super) struct Explanation {
    /// The checks in the order in which the browser makes them.
    trace: Vec<CheckRecord>,
    /// What each browser prints.
    console: Console,
    /// Why there had to be a preflight.
    preflight_triggers: Vec<TriggerRecord>,
    /// What shows whether credentials were included, or hints at it.
    credentials: String,
}

/// One check of the algorithm.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Check"))]
struct CheckRecord {
    /// Which request it is a check of.
    #[cfg_attr(test, schemars(schema_with = "schema::request"))]
    request: &'static str,
    /// What is checked.
    check: &'static str,
    /// The bytes that it looked at.
    looked_at: String,
    /// What came of it.
    #[cfg_attr(test, schemars(schema_with = "schema::check_result"))]
    result: &'static str,
    /// The part of the Fetch standard.
    section: &'static str,
}

/// What each browser prints for a failure.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Console"))]
struct Console {
    /// Null where it prints nothing.
    chromium: Option<String>,
    /// Null where it prints nothing.
    firefox: Option<String>,
    /// Null where it prints nothing.
    safari: Option<String>,
}

/// Why a request needed a preflight.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Trigger"))]
struct TriggerRecord {
    /// What needs a preflight.
    trigger: String,
    /// How to do without.
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
            credentials: transaction.credentials_evidence(),
        }
    }
}
