//! The loop on a thread of its own: what it finds goes to a shared session.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use crate::analysis::{Analysis, Update};
use crate::capture::FrameSource;
use crate::capture::store::INTERVAL;
use crate::cors::advice::Advisor;
use crate::cors::transaction::{Transaction, TransactionId};
use crate::limits::Limits;
use crate::run::{Observer, Reading, run};
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
    let mut publisher = Publisher {
        shared,
        advisor: Advisor::new(limits),
        names: Names::default(),
        settled: Vec::new(),
        frames: 0,
        next_checkpoint: INTERVAL,
        begin: Instant::now(),
        shown_early: HashSet::new(),
    };
    let Ok(finished) = run(source, analysis, &mut publisher, shared.stopping());
    let state = match finished.damage {
        Some(damage) => SourceState::Failed(damage.to_string()),
        None => SourceState::Done,
    };
    let advisor = std::mem::replace(&mut publisher.advisor, Advisor::new(limits));
    let findings = Arc::new(advisor.finish());
    shared.publish(|news| news.findings = Some(findings));
    publisher.publish(source, &finished.session, state);
}

struct Publisher<'a> {
    shared: &'a SharedSession,
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

impl Observer for Publisher<'_> {
    type Error = Infallible;

    fn on_update(&mut self, update: Update) -> Result<(), Infallible> {
        match update {
            Update::Exchange(exchange) => self.advisor.observe_exchange(&exchange),
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

    fn on_progress(&mut self, reading: &Reading<'_>) -> Result<(), Infallible> {
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

impl Publisher<'_> {
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
