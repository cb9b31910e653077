//! What is shown and what was asked for: the state of the screens.
//!
//! Knows no terminal, clock or thread: what the world outside must do is left in
//! [`App::take_effects`]. So tests drive it with keys and look at what is drawn.
//!
//! | file | what it does to the state |
//! | --- | --- |
//! | `input` | keys, pasted text, the mouse: who takes them |
//! | `update` | what each action does |
//! | `prompt` | lines that are typed: filter, search, command |
//! | `search` | the next place that holds a text |
//! | `again` | transactions that are not kept |

mod again;
mod input;
mod prompt;
mod search;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::capture::Progress;
use crate::capture::frame::FrameNumber;
use crate::cors::advice::Findings;
use crate::cors::transaction::{Transaction, TransactionId, TransactionNote};
use crate::filter::{Filter, Lints};
use crate::ladder::Colours;
use crate::limits::Limits;
use crate::session::{News, Row, Session, SourceKind, SourceState};
use crate::tui::filtering::Filtering;
use crate::tui::list::List;
use crate::tui::mouse::Hits;
use crate::tui::panes::PacketPanes;
use crate::tui::save::{SaveBox, SaveOrder};
use crate::tui::screen::Screen;
use crate::tui::texts::Texts;
use crate::tui::theme::Theme;

pub use prompt::{Fault, Prompt, PromptKind};

/// What the event loop is to do.
#[derive(Debug)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Give the terminal to the shell for a while.
    Suspend,
    /// Bring the advice up to date.
    Advise,
    /// Put a text into the clipboard.
    Copy(String),
    /// Write a file.
    Save(Box<SaveOrder>),
    /// Read the frames of a transaction again; all of its connections' or its own alone.
    Packets(Arc<Transaction>, bool),
    /// Make the transaction of a row again.
    Reread(Box<Row>),
    /// Find out which transactions up to this frame match the filter, by reading them again.
    Refilter(Box<(Filter, Lints)>, FrameNumber),
}

/// What lies over the screen.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys.
    Help {
        /// The first line that is shown.
        first: usize,
        /// How many are shown, as drawn last.
        page: usize,
    },
    /// A line to type into.
    Prompt(Box<Prompt>),
    /// What can be copied.
    Copy,
    /// What can be saved.
    Save(Box<SaveBox>),
}

/// Something to tell at the bottom of the screen.
#[derive(Debug, Clone)]
pub struct Message {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
}

/// How long a live capture may be silent before what that means is said.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

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
    /// What came of it is lost when the program ends.
    pub fleeting: bool,
    /// Rows that were there when something was saved last.
    saved: usize,
    /// How long it was read when the last transaction came; `None` where what that means was said.
    last: Option<Duration>,
}

/// Which header lines are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Headers {
    /// Those of the CORS protocol alone.
    Cors,
    /// Those that tell something about a verdict.
    #[default]
    Telling,
    /// Every one.
    All,
}

/// The sizes of a screen's panes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// One of them has the whole screen.
    pub zoomed: bool,
    /// Lines by which the lower ones are larger than by default; of the ladder's message, steps.
    pub grown: i32,
    /// The ladder's message is shown where it is not by default, or the other way round.
    pub turned: bool,
}

/// The state of the screens.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that one key turns"
)]
#[derive(Debug)]
pub struct App {
    /// The rows.
    pub list: List,
    /// The source.
    pub source: Source,
    /// The counters.
    pub session: Session,
    /// The advice so far.
    pub findings: Option<Arc<Findings>>,
    /// The colours.
    pub theme: Theme,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// The screen that is shown.
    pub screen: Screen,
    /// What lies over it.
    pub overlay: Overlay,
    /// What is told at the bottom.
    pub message: Option<Message>,
    /// The sizes of the panes, where they are not as by default.
    layouts: BTreeMap<Screen, Layout>,
    /// What was searched for.
    pub search: String,
    /// The filter.
    pub filtering: Filtering,
    /// Whether secrets are shown.
    pub secrets: bool,
    /// Which header lines are shown.
    pub headers: Headers,
    /// Whose configuration is shown.
    pub server: usize,
    /// Whether the ladder shows the selected transaction alone, though others are marked.
    pub alone: bool,
    /// What the ladder's colours tell apart.
    pub colours: Colours,
    /// The screen of packets.
    pub packets: PacketPanes,
    /// What can be clicked.
    pub hits: Hits,
    /// Transactions that were read again; those that cannot be have none.
    again: BTreeMap<TransactionId, Option<Arc<Transaction>>>,
    /// Rows of forgotten transactions that the filter must still be applied to.
    unfiltered: Vec<u32>,
    /// What came since the screen was frozen; `None` where it is not.
    pub held: Option<Vec<News>>,
    /// The texts of each screen, as they were drawn last.
    texts: BTreeMap<Screen, Texts>,
    /// The screens that were left by opening another.
    before: Vec<Screen>,
    /// Whether the last key was to quit, and something would be lost.
    asked_to_quit: bool,
    /// A search in the text that is drawn next.
    finding: Option<(bool, bool)>,
    /// Transactions that are being read again.
    asked: BTreeSet<TransactionId>,
    effects: Vec<Effect>,
}

