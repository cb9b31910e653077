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
//! | `source` | where the session comes from, and what is new in it |
//! | `outside` | where else to capture, and what the doctor says |
//! | `again` | transactions that are not kept |
//! | `refilter` | the filter over those |

mod again;
mod input;
mod outside;
mod prompt;
mod refilter;
mod search;
mod source;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cors::advice::Findings;
use crate::cors::transaction::{Transaction, TransactionId};
use crate::ladder::Colours;
use crate::limits::Limits;
use crate::session::{News, Row, Session, SourceKind};
use crate::tui::filtering::Filtering;
use crate::tui::list::List;
use crate::tui::mouse::Hits;
use crate::tui::outside::{Panel, Question};
use crate::tui::panes::PacketPanes;
use crate::tui::save::{SaveBox, SaveOrder};
use crate::tui::screen::Screen;
use crate::tui::texts::Texts;
use crate::tui::theme::Theme;

pub(super) use source::PATIENCE;

pub use prompt::{Fault, Prompt, PromptKind};
use refilter::Refilter;
pub use refilter::{RefilterOrder, Refiltered};
use search::Seek;
pub use source::Source;

/// What the event loop is to do.
#[derive(Debug)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Give the terminal to the shell for a while.
    Suspend,
    /// Bring the advice up to date.
    Advise,
    /// Ask outside.
    Ask(Question),
    /// End, and capture on this interface.
    Capture(String),
    /// Put a text into the clipboard.
    Copy(String),
    /// Write a file.
    Save(Box<SaveOrder>),
    /// Read the frames of a transaction again; all of its connections' or its own alone.
    Packets(Arc<Transaction>, bool),
    /// Make the transaction of a row again.
    Reread(Box<Row>),
    /// Find out which transactions match the filter, by reading them again; or end that.
    Refilter(Option<Box<RefilterOrder>>),
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
    /// What was asked outside.
    Outside(Box<Panel>),
}

/// Something to tell at the bottom of the screen.
#[derive(Debug, Clone)]
pub struct Message {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
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
    /// The filter that is applied to forgotten transactions.
    refilter: Refilter,
    /// A search among the rows that goes on.
    seeking: Option<Seek>,
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
        list.follow = kind.is_live();
        Self {
            list,
            source: Source::new(name, kind),
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
            refilter: Refilter::default(),
            seeking: None,
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

    /// Goes on with what is done a piece at a time; whether there is more to do.
    pub fn go_on(&mut self) -> bool {
        if let Some(filtered) = self.filtering.go_on(self.list.entries()) {
            self.list.show(filtered.matching);
            self.refilter(&filtered.forgotten);
        }
        let (is_sorting, is_seeking) = (self.list.go_on(), self.seek());
        self.ask_again();
        if self.screen == Screen::Packets {
            // The first transaction may come after its screen, or another one take its place.
            self.ask_for_packets();
        }
        self.filtering.is_running() || is_sorting || is_seeking
    }

    /// Whether the filter is still being applied.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        self.filtering.is_running() || self.list.is_sorting() || self.refiltered().is_some()
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
