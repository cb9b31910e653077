//! A transaction that was forgotten → the same transaction, made again from the capture's frames.
//!
//! Of a large capture only rows are kept. What is wanted in full is analysed again: first from the
//! transaction's own first frame to its last, which takes no time. Where that does not give the same
//! transaction (its connection must be known from further back), from the capture's beginning. What
//! only the whole capture tells stands in the row: number, judgement, streams, redirects.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::analysis::{Analysis, Update};
use crate::capture::frame::FrameNumber;
use crate::capture::store::FrameStore;
use crate::capture::{CaptureError, Next};
use crate::cors::browser::Assumptions;
use crate::cors::transaction::{Half, Transaction, TransactionId};
use crate::http::exchange::Exchange;
use crate::limits::Limits;
use crate::session::{Names, Row};

/// What a capture is analysed with.
#[derive(Clone, Copy)]
pub struct Again<'a> {
    /// Its frames.
    pub store: &'a FrameStore,
    /// What it was judged under.
    pub assumptions: Assumptions,
    /// The bounds.
    pub limits: &'a Limits,
    /// Ends it early.
    pub stop: &'a AtomicBool,
}

/// Frames read after a transaction's last one: what ended its connection is not among its frames.
const AFTER: u64 = 4096;

impl Again<'_> {
    /// The transaction of a row; `None` where the frames do not show it any more.
    pub fn transaction(&self, row: &Row) -> Result<Option<Arc<Transaction>>, CaptureError> {
        let near = FrameNumber(row.last_frame.0.saturating_add(AFTER));
        let ends = [
            (row.first_frame, near),
            (FrameNumber(1), FrameNumber(u64::MAX)),
        ];
        for (from, to) in ends {
            let mut found = None;
            self.transactions(from, to, |transaction| {
                if is_the_same(row, &transaction) {
                    found = Some(transaction);
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
            if found.is_some() || self.stop.load(Ordering::Relaxed) {
                return Ok(found.map(|transaction| completed(transaction, row)));
            }
        }
        Ok(None)
    }

    /// The transactions of these rows, as they settle, until enough were taken: one pass over the capture.
    pub fn of_rows(
        &self,
        rows: &HashMap<TransactionId, Row>,
        mut take: impl FnMut(Arc<Transaction>) -> ControlFlow<()>,
    ) -> Result<(), CaptureError> {
        let last = rows.values().map(|row| row.last_frame.0).max();
        let last = FrameNumber(last.unwrap_or(0).saturating_add(AFTER));
        self.transactions(FrameNumber(1), last, |transaction| {
            // From the beginning on, the same frames give the same numbers.
            match rows.get(&transaction.id) {
                Some(row) if is_the_same(row, &transaction) => take(completed(transaction, row)),
                _ => ControlFlow::Continue(()),
            }
        })
    }

    /// Every transaction between two frames, as they settle, until enough were taken.
    pub fn transactions(
        &self,
        from: FrameNumber,
        to: FrameNumber,
        mut take: impl FnMut(Arc<Transaction>) -> ControlFlow<()>,
    ) -> Result<(), CaptureError> {
        let mut source = self.store.from(from)?;
        let mut analysis = Analysis::new(self.limits).assuming(self.assumptions);
        let mut hand_over = |analysis: &mut Analysis| {
            analysis
                .drain_updates()
                .try_for_each(|update| match update {
                    Update::Transaction(transaction) => take(transaction),
                    _ => ControlFlow::Continue(()),
                })
        };
        while !self.stop.load(Ordering::Relaxed) {
            // What damage there is was told when the capture was read for the first time.
            let frame = match source.next_frame() {
                Ok(Next::Frame(frame)) => frame,
                Ok(Next::Idle) => continue,
                Ok(Next::End) | Err(_) => break,
            };
            if frame.number > to {
                break;
            }
            analysis.push_frame(&frame);
            if hand_over(&mut analysis).is_break() {
                return Ok(());
            }
        }
        analysis.finish();
        let _ = hand_over(&mut analysis);
        Ok(())
    }
}

/// Whether a transaction made again is that of the row.
fn is_the_same(row: &Row, transaction: &Transaction) -> bool {
    let again = Row::of(transaction, &mut Names::default());
    row.first_frame == again.first_frame
        && row.last_frame == again.last_frame
        && row.method == again.method
        && row.authority == again.authority
        && row.path == again.path
        && row.origin == again.origin
        && (row.preflight, row.actual) == (again.preflight, again.actual)
        && row.outcomes == again.outcomes
}

/// With what only the whole capture tells.
fn completed(transaction: Arc<Transaction>, row: &Row) -> Arc<Transaction> {
    let mut transaction = Arc::unwrap_or_clone(transaction);
    transaction.id = row.id;
    transaction.judgement = Arc::clone(&row.judgement);
    (transaction.redirected_from, transaction.redirected_to) = row.redirects;
    transaction.chain_start.clone_from(&row.chain_start);
    let halves = [&mut transaction.preflight, &mut transaction.actual];
    for (half, stream) in halves.into_iter().zip(row.streams) {
        if let (Some(half), Some(stream)) = (half, stream) {
            set_stream(half, stream);
        }
    }
    Arc::new(transaction)
}

fn set_stream(half: &mut Half, stream: u64) {
    if let Some(exchange) = &mut half.exchange {
        let mut again = Exchange::clone(exchange);
        again.connection.stream = stream;
        *exchange = Arc::new(again);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::capture::Input;

    #[test]
    fn every_transaction_of_the_samples_is_made_again_as_it_was() {
        let limits = Limits::default();
        let stop = AtomicBool::new(false);
        let mut seen = 0;
        for file in std::fs::read_dir("captures").unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "pcap") {
                continue;
            }
            seen += read_again(&path, &limits, &stop);
        }
        assert!(seen > 30, "{seen} transactions");
    }

    fn read_again(path: &Path, limits: &Limits, stop: &AtomicBool) -> usize {
        let (_, store) = Input::File(path.to_owned()).open_stored(limits).unwrap();
        let again = Again {
            store: &store,
            assumptions: Assumptions::default(),
            limits,
            stop,
        };
        let mut all = Vec::new();
        let end = FrameNumber(u64::MAX);
        again
            .transactions(FrameNumber(1), end, |transaction| {
                all.push(transaction);
                ControlFlow::Continue(())
            })
            .unwrap();
        for transaction in &all {
            let row = Row::of(transaction, &mut Names::default());
            let made = again.transaction(&row).unwrap();
            let made = made.unwrap_or_else(|| panic!("{} #{}", path.display(), row.id));
            assert_eq!(
                format!("{:?}", without_numbers(transaction)),
                format!("{:?}", without_numbers(&made)),
                "{} #{}",
                path.display(),
                row.id
            );
        }
        all.len()
    }

    /// Exchanges are numbered from where the reading began.
    fn without_numbers(transaction: &Transaction) -> Transaction {
        let mut transaction = transaction.clone();
        for half in [&mut transaction.preflight, &mut transaction.actual] {
            let exchange = half.as_mut().and_then(|half| half.exchange.as_mut());
            if let Some(exchange) = exchange {
                let mut plain = Exchange::clone(exchange);
                plain.id = crate::http::exchange::ExchangeId(0);
                plain.connection.handshake = false;
                *exchange = Arc::new(plain);
            }
        }
        transaction
    }
}
