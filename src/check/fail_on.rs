//! Which findings make a check fail.

use std::str::FromStr;

use crate::cors::advice::{Advice, Severity, rule};

/// Which findings count.
///
/// ```
/// use corshark::check::FailOn;
///
/// assert!("fail,conditional,lint:high".parse::<FailOn>().is_ok());
/// assert!("fail,lint:huge".parse::<FailOn>().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct FailOn {
    kinds: Vec<&'static str>,
    /// Advice that matters at least so much.
    severity: Option<Severity>,
    rules: Vec<&'static str>,
}

const KINDS: [&str; 3] = ["fail", "conditional", "unknown"];
const SEVERITIES: [Severity; 4] = [
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut wanted = Self::default();
        for word in text.split(',').map(str::trim) {
            if let Some(kind) = KINDS.into_iter().find(|kind| *kind == word) {
                wanted.kinds.push(kind);
            } else if let Some(lint) = word.strip_prefix("lint:") {
                let severity = SEVERITIES.into_iter().find(|one| one.name() == lint);
                match (severity, rule(lint)) {
                    (Some(severity), _) => {
                        let least = wanted.severity.map_or(severity, |old| old.min(severity));
                        wanted.severity = Some(least);
                    }
                    (None, Some(rule)) => wanted.rules.push(rule.id),
                    (None, None) => {
                        return Err(format!(
                            "{lint:?} is no advice: write lint:high, lint:medium, lint:low, lint:info or lint:L-4"
                        ));
                    }
                }
            } else if word != "none" {
                return Err(format!(
                    "{word:?} is none of fail, conditional, unknown, lint:…, none"
                ));
            }
        }
        Ok(wanted)
    }
}

impl FailOn {
    pub(super) fn has_kind(&self, kind: &str) -> bool {
        self.kinds.contains(&kind)
    }

    pub(super) fn has_advice(&self, advice: &Advice) -> bool {
        self.rules.contains(&advice.id)
            || self.severity.is_some_and(|least| advice.severity >= least)
    }
}
