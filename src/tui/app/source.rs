//! Where the session comes from, and what is new in it.

use std::time::Duration;

use crate::capture::Progress;
use crate::cors::transaction::TransactionNote;
use crate::filter::Lints;
use crate::session::{JoinedFile, News, SourceKind, SourceState};
use crate::tui::app::{App, Message};

/// How long a live capture may be silent before what that means is said.
pub(in crate::tui) const PATIENCE: Duration = Duration::from_secs(5);

/// Where the session comes from, and how far it is.
#[derive(Debug)]
pub struct Source {
    /// As its user named it.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// How far it is.
    pub state: SourceState,
    /// How much was read.
    pub progress: Progress,
    /// How long it was read.
    pub waited: Duration,
    /// The files that it was joined of, once they are read.
    pub parts: Vec<JoinedFile>,
    /// What came of it is lost when the program ends.
    pub fleeting: bool,
    /// Rows that were there when something was saved last.
    pub(super) saved: usize,
    /// How long it was read when the last transaction came; `None` where what that means was said.
    last: Option<Duration>,
}

impl Source {
    pub(super) fn new(name: String, kind: SourceKind) -> Self {
        Self {
            name,
            kind,
            state: SourceState::default(),
            progress: Progress::default(),
            waited: Duration::ZERO,
            parts: Vec::new(),
            fleeting: false,
            saved: 0,
            last: None,
        }
    }
}

impl App {
    /// Takes what is new in the session.
    pub fn on_news(&mut self, news: News) {
        if let Some(held) = &mut self.held {
            held.push(news);
            return;
        }
        if let SourceState::Failed(why) = &news.state
            && self.source.state != news.state
        {
            let text = format!("the capture ended early: {why}");
            self.message = Some(Message {
                text,
                is_error: true,
            });
        }
        self.source.state = news.state;
        self.source.progress = news.progress;
        self.source.waited = news.waited;
        if !news.transactions.is_empty() {
            self.source.last = Some(news.waited);
        }
        if !news.parts.is_empty() {
            self.source.parts = news.parts;
            if let Some(overlap) = self.source.parts.iter().find_map(JoinedFile::overlap) {
                self.tell_error(overlap);
            }
        }
        if let Some(text) = news.notice {
            let is_error = true;
            self.message = Some(Message { text, is_error });
        }
        self.session = news.session;
        if let Some(findings) = news.findings {
            self.filtering.set_lints(Lints::of(&findings));
            self.findings = Some(findings);
        }
        let filtering = &self.filtering;
        let forgotten = self.list.forgotten();
        self.list.add(news.transactions, |entry| {
            filtering.matches(entry).unwrap_or(true)
        });
        if self.list.forgotten() > forgotten && self.is_filtering() {
            // What was found so far are places that are others' now.
            self.end_refilter();
            self.filtering.restart();
        }
        self.explain_missing_preflight();
    }

    /// Says why there is no preflight, to somebody who waits for one in vain.
    fn explain_missing_preflight(&mut self) {
        let source = &mut self.source;
        let waits = |last: Duration| source.waited.saturating_sub(last) >= PATIENCE;
        if !source.kind.is_live() || !source.last.is_some_and(waits) {
            return;
        }
        source.last = None;
        let last = self.list.entries().last();
        let last = last.and_then(|entry| entry.transaction.as_ref());
        let mut notes = last.iter().flat_map(|last| &last.judgement.notes);
        let is_missing = |note: &TransactionNote| {
            use TransactionNote::{PreflightCached, PreflightNotSeen};
            matches!(note, PreflightCached(_) | PreflightNotSeen)
        };
        if notes.any(is_missing) && self.message.is_none() {
            let text = "the last request had no preflight: the browser remembers an earlier answer; \
                        restart it, or open a private window, to see one";
            self.message = Some(Message {
                text: text.to_owned(),
                is_error: false,
            });
        }
    }

    /// The transactions that came since the screen was frozen.
    #[must_use]
    pub fn held_back(&self) -> usize {
        let held = self.held.iter().flatten();
        held.map(|news| news.transactions.len()).sum()
    }

    /// Stops showing what is new, or goes on.
    pub(super) fn freeze(&mut self) {
        match self.held.take() {
            None => self.held = Some(Vec::new()),
            Some(held) => {
                for news in held {
                    self.on_news(news);
                }
            }
        }
    }
}