impl App {
    /// The first screen of a session.
    #[must_use]
    pub fn new(name: String, kind: SourceKind, theme: Theme, ascii: bool) -> Self {
        let mut list = List::new(&Limits::default());
        list.follow = kind != SourceKind::File;
        Self {
            list,
            source: Source {
                name,
                kind,
                state: SourceState::default(),
                progress: Progress::default(),
                waited: Duration::ZERO,
                fleeting: false,
                saved: 0,
                last: None,
            },
            session: Session::default(),
            findings: None,
            theme,
            ascii,
            screen: Screen::List,
            overlay: Overlay::None,
            message: None,
            layouts: BTreeMap::new(),
            search: String::new(),
            filtering: Filtering::default(),
            secrets: false,
            headers: Headers::default(),
            server: 0,
            alone: false,
            colours: Colours::default(),
            packets: PacketPanes::default(),
            hits: Hits::default(),
            again: BTreeMap::new(),
            unfiltered: Vec::new(),
            held: None,
            texts: BTreeMap::new(),
            before: Vec::new(),
            asked_to_quit: false,
            finding: None,
            asked: BTreeSet::new(),
            effects: Vec::new(),
        }
    }

    /// Takes what is to be done outside.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

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
        self.list.add(news.transactions, |entry| {
            filtering.matches(entry).unwrap_or(true)
        });
        self.explain_missing_preflight();
    }

    /// Says why there is no preflight, to somebody who waits for one in vain.
    fn explain_missing_preflight(&mut self) {
        let source = &mut self.source;
        let waits = |last: Duration| source.waited.saturating_sub(last) >= PATIENCE;
        if source.kind != SourceKind::Live || !source.last.is_some_and(waits) {
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

    /// Goes on with what is done a piece at a time; whether there is more to do.
    pub fn go_on(&mut self) -> bool {
        if let Some(filtered) = self.filtering.go_on(self.list.entries()) {
            self.list.show(filtered.matching);
            self.unfiltered = filtered.forgotten;
            let last = self.unfiltered.iter().filter_map(|place| {
                let entry = self.list.entries().get(*place as usize)?;
                Some(entry.row.last_frame)
            });
            if let Some(last) = last.max() {
                let parts = Box::new(self.filtering.parts());
                self.effects.push(Effect::Refilter(parts, last));
            }
        }
        self.ask_again();
        if self.screen == Screen::Packets {
            // The first transaction may come after its screen, or another one take its place.
            self.ask_for_packets();
        }
        self.filtering.is_running()
    }

    /// The transactions that came since the screen was frozen.
    #[must_use]
    pub fn held_back(&self) -> usize {
        let held = self.held.iter().flatten();
        held.map(|news| news.transactions.len()).sum()
    }

    /// Whether the filter is still being applied.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        self.filtering.is_running() || !self.unfiltered.is_empty()
    }

    /// Tells something.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.message = Some(Message {
            text: text.into(),
            is_error: false,
        });
    }

    /// Tells that something went wrong.
    pub fn tell_error(&mut self, text: impl Into<String>) {
        self.message = Some(Message {
            text: text.into(),
            is_error: true,
        });
    }

    /// The texts of the screen; `None` before it was drawn.
    #[must_use]
    pub fn texts(&self) -> Option<&Texts> {
        self.texts.get(&self.screen)
    }

    /// The sizes of the screen's panes.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layouts.get(&self.screen).copied().unwrap_or_default()
    }

    fn texts_mut(&mut self) -> &mut Texts {
        self.texts.entry(self.screen).or_default()
    }
}
