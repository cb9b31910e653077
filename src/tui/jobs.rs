//! Work beside the screen: each job on a thread of its own, its result fetched with the next picture.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::capture::frame::FrameNumber;
use crate::cors::transaction::{Transaction, TransactionId};
use crate::http::ConnectionInfo;
use crate::limits::Limits;
use crate::packets::{Packets, packets};
use crate::reread::Again;
use crate::session::{Names, Row, SharedSession};
use crate::tui::app::{RefilterOrder, Refiltered};
use crate::tui::outside::{Answer, Outside, Question};
use crate::tui::save::SaveOrder;

/// Transactions that are read again before what was found is told.
const BATCH: u32 = 4096;

/// What a job came to.
#[derive(Debug)]
pub enum Done {
    /// Frames were read: of this transaction, all of its connections' or its own.
    Packets(TransactionId, bool, Result<Packets, String>),
    /// A transaction was made again, or could not be.
    Again(TransactionId, Option<Arc<Transaction>>),
    /// Which of the forgotten transactions match the filter, so far.
    Refiltered(Refiltered),
    /// Something was answered outside.
    Answer(Answer),
    /// A file was written, or was not.
    Saved(Box<SaveOrder>, Result<String, String>),
}

/// The jobs under way.
pub struct Jobs {
    session: Arc<SharedSession>,
    outside: Option<Outside>,
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    /// Ends the reading of frames that are not wanted any more.
    stop: Arc<AtomicBool>,
    /// Ends the applying of a filter that is not wanted any more.
    stop_filter: Arc<AtomicBool>,
}

impl Jobs {
    /// None yet.
    #[must_use]
    pub fn new(session: Arc<SharedSession>, outside: Option<Outside>) -> Self {
        let (sender, receiver) = channel();
        Self {
            session,
            outside,
            sender,
            receiver,
            stop: Arc::default(),
            stop_filter: Arc::default(),
        }
    }

    /// Those that are done.
    pub fn done(&self) -> impl Iterator<Item = Done> {
        self.receiver.try_iter()
    }

    /// Asks outside.
    pub fn ask(&self, question: Question) {
        let sender = self.sender.clone();
        let outside = self.outside;
        thread::spawn(move || {
            let _ = sender.send(Done::Answer(question.ask(outside)));
        });
    }

    /// Writes a file.
    pub fn save(&self, order: Box<SaveOrder>) {
        let sender = self.sender.clone();
        let session = Arc::clone(&self.session);
        thread::spawn(move || {
            let (limits, stop) = (Limits::default(), AtomicBool::new(false));
            let (order, result) = order.carry_out(again(&session, &limits, &stop));
            // Nobody listens any more where the program is about to end.
            let _ = sender.send(Done::Saved(order, result));
        });
    }

    /// Makes the transaction of a row again.
    pub fn again(&self, row: Box<Row>) {
        let sender = self.sender.clone();
        let session = Arc::clone(&self.session);
        thread::spawn(move || {
            let (limits, stop) = (Limits::default(), AtomicBool::new(false));
            let made = again(&session, &limits, &stop).and_then(|a| a.transaction(&row).ok()?);
            let _ = sender.send(Done::Again(row.id, made));
        });
    }

    /// Reads transactions again, to find those that match a filter, and ends looking for those of the one before.
    pub fn refilter(&mut self, order: Option<Box<RefilterOrder>>) {
        self.stop_filter.store(true, Ordering::Relaxed);
        let Some(order) = order else {
            return;
        };
        self.stop_filter = Arc::default();
        let stop = Arc::clone(&self.stop_filter);
        let sender = self.sender.clone();
        let session = Arc::clone(&self.session);
        thread::spawn(move || {
            let limits = Limits::default();
            let mut matching = Vec::new();
            let run = order.run;
            if let Some(again) = again(&session, &limits, &stop) {
                let mut looked_at = 0;
                // What cannot be read again cannot match.
                let _ = again.transactions(FrameNumber(1), order.last, |transaction| {
                    if order.filter.matches(&transaction, &order.lints) {
                        matching.push(transaction.id);
                    }
                    looked_at += 1;
                    if looked_at % BATCH == 0 {
                        let _ = sender.send(Done::Refiltered(Refiltered {
                            run,
                            matching: std::mem::take(&mut matching),
                            reached: transaction.first_frame(),
                        }));
                    }
                    ControlFlow::Continue(())
                });
            }
            let _ = sender.send(Done::Refiltered(Refiltered {
                run,
                matching,
                reached: None,
            }));
        });
    }

    /// Reads the frames of a transaction again.
    pub fn packets(&mut self, transaction: &Transaction, all: bool) {
        self.stop.store(true, Ordering::Relaxed);
        self.stop = Arc::default();
        let stop = Arc::clone(&self.stop);
        let sender = self.sender.clone();
        let session = Arc::clone(&self.session);
        let id = transaction.id;
        let row = Row::of(transaction, &mut Names::default());
        let connections = connections(transaction);
        let (from, to) = if all {
            (FrameNumber(1), FrameNumber(u64::MAX))
        } else {
            (row.first_frame, row.last_frame)
        };
        thread::spawn(move || {
            let read = match &session.store {
                Some(store) => {
                    let limits = Limits::default();
                    let read = packets(store, &connections, from, to, &limits, &stop);
                    read.map_err(|error| error.to_string())
                }
                None => Err("this source cannot be read a second time".to_owned()),
            };
            if !stop.load(Ordering::Relaxed) {
                let _ = sender.send(Done::Packets(id, all, read));
            }
        });
    }
}

fn again<'a>(
    session: &'a SharedSession,
    limits: &'a Limits,
    stop: &'a AtomicBool,
) -> Option<Again<'a>> {
    Some(Again {
        store: session.store.as_ref()?,
        assumptions: session.assumptions,
        limits,
        stop,
    })
}

/// The connections of a transaction.
fn connections(transaction: &Transaction) -> Vec<ConnectionInfo> {
    let mut connections: Vec<ConnectionInfo> = Vec::new();
    for half in [&transaction.preflight, &transaction.actual] {
        let exchange = half.as_ref().and_then(|half| half.exchange.as_ref());
        let connection = exchange.map(|exchange| exchange.connection);
        let is_new = |c: &ConnectionInfo| connections.iter().all(|known| known.stream != c.stream);
        let new = connection.filter(is_new);
        connections.extend(new);
    }
    connections
}
