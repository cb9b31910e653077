//! What is shown and what was asked for: the state of the screens, and what each key does to it.
//!
//! Knows no terminal, clock or thread: what the world outside must do is left in
//! [`App::take_effects`]. So tests drive it with keys and look at what is drawn.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::capture::Progress;
use crate::capture::frame::FrameNumber;
use crate::cors::advice::Findings;
use crate::cors::transaction::{Transaction, TransactionId, TransactionNote};
use crate::filter::{Filter, Lints};
use crate::limits::Limits;
use crate::session::{News, Row, Session, SourceKind, SourceState};
use crate::tui::copy::CopyKind;
use crate::tui::doc::Doc;
use crate::tui::filtering::{Filtering, completed, without_half_key};
use crate::tui::keys::{self, Action};
use crate::tui::list::{Column, Entry, List};
use crate::tui::mouse::{Hit, Hits};
use crate::tui::panes::PacketPanes;
use crate::tui::save::{SaveBox, SaveOrder};
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;

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

/// What a prompt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// Text to search for.
    Search,
    /// A command.
    Command,
    /// A filter.
    Filter,
}

impl PromptKind {
    /// What stands before the typed text.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Search => "/",
            Self::Command => ":",
            Self::Filter => "filter: ",
        }
    }
}

/// A line that is being typed.
#[derive(Debug)]
pub struct Prompt {
    /// What it is for.
    pub kind: PromptKind,
    /// What is typed.
    pub input: Input,
    /// What was there before, to go back to.
    before: String,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Words that it may go on with.
    pub words: Vec<String>,
}

/// What is wrong with a filter.
#[derive(Debug)]
pub struct Fault {
    /// Signs to put below the wrong part.
    pub carets: String,
    /// What is wrong.
    pub message: String,
}

