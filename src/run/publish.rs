//! The loop on a thread of its own: what it finds goes to a shared session.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use crate::analysis::{Analysis, Update};
use crate::capture::FrameSource;
use crate::capture::store::INTERVAL;
use crate::cors::advice::Advisor;
use crate::cors::transaction::{Transaction, TransactionId};
use crate::limits::Limits;
use crate::run::{Finished, Observer, Reading, run};
use crate::session::{Names, Row, Session, SharedSession, SourceState};

/// Frames between two looks at the shared session: its lock is no matter then, and a screen that is
/// drawn thirty times a second sees no difference.
const FRAMES: u32 = 256;

/// Reads a source to its end, or until the session is stopped, and publishes what is found.
pub fn publish(
    source: &mut dyn FrameSource,
    analysis: Analysis,
    limits: &Limits,
    shared: &SharedSession,
) {
    let Ok(_) = publish_and_tell(source, analysis, limits, shared, &mut ());
}

/// The same, and tells another observer too: its failure ends the reading.
pub fn publish_and_tell<O: Observer<Error: Display>>(
    source: &mut dyn FrameSource,
    analysis: Analysis,
    limits: &Limits,
    shared: &SharedSession,
    other: &mut O,
) -> Result<Finished, O::Error> {
    let mut publisher = Publisher {
        shared,
        other,
        advisor: Advisor::new(limits),
        names: Names::default(),
        settled: Vec::new(),
        frames: 0,
        next_checkpoint: INTERVAL,
        begin: Instant::now(),
        shown_early: HashSet::new(),
    };
    let finished = run(source, analysis, &mut publisher, shared.stopping());
    let finished = finished.inspect_err(|error| {
        shared.publish(|news| news.state = SourceState::Failed(error.to_string()));
    })?;
    let state = match &finished.damage {
        Some(damage) => SourceState::Failed(damage.to_string()),
        None => SourceState::Done,
    };
    let advisor = std::mem::replace(&mut publisher.advisor, Advisor::new(limits));
    let findings = Arc::new(advisor.finish());
    let parts = source.parts().to_vec();
    shared.publish(|news| {
        news.findings = Some(findings);
        news.parts = parts;
    });
    publisher.publish(source, &finished.session, state);
    Ok(finished)
}

struct Publisher<'a, O> {
    shared: &'a SharedSession,
    other: &'a mut O,
    advisor: Advisor,
    names: Names,
    /// Not published yet.
    settled: Vec<(Row, Arc<Transaction>)>,
    /// Frames since the last publication.
    frames: u32,
    /// Frames after which the next place to read from again is noted.
    next_checkpoint: u64,
    begin: Instant,
    /// Transactions that were published before they settled.
    shown_early: HashSet<TransactionId>,
}

impl<O: Observer> Observer for Publisher<'_, O> {
    type Error = O::Error;

    fn on_update(&mut self, update: Update) -> Result<(), O::Error> {
        self.other.on_update(update.clone())?;
        match update {
            Update::Exchange(exchange) => self.advisor.observe_exchange(&exchange),
            Update::Connecting(told) => self.advisor.observe_connecting(&told),
            Update::Refusal(transaction) => {
                self.shown_early.insert(transaction.id);
                let row = Row::of(&transaction, &mut self.names);
                self.settled.push((row, transaction));
            }
            Update::Transaction(transaction) => {
                self.advisor.observe(&transaction);
                if self.shown_early.remove(&transaction.id) && transaction.actual.is_none() {
                    return Ok(());
                }
                let row = Row::of(&transaction, &mut self.names);
                self.settled.push((row, transaction));
            }
        }
        Ok(())
    }

    fn on_progress(&mut self, reading: &Reading<'_>) -> Result<(), O::Error> {
        self.other.on_progress(reading)?;
        self.frames += 1;
        if self.frames < FRAMES && !reading.is_idle {
            return Ok(());
        }
        self.frames = 0;
        let session = Session {
            stats: reading.analysis.stats(),
            drops: reading.source.progress().dropped.unwrap_or_default(),
            ..reading.session.clone()
        };
        self.publish(reading.source, &session, SourceState::Reading);
        let frames = session.stats.frames.frames;
        if let Some(store) = &self.shared.store
            && frames >= self.next_checkpoint
            && let Some(checkpoint) = reading.source.checkpoint()
        {
            store.note(checkpoint);
            self.next_checkpoint = frames + INTERVAL;
        }
        if self.shared.is_advice_wanted() {
            let findings = Arc::new(self.advisor.clone().finish());
            self.shared.publish(|news| news.findings = Some(findings));
        }
        Ok(())
    }
}

impl<O> Publisher<'_, O> {
    fn publish(&mut self, source: &dyn FrameSource, session: &Session, state: SourceState) {
        let settled = &mut self.settled;
        let waited = self.begin.elapsed();
        self.shared.publish(|news| {
            news.transactions.append(settled);
            news.session.clone_from(session);
            news.progress = source.progress();
            news.state = state;
            news.waited = waited;
        });
    }
}
