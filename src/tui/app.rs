//! What is shown and what was asked for: the state of the screens, and what each key does to it.
//!
//! Knows no terminal, clock or thread: what the world outside must do is left in
//! [`App::take_effects`]. So tests drive it with keys and look at what is drawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::capture::Progress;
use crate::cors::advice::Findings;
use crate::cors::transaction::{Transaction, TransactionId};
use crate::session::{News, Session, SourceKind, SourceState};
use crate::tui::doc::Doc;
use crate::tui::keys::{self, Action};
use crate::tui::list::{Column, Entry, List};
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;

/// What the event loop is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Give the terminal to the shell for a while.
    Suspend,
    /// Bring the advice up to date.
    Advise,
}

/// What a prompt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// Text to search for.
    Search,
    /// A command.
    Command,
}

impl PromptKind {
    /// What stands before the typed text.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Search => "/",
            Self::Command => ":",
        }
    }
}

/// What lies over the screen.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys.
    Help,
    /// A line to type into.
    Prompt(PromptKind, Input),
}

/// Something to tell at the bottom of the screen.
#[derive(Debug, Clone)]
pub struct Message {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
}

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
}

/// The state of the screens.
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
    /// What came since the screen was frozen; `None` where it is not.
    pub held: Option<Vec<News>>,
    /// The first line of each screen's text that is shown.
    scroll: BTreeMap<Screen, usize>,
    /// The text of the screen, and the lines of it that fit.
    doc: (Doc, usize),
    /// The screens that were left by opening another.
    before: Vec<Screen>,
    effects: Vec<Effect>,
}

impl App {
    /// The first screen of a session.
    #[must_use]
    pub fn new(name: String, kind: SourceKind, theme: Theme, ascii: bool) -> Self {
        let mut list = List::default();
        list.follow = kind == SourceKind::Live;
        Self {
            list,
            source: Source {
                name,
                kind,
                state: SourceState::default(),
                progress: Progress::default(),
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
            held: None,
            scroll: BTreeMap::new(),
            doc: (Doc::default(), 0),
            before: Vec::new(),
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
        self.session = news.session;
        if let Some(findings) = news.findings {
            self.findings = Some(findings);
        }
        self.list.add(news.transactions, |_| true);
    }

    /// The transactions that came since the screen was frozen.
    #[must_use]
    pub fn held_back(&self) -> usize {
        let held = self.held.iter().flatten();
        held.map(|news| news.transactions.len()).sum()
    }

    /// The selected transaction.
    #[must_use]
    pub fn transaction(&self) -> Option<&Arc<Transaction>> {
        self.list.selected().map(|entry| &entry.transaction)
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: KeyEvent) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        self.message = None;
        match std::mem::take(&mut self.overlay) {
            Overlay::None => {
                if let Some(action) = keys::action(self.screen, key) {
                    self.update(action);
                }
            }
            // Any key closes it.
            Overlay::Help => {
                if is_control(key, 'c') {
                    self.update(Action::QuitNow);
                }
            }
            Overlay::Prompt(kind, input) => self.on_prompt_key(kind, input, key),
        }
    }

    /// Takes pasted text.
    pub fn on_paste(&mut self, text: &str) {
        if let Overlay::Prompt(_, input) = &mut self.overlay {
            let line = text.lines().next().unwrap_or_default();
            for c in line.chars().filter(|c| !c.is_control()) {
                input.handle(tui_input::InputRequest::InsertChar(c));
            }
        }
    }

    fn on_prompt_key(&mut self, kind: PromptKind, mut input: Input, key: KeyEvent) {
        let empty = input.value().is_empty();
        match key.code {
            KeyCode::Esc => return,
            KeyCode::Backspace if empty => return,
            _ if is_control(key, 'c') => return,
            KeyCode::Enter => {
                match kind {
                    PromptKind::Search => {
                        input.value().clone_into(&mut self.search);
                        self.find(true, false);
                    }
                    PromptKind::Command => self.command(input.value().trim()),
                }
                return;
            }
            _ => {
                input.handle_event(&Event::Key(key));
            }
        }
        self.overlay = Overlay::Prompt(kind, input);
    }

    /// Does what was asked for.
    pub fn update(&mut self, action: Action) {
        match action {
            Action::Up => self.move_by(-1),
            Action::Down => self.move_by(1),
            Action::PageUp => self.move_by(-self.page()),
            Action::PageDown => self.move_by(self.page()),
            Action::HalfUp => self.move_by(-self.page() / 2),
            Action::HalfDown => self.move_by(self.page() / 2),
            Action::Top => self.move_by(isize::MIN),
            Action::Bottom => self.move_by(isize::MAX),
            Action::Open => self.open(),
            Action::Quit if self.screen == Screen::List => self.effects.push(Effect::Quit),
            Action::QuitNow => self.effects.push(Effect::Quit),
            Action::Back | Action::Quit => self.back(),
            Action::Show(screen) => self.show(screen),
            Action::Help => self.overlay = Overlay::Help,
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
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::Grow => self.panel += 1,
            Action::Shrink => self.panel -= 1,
            Action::Next => self.step(1),
            Action::Previous => self.step(-1),
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
            Screen::Detail => self.doc.1,
        };
        isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1)
    }