/// What lies over the screen.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys, from this line on.
    Help(usize),
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
    /// How long it was read when the last transaction came; `None` where what that means was said.
    last: Option<Duration>,
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
    /// Whether the list has the whole screen.
    pub zoomed: bool,
    /// Lines by which the panel below the list is larger than by default.
    pub panel: isize,
    /// What was searched for.
    pub search: String,
    /// The filter.
    pub filtering: Filtering,
    /// Whether secrets are shown.
    pub secrets: bool,
    /// Whether all header lines are shown.
    pub expanded: bool,
    /// Whose configuration is shown.
    pub server: usize,
    /// Whether the ladder shows the selected transaction alone, though others are marked.
    pub alone: bool,
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
    /// The first line of each screen's text that is shown.
    scroll: BTreeMap<Screen, usize>,
    /// The text of the screen, and the lines of it that fit.
    doc: (Doc, usize),
    /// The screens that were left by opening another.
    before: Vec<Screen>,
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
        list.follow = kind == SourceKind::Live;
        Self {
            list,
            source: Source {
                name,
                kind,
                state: SourceState::default(),
                progress: Progress::default(),
                waited: Duration::ZERO,
                last: None,
            },
            session: Session::default(),
            findings: None,
            theme,
            ascii,
            screen: Screen::List,
            overlay: Overlay::None,
            message: None,
            zoomed: false,
            panel: 0,
            search: String::new(),
            filtering: Filtering::default(),
            secrets: false,
            expanded: false,
            server: 0,
            alone: false,
            packets: PacketPanes::default(),
            hits: Hits::default(),
            again: BTreeMap::new(),
            unfiltered: Vec::new(),
            held: None,
            scroll: BTreeMap::new(),
            doc: (Doc::default(), 0),
            before: Vec::new(),
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

    /// The selected transaction, as far as it is at hand.
    #[must_use]
    pub fn transaction(&self) -> Option<&Arc<Transaction>> {
        self.list.selected().and_then(|entry| self.in_full(entry))
    }

    /// The transaction of a row, as far as it is at hand.
    #[must_use]
    pub fn in_full<'a>(&'a self, entry: &'a Entry) -> Option<&'a Arc<Transaction>> {
        let again = || self.again.get(&entry.row.id).and_then(Option::as_ref);
        entry.transaction.as_ref().or_else(again)
    }

    /// Whether the transaction of a row is gone for good.
    #[must_use]
    pub fn is_gone(&self, entry: &Entry) -> bool {
        matches!(self.again.get(&entry.row.id), Some(None))
    }

    /// The rows that the screen shows in full.
    fn wanted(&self) -> Vec<&Entry> {
        let mut wanted: Vec<&Entry> = self.list.selected().into_iter().collect();
        if matches!(self.screen, Screen::Ladder | Screen::Compare) {
            wanted.extend(self.list.marked().into_iter().take(AGAIN / 2));
        }
        wanted
    }

    /// Asks for those of them that are not at hand.
    fn ask_again(&mut self) {
        let is_missing = |entry: &&Entry| {
            entry.transaction.is_none()
                && !self.again.contains_key(&entry.row.id)
                && !self.asked.contains(&entry.row.id)
        };
        let missing = self.wanted().into_iter().filter(is_missing);
        let missing: Vec<Row> = missing.map(|entry| entry.row.clone()).collect();
        for row in missing {
            self.asked.insert(row.id);
            self.effects.push(Effect::Reread(Box::new(row)));
        }
    }

    /// Takes a transaction that was made again; `None` where it could not be.
    pub fn on_again(&mut self, id: TransactionId, transaction: Option<Arc<Transaction>>) {
        self.asked.remove(&id);
        if self.again.len() >= AGAIN {
            let wanted: Vec<TransactionId> = self.wanted().iter().map(|e| e.row.id).collect();
            self.again.retain(|id, _| wanted.contains(id));
        }
        self.again.insert(id, transaction);
    }

    /// Takes which of the forgotten transactions match the filter.
    pub fn on_refiltered(&mut self, matching: &HashSet<TransactionId>) {
        let entries = self.list.entries();
        let is_matching = |place: &u32| {
            let entry = entries.get(*place as usize);
            entry.is_some_and(|entry| matching.contains(&entry.row.id))
        };
        let unfiltered = std::mem::take(&mut self.unfiltered);
        let found = unfiltered.into_iter().filter(is_matching).collect();
        self.list.show_too(found);
    }

    /// Whether the filter is still being applied.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        self.filtering.is_running() || !self.unfiltered.is_empty()
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: KeyEvent) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        if key.modifiers.contains(KeyModifiers::ALT) {
            // Esc and a key that follow each other quickly look like this on a terminal.
            self.on_key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
            let modifiers = key.modifiers.difference(KeyModifiers::ALT);
            self.on_key(KeyEvent::new(key.code, modifiers));
            return;
        }
        self.message = None;
        if is_control(key, 'c') && !matches!(self.overlay, Overlay::Prompt(_)) {
            self.update(Action::QuitNow);
            return;
        }
        match std::mem::take(&mut self.overlay) {
            Overlay::None => {
                if let Some(action) = keys::action(self.screen, key) {
                    self.update(action);
                }
            }
            Overlay::Help(first) => match key.code {
                KeyCode::Up | KeyCode::PageUp => {
                    self.overlay = Overlay::Help(first.saturating_sub(1));
                }
                KeyCode::Down | KeyCode::PageDown => self.overlay = Overlay::Help(first + 1),
                // Any other key closes it.
                _ => {}
            },
            Overlay::Prompt(prompt) => self.on_prompt_key(prompt, key),
            Overlay::Copy => self.on_copy_key(key),
            Overlay::Save(form) => self.on_save_key(form, key),
        }
    }

    /// Takes pasted text.
    pub fn on_paste(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        for c in line.chars().filter(|c| !c.is_control()) {
            let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            match &self.overlay {
                Overlay::Prompt(_) | Overlay::Save(_) => self.on_key(key),
                _ => {}
            }
        }
    }

    fn on_prompt_key(&mut self, mut prompt: Box<Prompt>, key: KeyEvent) {
        let leaves = key.code == KeyCode::Esc
            || is_control(key, 'c')
            || key.code == KeyCode::Backspace && prompt.input.value().is_empty();
        if leaves {
            if prompt.kind == PromptKind::Filter {
                self.set_filter(&prompt.before);
            }
            return;
        }
        match (key.code, prompt.kind) {
            (KeyCode::Enter, PromptKind::Search) => {
                prompt.input.value().clone_into(&mut self.search);
                self.find(true, false);
                return;
            }
            (KeyCode::Enter, PromptKind::Command) => {
                self.command(prompt.input.value().trim());
                return;
            }
            (KeyCode::Enter, PromptKind::Filter) => {
                prompt.words.clear();
                prompt.fault = self.try_filter(prompt.input.value()).err();
                if prompt.fault.is_none() {
                    return;
                }
            }
            (KeyCode::Tab, PromptKind::Filter) => {
                let value = prompt.input.value();
                let cursor = value.chars().take(prompt.input.cursor());
                let cursor = cursor.map(char::len_utf8).sum();
                let (text, cursor, words) = completed(value, cursor);
                let characters = text.get(..cursor).map_or(0, |text| text.chars().count());
                prompt.input = Input::new(text).with_cursor(characters);
                prompt.fault = match words.len() {
                    0 | 1 => self.try_filter(prompt.input.value()).err(),
                    _ => None,
                };
                prompt.words = if words.len() > 1 { words } else { Vec::new() };
            }
            (KeyCode::Tab, PromptKind::Command) => {
                let value = prompt.input.value();
                let fitting = COMMANDS.iter().filter(|name| name.starts_with(value));
                let fitting: Vec<&str> = fitting.copied().collect();
                match fitting.as_slice() {
                    [one] => prompt.input = Input::new(format!("{one} ")),
                    several => prompt.words = several.iter().map(ToString::to_string).collect(),
                }
            }
            _ => {
                prompt.input.handle_event(&Event::Key(key));
                prompt.words.clear();
                if prompt.kind == PromptKind::Filter {
                    let typed = without_half_key(prompt.input.value());
                    prompt.fault = self.try_filter(typed).err();
                }
            }
        }
        self.overlay = Overlay::Prompt(prompt);
    }

    /// Filters by what is typed; where that cannot be read, the old result stays.
    fn try_filter(&mut self, text: &str) -> Result<(), Fault> {
        let filter = Filter::parse(text).map_err(|error| Fault {
            carets: error.carets(text),
            message: error.to_string(),
        })?;
        self.filtering.set(text, filter);
        Ok(())
    }

    /// Filters; a text that is no filter is an error to tell.
    pub fn set_filter(&mut self, text: &str) {
        if let Err(fault) = self.try_filter(text) {
            self.tell_error(fault.message);
        }
    }

    fn on_copy_key(&mut self, key: KeyEvent) {
        let kind = CopyKind::ALL
            .into_iter()
            .find(|kind| key.code == KeyCode::Char(kind.key()));
        let (Some(kind), Some(transaction)) = (kind, self.transaction()) else {
            return;
        };
        match kind.text(transaction, self.secrets) {
            Ok(text) => {
                let lines = text.lines().count();
                let hidden = kind == CopyKind::Curl && !self.secrets && text.contains('•');
                let note = if hidden {
                    ", secrets hidden (x shows them)"
                } else {
                    ""
                };
                self.effects.push(Effect::Copy(text));
                self.tell(format!("copied: {} ({lines} lines{note})", kind.name()));
            }
            Err(why) => self.tell_error(format!("nothing to copy: {why}")),
        }
    }

    fn on_save_key(&mut self, mut form: Box<SaveBox>, key: KeyEvent) {
        if key.code == KeyCode::Esc {
            return;
        }
        if form.on_key(key) {
            match form.order(self) {
                Ok(order) => self.effects.push(Effect::Save(Box::new(order))),
                Err(why) => {
                    self.tell_error(why);
                    self.overlay = Overlay::Save(form);
                }
            }
            return;
        }
        self.overlay = Overlay::Save(form);
    }

    /// A file was written, or was not; where it exists already, asks whether to replace it.
    pub fn on_saved(&mut self, order: SaveOrder, result: Result<String, String>) {
        match result {
            Ok(text) => self.tell(text),
            Err(_) if order.exists() => {
                self.overlay = Overlay::Save(Box::new(order.form.asking()));
            }
            Err(why) => self.tell_error(why),
        }
    }

    /// Takes a click or a turn of the wheel.
    pub fn on_mouse(&mut self, mouse: MouseEvent) {
        const WHEEL: isize = 3;
        match mouse.kind {
            MouseEventKind::ScrollUp => self.wheel(-WHEEL),
            MouseEventKind::ScrollDown => self.wheel(WHEEL),
            MouseEventKind::Down(MouseButton::Left) => {
                self.message = None;
                if matches!(self.overlay, Overlay::Help(_) | Overlay::Copy) {
                    self.overlay = Overlay::None;
                    return;
                }
                if !matches!(self.overlay, Overlay::None) {
                    return;
                }
                match self.hits.at(mouse.column, mouse.row) {
                    Some(Hit::Row(place)) if place == self.list.cursor() => self.open(),
                    Some(Hit::Row(place)) => {
                        self.list.move_to(place);
                        self.list.follow = false;
                    }
                    Some(Hit::Column(column)) => {
                        let (sorted, reversed) = self.list.sorted_by();
                        self.list.sort_by(column, column == sorted && !reversed);
                    }
                    Some(Hit::Packet(place)) => self.packets.select(place),
                    Some(Hit::Key(action)) => self.update(action),
                    None => {}
                }
            }
            _ => {}
        }
    }

    fn wheel(&mut self, by: isize) {
        match (&self.overlay, self.screen) {
            (Overlay::None, Screen::List) => {
                self.list.scroll_by(by);
                self.list.follow = false;
            }
            (Overlay::None, _) => self.move_by(by),
            _ => {}
        }
    }

    /// Does what was asked for.
    pub fn update(&mut self, action: Action) {
        match action {
            Action::Up => self.move_by(-1),
            Action::Down => self.move_by(1),
            Action::PageUp => self.move_by(-self.page()),
            Action::PageDown => self.move_by(self.page()),
            Action::HalfUp => self.move_by(-(self.page() + 1) / 2),
            Action::HalfDown => self.move_by((self.page() + 1) / 2),
            Action::Top => self.move_by(isize::MIN),
            Action::Bottom => self.move_by(isize::MAX),
            Action::Open => self.open(),
            Action::Quit if self.screen == Screen::List => self.effects.push(Effect::Quit),
            Action::QuitNow => self.effects.push(Effect::Quit),
            Action::Back | Action::Quit => self.back(),
            Action::Show(screen) => self.show(screen),
            Action::Help => self.overlay = Overlay::Help(0),
            Action::Filter => self.prompt(PromptKind::Filter),
            Action::Search => self.prompt(PromptKind::Search),
            Action::Command => self.prompt(PromptKind::Command),
            Action::FindNext => self.find(true, true),
            Action::FindPrevious => self.find(false, true),
            Action::Follow => self.follow(!self.list.follow),
            Action::Freeze => self.freeze(),
            Action::Sort => self.sort(),
            Action::Reverse => {
                let (column, reversed) = self.list.sorted_by();
                self.list.sort_by(column, !reversed);
            }
            Action::Mark => self.mark(),
            Action::Unmark => self.list.unmark(),
            Action::Copy => {
                if self.list.selected().is_some() {
                    self.overlay = Overlay::Copy;
                }
            }
            Action::Save => {
                let form = SaveBox::new(&self.source.name, self.list.marks() > 0);
                self.overlay = Overlay::Save(Box::new(form));
            }
            Action::Secrets => {
                self.secrets = !self.secrets;
                self.tell(if self.secrets {
                    "secrets are shown"
                } else {
                    "secrets are hidden"
                });
            }
            Action::Expand => self.expanded = !self.expanded,
            Action::NextServer => self.server += 1,
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::NextPane => self.packets.in_bytes = !self.packets.in_bytes,
            Action::Grow => self.panel += 1,
            Action::Shrink => self.panel -= 1,
            Action::Next => self.step(1),
            Action::Previous => self.step(-1),
            Action::All => self.all(),
            Action::Suspend => self.effects.push(Effect::Suspend),
        }
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

    fn page(&self) -> isize {
        let lines = match self.screen {
            Screen::List => self.list.height(),
            Screen::Packets => self.packets.height(),
            _ => self.doc.1,
        };
        isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1)
    }

    /// Moves the selection, or the text.
    pub fn move_by(&mut self, by: isize) {
        match self.screen {
            Screen::List => {
                self.list.move_by(by);
                let live = self.source.kind == SourceKind::Live;
                self.list.follow = by == isize::MAX && live || by > 0 && self.list.follow;
            }
            Screen::Packets => self.packets.move_by(by),
            _ => {
                let scroll = self.scroll_mut();
                *scroll = scroll.saturating_add_signed(by);
                self.clamp();
            }
        }
    }

    fn open(&mut self) {
        if self.list.selected().is_none() {
            return;
        }
        match self.screen {
            Screen::List => self.show(Screen::Detail),
            Screen::Detail => self.show(Screen::Ladder),
            Screen::Ladder => self.show(Screen::Packets),
            _ => {}
        }
    }

    fn back(&mut self) {
        if self.screen == Screen::List && !self.filtering.is_empty() {
            self.set_filter("");
            return;
        }
        self.screen = self.before.pop().unwrap_or_default();
    }

    fn show(&mut self, screen: Screen) {
        if screen == self.screen {
            return;
        }
        if screen == Screen::List {
            self.before.clear();
        } else {
            self.before.retain(|before| *before != screen);
            self.before.push(self.screen);
        }
        self.screen = screen;
        match screen {
            Screen::Packets => self.ask_for_packets(),
            Screen::Detail | Screen::Summary | Screen::Cost | Screen::Policy => {
                if self.source.state == SourceState::Reading {
                    self.effects.push(Effect::Advise);
                }
            }
            Screen::List | Screen::Ladder | Screen::Compare => {}
        }
    }

    fn step(&mut self, by: isize) {
        self.list.move_by(by);
        self.list.follow = false;
        self.scroll.clear();
        if self.screen == Screen::Packets {
            self.ask_for_packets();
        }
    }

    fn all(&mut self) {
        if self.screen == Screen::Packets {
            self.packets.all = !self.packets.all;
            self.ask_for_packets();
        } else {
            self.alone = !self.alone;
        }
    }

    fn ask_for_packets(&mut self) {
        let Some(transaction) = self.transaction().map(Arc::clone) else {
            return;
        };
        if self.packets.ask(transaction.id) {
            let all = self.packets.all;
            self.effects.push(Effect::Packets(transaction, all));
        }
    }

    fn prompt(&mut self, kind: PromptKind) {
        let before = match kind {
            PromptKind::Filter => self.filtering.text.clone(),
            PromptKind::Search | PromptKind::Command => String::new(),
        };
        self.overlay = Overlay::Prompt(Box::new(Prompt {
            kind,
            input: Input::new(before.clone()),
            before,
            fault: None,
            words: Vec::new(),
        }));
    }

    fn follow(&mut self, on: bool) {
        self.list.follow = on;
        if on {
            self.list.move_to(usize::MAX);
        }
    }

    fn freeze(&mut self) {
        match self.held.take() {
            None => self.held = Some(Vec::new()),
            Some(held) => {
                for news in held {
                    self.on_news(news);
                }
            }
        }
    }

    fn sort(&mut self) {
        let (column, _) = self.list.sorted_by();
        let at = Column::ALL.iter().position(|c| *c == column).unwrap_or(0);
        let next = Column::ALL.into_iter().cycle().nth(at + 1);
        let next = next.unwrap_or_default();
        self.list.sort_by(next, false);
        self.tell(format!("sorted by {}", next.name()));
    }

    fn mark(&mut self) {
        let Some(id) = self.list.selected().map(|entry| entry.row.id) else {
            return;
        };
        self.list.mark(id);
        if self.screen == Screen::List {
            self.list.move_by(1);
        }
    }

    fn command(&mut self, line: &str) {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        if let Ok(number) = name.parse() {
            if !self.list.select(TransactionId(number)) {
                self.tell_error(format!("no transaction {number} in the list"));
            }
            return;
        }
        match name {
            "" => {}
            "q" | "quit" => self.update(Action::QuitNow),
            "help" => self.update(Action::Help),
            "filter" => self.set_filter(rest),
            "save" => {
                let mut form = SaveBox::new(&self.source.name, self.list.marks() > 0);
                if !rest.is_empty() {
                    form.rename(rest);
                }
                self.overlay = Overlay::Save(Box::new(form));
            }
            "sort" => {
                let column = Column::ALL.into_iter().find(|column| column.name() == rest);
                match column {
                    Some(column) => self.list.sort_by(column, false),
                    None => self.tell_names("columns", &Column::ALL.map(Column::name)),
                }
            }
            "theme" => match Theme::from_name(rest) {
                Some(theme) => self.theme = theme,
                None => self.tell_names("themes", &Theme::ALL.map(Theme::name)),
            },
            _ => {
                let is_named = |screen: &Screen| screen.name().eq_ignore_ascii_case(name);
                match Screen::ALL.into_iter().find(is_named) {
                    Some(screen) => self.show(screen),
                    None => self.tell_names("a number, or", &COMMANDS),
                }
            }
        }
    }

    fn tell_names(&mut self, what: &str, names: &[&str]) {
        self.tell_error(format!("{what}: {}", names.join(", ")));
    }

    /// Goes to the next place that was searched for.
    fn find(&mut self, forwards: bool, beyond: bool) {
        if self.search.is_empty() {
            return;
        }
        let wanted = self.search.to_lowercase();
        if self.screen == Screen::Packets {
            if !self.packets.find(&wanted, forwards, beyond) {
                self.tell_error(format!("not found: {}", self.search));
            }
            return;
        }
        if self.screen != Screen::List {
            // The text to look at is made when it is drawn.
            self.finding = Some((forwards, beyond));
            return;
        }
        let found = {
            let is_wanted = |place: &usize| {
                let entry = self.list.get(*place);
                entry.is_some_and(|entry| row_contains(entry, &wanted))
            };
            next_of(self.list.cursor(), self.list.len(), forwards, beyond).find(is_wanted)
        };
        match found {
            None => self.tell_error(format!("not found: {}", self.search)),
            Some(place) => self.list.move_to(place),
        }
    }

    /// Goes to the next line that was searched for.
    fn find_line(&mut self, forwards: bool, beyond: bool) {
        let wanted = self.search.to_lowercase();
        let lines = &self.doc.0.lines;
        let is_wanted = |place: &usize| {
            let line = lines.get(*place);
            line.is_some_and(|line| line.to_string().to_lowercase().contains(&wanted))
        };
        let from = self.scrolled();
        match next_of(from, lines.len(), forwards, beyond).find(is_wanted) {
            None => self.tell_error(format!("not found: {}", self.search)),
            Some(place) => *self.scroll_mut() = place,
        }
    }

    /// The first line of the screen's text that is shown.
    #[must_use]
    pub fn scrolled(&self) -> usize {
        self.scroll.get(&self.screen).copied().unwrap_or_default()
    }

    fn scroll_mut(&mut self) -> &mut usize {
        self.scroll.entry(self.screen).or_default()
    }

    fn clamp(&mut self) {
        let last = self.doc.0.lines.len().saturating_sub(self.doc.1);
        let scroll = self.scroll_mut();
        *scroll = (*scroll).min(last);
    }

    /// Gives the screen its text, of which so many lines fit.
    pub fn set_doc(&mut self, doc: Doc, height: usize) {
        self.doc = (doc, height);
        if let Some((forwards, beyond)) = self.finding.take() {
            self.find_line(forwards, beyond);
        }
        self.clamp();
    }

    /// The text of the screen.
    #[must_use]
    pub fn doc(&self) -> &Doc {
        &self.doc.0
    }
}

