//! Lines that are typed: a filter, a search, a command.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::cors::transaction::TransactionId;
use crate::filter::Filter;
use crate::tui::app::input::is_control;
use crate::tui::app::{App, Overlay};
use crate::tui::filtering::{completed, without_half_key};
use crate::tui::keys::Action;
use crate::tui::list::Column;
use crate::tui::save::SaveBox;
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;

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

/// What can be typed after `:`, beside a transaction's number.
const COMMANDS: [&str; 14] = [
    "filter", "sort", "save", "theme", "list", "detail", "ladder", "packets", "summary", "cost",
    "policy", "compare", "help", "quit",
];

impl App {
    pub(super) fn prompt(&mut self, kind: PromptKind) {
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

    pub(super) fn on_prompt_key(&mut self, mut prompt: Box<Prompt>, key: KeyEvent) {
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
        self.end_refilter();
        Ok(())
    }

    /// Filters; a text that is no filter is an error to tell.
    pub fn set_filter(&mut self, text: &str) {
        if let Err(fault) = self.try_filter(text) {
            self.tell_error(fault.message);
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
            "q" | "quit" => self.quit(false),
            "q!" => self.update(Action::QuitNow),
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
}
