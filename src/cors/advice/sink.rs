//! Where rules put what they find: one finding a rule and endpoint, with counts.

use smallvec::SmallVec;

use crate::capture::frame::FrameNumber;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::transaction::TransactionId;
use crate::wire_text::wire_text;

/// Longer values are cut: a sentence should stay one.
const LONGEST_VALUE: usize = 100;

/// The exchange that a finding rests on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    /// The transaction, where the request had an Origin.
    pub(super) transaction: Option<TransactionId>,
    /// The first frame of the request and of its response.
    pub(super) frames: [Option<FrameNumber>; 2],
}

/// What a rule says of a case: a sentence, and the repair where it differs from the rule's own.
pub(super) struct Said {
    what: String,
    fix: Option<String>,
}

impl Said {
    pub(super) fn with_fix(what: String, fix: String) -> Self {
        Self {
            what,
            fix: Some(fix),
        }
    }
}

impl From<String> for Said {
    fn from(what: String) -> Self {
        Self { what, fix: None }
    }
}

impl From<&str> for Said {
    fn from(what: &str) -> Self {
        what.to_owned().into()
    }
}

/// A rule's finding about an endpoint.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    pub(super) what: String,
    pub(super) fix: String,
    pub(super) frames: SmallVec<[FrameNumber; 4]>,
    pub(super) transactions: SmallVec<[TransactionId; 2]>,
    pub(super) occurrences: u64,
}

impl Found {
    /// Rests on another exchange; `room` is for the frames and transactions that are listed.
    pub(super) fn rest_on(&mut self, evidence: Evidence, room: usize) {
        for frame in evidence.frames.into_iter().flatten() {
            if self.frames.len() < room && !self.frames.contains(&frame) {
                self.frames.push(frame);
            }
        }
        if let Some(id) = evidence.transaction
            && self.transactions.len() < room
            && !self.transactions.contains(&id)
        {
            self.transactions.push(id);
        }
    }
}

/// Takes the findings about one endpoint.
pub(super) struct Sink<'a> {
    found: &'a mut Vec<Found>,
    evidence: Evidence,
    /// Frames and transactions listed for one finding.
    room: usize,
}

impl<'a> Sink<'a> {
    pub(super) fn new(found: &'a mut Vec<Found>, evidence: Evidence, room: usize) -> Self {
        Self {
            found,
            evidence,
            room,
        }
    }

    /// The same, for what rests on another exchange.
    pub(super) fn about(&mut self, evidence: Evidence) -> Sink<'_> {
        Sink {
            found: self.found,
            evidence,
            room: self.room,
        }
    }

    /// Notes a case of a rule; the sentence is made for the first one, and the worst.
    pub(super) fn add<S: Into<Said>>(&mut self, rule: &'static Rule, say: impl FnOnce() -> S) {
        self.add_as(rule, rule.severity, say);
    }

    /// As [`Self::add`], with a severity of its own.
    pub(super) fn add_as<S: Into<Said>>(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        say: impl FnOnce() -> S,
    ) {
        let known = self
            .found
            .iter()
            .position(|found| found.rule.number == rule.number);
        let at = known.unwrap_or_else(|| {
            self.found.push(Found {
                rule,
                severity,
                what: String::new(),
                fix: String::new(),
                frames: SmallVec::new(),
                transactions: SmallVec::new(),
                occurrences: 0,
            });
            self.found.len() - 1
        });
        let Some(found) = self.found.get_mut(at) else {
            return;
        };
        found.occurrences += 1;
        if found.occurrences == 1 || severity > found.severity {
            let Said { what, fix } = say().into();
            found.severity = severity;
            found.what = what;
            found.fix = fix.unwrap_or_else(|| rule.fix.to_owned());
        }
        found.rest_on(self.evidence, self.room);
    }

    /// Rests the last finding of a rule on further exchanges.
    pub(super) fn rest_on(&mut self, rule: &'static Rule, evidence: &[Evidence], occurrences: u64) {
        let room = self.room;
        let mut same = self.found.iter_mut();
        let Some(found) = same.find(|found| found.rule.number == rule.number) else {
            return;
        };
        for evidence in evidence {
            found.rest_on(*evidence, room);
        }
        found.occurrences = found.occurrences.max(occurrences);
    }
}

/// Bytes of the traffic for a sentence: as text, and cut where long.
pub(super) fn text(value: &[u8]) -> String {
    let text = wire_text(
        value
            .get(..value.len().min(4 * LONGEST_VALUE))
            .unwrap_or(value),
    );
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// The first few of several values, joined; how many more there are.
pub(super) fn several<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> String {
    const SHOWN: usize = 5;
    let mut values = values.into_iter();
    let shown: Vec<String> = values.by_ref().take(SHOWN).map(text).collect();
    let more = values.count();
    let shown = shown.join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}