/// Transactions that are kept of those that were read again.
const AGAIN: usize = 64;

/// What can be typed after `:`, beside a transaction's number.
const COMMANDS: [&str; 14] = [
    "filter", "sort", "save", "theme", "list", "detail", "ladder", "packets", "summary", "cost",
    "policy", "compare", "help", "quit",
];

fn is_control(key: KeyEvent, letter: char) -> bool {
    key.code == KeyCode::Char(letter) && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// The places from `from` on, round to it again.
fn next_of(from: usize, len: usize, forwards: bool, beyond: bool) -> impl Iterator<Item = usize> {
    let first = usize::from(beyond);
    (first..len + first).map(move |step| {
        let step = step % len.max(1);
        let at = if forwards {
            from + step
        } else {
            from + len - step
        };
        at % len.max(1)
    })
}

fn row_contains(entry: &Entry, wanted: &str) -> bool {
    let row = &entry.row;
    let texts = [
        &*row.origin,
        &*row.authority,
        &*row.path,
        &*row.method,
        &*row.why,
    ];
    let contains = |text: &&str| text.to_lowercase().contains(wanted);
    row.id.to_string() == wanted
        || texts.iter().any(contains)
        || format!("{}{}", row.authority, row.path)
            .to_lowercase()
            .contains(wanted)
}
