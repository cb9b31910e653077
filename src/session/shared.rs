//! A session that one thread fills and another one shows.
//!
//! The filling side publishes what is new; the showing side takes it. The lock is held for that
//! hand-over alone, so capturing never waits for drawing, and drawing holds no lock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::capture::Progress;
use crate::capture::store::FrameStore;
use crate::cors::advice::Findings;
use crate::cors::browser::Assumptions;
use crate::cors::transaction::Transaction;
use crate::session::{JoinedFile, Row, Session};

/// What kind of source a session comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A saved capture.
    File,
    /// A pipe, or a file that grows.
    Stream,
    /// An interface.
    Live,
}

impl SourceKind {
    /// Whether frames are still being captured while it is read.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Stream | Self::Live)
    }
}

/// How far the source is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SourceState {
    /// Frames are still coming.
    #[default]
    Reading,
    /// It is over.
    Done,
    /// It ended early, for this reason; all before it is there.
    Failed(String),
}

/// What is new.
#[derive(Debug, Default)]
pub struct News {
    /// Transactions settled since, each with its row.
    pub transactions: Vec<(Row, Arc<Transaction>)>,
    /// The counters so far.
    pub session: Session,
    /// How much was read.
    pub progress: Progress,
    /// How far the source is.
    pub state: SourceState,
    /// How long it was read.
    pub waited: Duration,
    /// What happened to the capture last.
    pub notice: Option<String>,
    /// The recording ended before the capture.
    pub recording_failed: bool,
    /// The files that the capture was joined of, once they are read.
    pub parts: Vec<JoinedFile>,
    /// The advice on all that was read, where there is newer one.
    pub findings: Option<Arc<Findings>>,
}

/// A session shared by two threads.
#[derive(Debug)]
pub struct SharedSession {
    /// The source, as its user named it.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// Where its frames can be read again.
    pub store: Option<FrameStore>,
    /// What it is judged under.
    pub assumptions: Assumptions,
    /// Its frames are lost when the program ends: nobody records them, and they come but once.
    pub fleeting: bool,
    news: Mutex<(u64, News)>,
    stop: AtomicBool,
    wants_advice: AtomicBool,
}

impl SharedSession {
    /// An empty one.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SourceKind) -> Self {
        Self {
            name: name.into(),
            kind,
            store: None,
            assumptions: Assumptions::default(),
            fleeting: false,
            news: Mutex::default(),
            stop: AtomicBool::new(false),
            wants_advice: AtomicBool::new(false),
        }
    }

    /// With a place where its frames can be read again, to be judged under the same assumptions.
    #[must_use]
    pub fn with_store(mut self, store: Option<FrameStore>, assumptions: Assumptions) -> Self {
        self.store = store;
        self.assumptions = assumptions;
        self
    }

    /// As one whose frames are lost when the program ends.
    #[must_use]
    pub fn fleeting(mut self, fleeting: bool) -> Self {
        self.fleeting = fleeting;
        self
    }

    /// Adds to what is new.
    pub fn publish(&self, change: impl FnOnce(&mut News)) {
        let mut news = self.lock();
        change(&mut news.1);
        news.0 += 1;
    }

    /// Takes what is new since the last call; `None` where nothing is.
    pub fn take(&self) -> Option<News> {
        let mut news = self.lock();
        if news.0 == 0 {
            return None;
        }
        news.0 = 0;
        let next = News {
            session: news.1.session.clone(),
            progress: news.1.progress,
            state: news.1.state.clone(),
            waited: news.1.waited,
            recording_failed: news.1.recording_failed,
            ..News::default()
        };
        Some(std::mem::replace(&mut news.1, next))
    }

    /// Ends reading or capturing: the filling side looks at this between frames.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// The flag behind [`stop`](Self::stop).
    #[must_use]
    pub fn stopping(&self) -> &AtomicBool {
        &self.stop
    }

    /// Asks for advice on what was read so far.
    pub fn ask_for_advice(&self) {
        self.wants_advice.store(true, Ordering::Relaxed);
    }

    /// Whether advice was asked for since the last call.
    pub fn is_advice_wanted(&self) -> bool {
        self.wants_advice.swap(false, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, (u64, News)> {
        // What a panicking thread left is still whole: every change is one assignment or push.
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