    fn move_by(&mut self, by: isize) {
        if self.screen == Screen::List {
            self.list.move_by(by);
            let live = self.source.kind == SourceKind::Live;
            self.list.follow = by == isize::MAX && live || by > 0 && self.list.follow;
        } else {
            let scroll = self.scroll_mut();
            *scroll = scroll.saturating_add_signed(by);
            self.clamp();
        }
    }

    fn open(&mut self) {
        if self.list.selected().is_none() {
            return;
        }
        if self.screen == Screen::List {
            self.show(Screen::Detail);
        }
    }

    fn back(&mut self) {
        match self.before.pop() {
            Some(screen) => self.screen = screen,
            None => self.screen = Screen::List,
        }
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
    }

    fn step(&mut self, by: isize) {
        self.list.move_by(by);
        self.scroll.clear();
    }

    fn prompt(&mut self, kind: PromptKind) {
        self.overlay = Overlay::Prompt(kind, Input::default());
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
            "theme" => {
                if let Some(theme) = Theme::from_name(rest) {
                    self.theme = theme;
                } else {
                    let names = Theme::ALL.map(Theme::name).join(", ");
                    self.tell_error(format!("themes: {names}"));
                }
            }
            _ => self.tell_error(format!("no command \"{name}\"")),
        }
    }

    /// Goes to the next place that was searched for.
    fn find(&mut self, forwards: bool, beyond: bool) {
        if self.search.is_empty() {
            return;
        }
        let wanted = self.search.to_lowercase();
        let found = if self.screen == Screen::List {
            let is_wanted = |place: &usize| {
                let entry = self.list.get(*place);
                entry.is_some_and(|entry| row_contains(entry, &wanted))
            };
            next_of(self.list.cursor(), self.list.len(), forwards, beyond).find(is_wanted)
        } else {
            let lines = &self.doc.0.lines;
            let is_wanted = |place: &usize| {
                let line = lines.get(*place);
                line.is_some_and(|line| line.to_string().to_lowercase().contains(&wanted))
            };
            next_of(self.scrolled(), lines.len(), forwards, beyond).find(is_wanted)
        };
        match found {
            None => self.tell_error(format!("not found: {}", self.search)),
            Some(place) if self.screen == Screen::List => self.list.move_to(place),
            Some(place) => {
                *self.scroll_mut() = place;
                self.clamp();
            }
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
        self.clamp();
    }

    /// The text of the screen.
    #[must_use]
    pub fn doc(&self) -> &Doc {
        &self.doc.0
    }
}

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
