//! Saving: which transactions, in which format, where.

mod order;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::report::{Capture, Format};
use crate::session::Session;
use crate::tui::app::App;
use crate::tui::list::Entry;

pub use order::SaveOrder;

/// Which transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Every one.
    All,
    /// Those that the filter shows.
    Shown,
    /// The marked ones.
    Marked,
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::Shown, Self::Marked];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Shown => "filtered",
            Self::Marked => "marked",
        }
    }
}

/// What is written of the transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A report.
    Report(Format),
    /// Their packets, whole connections, as pcapng.
    Packets,
}

impl Content {
    /// All that can be written.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let reports = Format::ALL.into_iter().map(Self::Report);
        reports.chain([Self::Packets]).collect()
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report(format) => format.name(),
            Self::Packets => "pcapng",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Report(format) => format.extensions().first().copied().unwrap_or_default(),
            Self::Packets => "pcapng",
        }
    }

    /// What a file's name tells.
    fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("pcapng" | "pcap")) {
            return Some(Self::Packets);
        }
        Format::of_path(path).map(Self::Report)
    }
}

/// The fields of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Which transactions.
    Choice,
    /// The format.
    Format,
    /// The file's name.
    Name,
}

/// What is being filled in.
#[derive(Debug, Clone)]
pub struct SaveBox {
    /// Which transactions.
    pub choice: Choice,
    /// The format.
    pub format: Content,
    /// The file's name.
    pub name: Input,
    /// The field that keys change.
    pub field: Field,
    /// The file exists: whether to replace it is asked.
    pub asks: bool,
    replace: bool,
}

impl SaveBox {
    /// An empty one for a capture.
    #[must_use]
    pub fn new(capture: &str, marked: bool) -> Self {
        let stem = Path::new(capture).file_stem();
        let stem = stem.map_or("corshark".into(), |stem| stem.to_string_lossy());
        let stem = stem.replace(|c: char| c.is_control() || c.is_whitespace(), "-");
        let format = Content::Report(Format::Text);
        Self {
            choice: if marked {
                Choice::Marked
            } else {
                Choice::Shown
            },
            format,
            name: Input::new(format!("{stem}.{}", format.extension())),
            field: Field::Choice,
            asks: false,
            replace: false,
        }
    }

    /// The same, asking whether to replace the file.
    #[must_use]
    pub fn asking(mut self) -> Self {
        self.asks = true;
        self
    }

    /// Gives the file another name, which may tell the format.
    pub fn rename(&mut self, name: &str) {
        self.name = Input::new(name.to_owned());
        if let Some(format) = Content::of_path(Path::new(name)) {
            self.format = format;
        }
    }

    /// Takes a key; `true` where it is to be saved now.
    pub fn on_key(&mut self, key: KeyEvent) -> bool {
        if self.asks {
            self.asks = false;
            self.replace = key.code == KeyCode::Char('y');
            return self.replace;
        }
        match key.code {
            KeyCode::Enter => return true,
            KeyCode::Up | KeyCode::BackTab => self.field = self.neighbour(2),
            KeyCode::Down | KeyCode::Tab => self.field = self.neighbour(1),
            KeyCode::Left | KeyCode::Right if self.field != Field::Name => {
                self.turn(key.code == KeyCode::Right);
            }
            KeyCode::Char(' ') if self.field != Field::Name => self.turn(true),
            KeyCode::Char(_) | KeyCode::Backspace if self.field != Field::Name => {
                // Whoever types means the name.
                self.field = Field::Name;
                self.name.handle_event(&Event::Key(key));
            }
            _ => {
                self.name.handle_event(&Event::Key(key));
                if let Some(format) = Content::of_path(Path::new(self.name.value())) {
                    self.format = format;
                }
            }
        }
        false
    }

    fn neighbour(&self, by: usize) -> Field {
        const FIELDS: [Field; 3] = [Field::Choice, Field::Format, Field::Name];
        let at = FIELDS.iter().position(|field| *field == self.field);
        let at = (at.unwrap_or(0) + by) % FIELDS.len();
        FIELDS.get(at).copied().unwrap_or(Field::Name)
    }

    /// The next value of the field, or the one before.
    fn turn(&mut self, forwards: bool) {
        if self.field == Field::Choice {
            self.choice = turned(&Choice::ALL, self.choice, forwards);
            return;
        }
        let before = self.format.extension();
        self.format = turned(&Content::all(), self.format, forwards);
        let name = self.name.value();
        if let Some(stem) = name.strip_suffix(before) {
            let name = format!("{stem}{}", self.format.extension());
            self.name = Input::new(name);
        }
    }

    /// What is to be written.
    pub fn order(&self, app: &App) -> Result<SaveOrder, String> {
        let (list, session) = (&app.list, &app.session);
        if self.name.value().is_empty() {
            return Err("the file needs a name".to_owned());
        }
        let entries: Vec<&Entry> = match self.choice {
            Choice::All => list.entries().iter().collect(),
            Choice::Shown => list.shown().collect(),
            Choice::Marked => list.marked(),
        };
        if entries.is_empty() {
            return Err(format!(
                "nothing to save: no transaction is {}",
                self.choice.name()
            ));
        }
        let mut transactions = Vec::new();
        let mut missing = HashMap::new();
        for entry in entries {
            match app.in_full(entry) {
                Some(transaction) => transactions.push(Arc::clone(transaction)),
                None => {
                    missing.insert(entry.row.id, entry.row.clone());
                }
            }
        }
        let findings = app.findings.as_deref();
        Ok(SaveOrder {
            form: self.clone(),
            capture: Capture {
                transactions,
                findings: findings.cloned().unwrap_or_default(),
                session: Session {
                    stats: session.stats.clone(),
                    ..Session::default()
                },
                ..Capture::new(&app.source.name)
            },
            missing,
        })
    }
}

fn turned<T: Copy + PartialEq>(values: &[T], value: T, forwards: bool) -> T {
    let at = values.iter().position(|v| *v == value).unwrap_or(0);
    let step = if forwards { 1 } else { values.len() - 1 };
    let next = values.get((at + step) % values.len().max(1));
    next.copied().unwrap_or(value)
}
