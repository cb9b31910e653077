//! Where to capture: the first screen when nothing else was asked for.
//!
//! [`Picker`] is all of the state; [`pick`] carries keys and pictures between it and the terminal.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::tui::Options;
use crate::tui::doc::fit;
use crate::tui::terminal::Tty;
use crate::tui::theme::{Role, Theme};
use crate::wire_text::printable;

/// How long a key is waited for before signals are looked at.
const TICK: Duration = Duration::from_millis(100);

/// Something to choose.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// What it is and how it is reached.
    pub about: String,
    /// What speaks for it, such as servers that listen there.
    pub note: String,
}

/// How choosing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// With the choice at this place.
    Choice(usize),
    /// With none.
    None,
    /// With a signal that told the program to end.
    Signal(i32),
}

/// The choices, and the one that is selected.
#[derive(Debug)]
pub struct Picker {
    choices: Vec<Choice>,
    selected: usize,
}

impl Picker {
    /// The first one is selected.
    #[must_use]
    pub fn new(choices: Vec<Choice>) -> Self {
        Self {
            choices,
            selected: 0,
        }
    }

    /// Takes a key; gives the end, if it is one.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<Picked> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        let last = self.choices.len().saturating_sub(1);
        match key.code {
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return Some(Picked::None);
            }
            KeyCode::Esc | KeyCode::Char('q') => return Some(Picked::None),
            KeyCode::Enter if !self.choices.is_empty() => {
                return Some(Picked::Choice(self.selected));
            }
            KeyCode::Up | KeyCode::Char('k') => self.selected = self.selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.selected = last.min(self.selected + 1),
            KeyCode::Home | KeyCode::Char('g') => self.selected = 0,
            KeyCode::End | KeyCode::Char('G') => self.selected = last,
            _ => {}
        }
        None
    }

    /// Draws the choices.
    pub fn draw(&self, theme: Theme, frame: &mut Frame<'_>) {
        let area = frame.area();
        let width = usize::from(area.width);
        let longest = |field: fn(&Choice) -> &String| {
            let lengths = self.choices.iter().map(|c| field(c).chars().count());
            lengths.max().unwrap_or_default()
        };
        let (names, abouts) = (longest(|c| &c.name), longest(|c| &c.about));
        let mut lines = vec![
            Line::styled(
                "corshark: where does the page reach its server?",
                theme.style(Role::Title),
            ),
            Line::default(),
        ];
        // Two lines above and two below; the selected one is always among those shown.
        let room = usize::from(area.height).saturating_sub(4).max(1);
        let first = (self.selected + 1).saturating_sub(room);
        let shown = self.choices.iter().enumerate().skip(first).take(room);
        for (at, choice) in shown {
            let is_selected = at == self.selected;
            let sign = if is_selected { '>' } else { ' ' };
            let text = format!(
                "{sign} {:names$}  {:abouts$}  {}",
                choice.name, choice.about, choice.note
            );
            let text = fit(&printable(&text), width);
            let line = if is_selected {
                Line::styled(format!("{text:width$}"), Theme::selected())
            } else {
                Line::styled(text, theme.style(Role::Plain))
            };
            lines.push(line);
        }
        lines.push(Line::default());
        let keys = [
            ("Enter", "captures there"),
            ("j k", "choose"),
            ("q", "quits"),
        ];
        let hints = keys.iter().flat_map(|(key, what)| {
            [
                Span::styled(*key, theme.style(Role::Key)),
                Span::raw(format!(" {what}   ")),
            ]
        });
        lines.push(Line::from(hints.collect::<Vec<_>>()));
        let buffer = frame.buffer_mut();
        for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
            buffer.set_line(area.x, y, line, area.width);
        }
    }
}

/// Lets the user choose.
///
/// # Errors
/// Where the terminal cannot be used, or is gone.
pub fn pick(choices: Vec<Choice>, options: Options) -> io::Result<Picked> {
    let mut picker = Picker::new(choices);
    let mut tty = Tty::take(false)?;
    loop {
        tty.screen.draw(|frame| picker.draw(options.theme, frame))?;
        while !event::poll(TICK)? {
            if let Some(signal) = tty.signal() {
                return Ok(Picked::Signal(signal));
            }
        }
        if let Event::Key(key) = event::read()?
            && let Some(picked) = picker.on_key(key)
        {
            return Ok(picked);
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    fn picker() -> Picker {
        let choice = |name: &str, about: &str, note: &str| Choice {
            name: name.to_owned(),
            about: about.to_owned(),
            note: note.to_owned(),
        };
        Picker::new(vec![
            choice("lo", "loopback 127.0.0.1", "listening: 3000 8081"),
            choice("eth0", "10.0.0.2", ""),
            choice("any", "all interfaces", ""),
        ])
    }

    fn press(picker: &mut Picker, codes: &[KeyCode]) -> Option<Picked> {
        let mut keys = codes.iter();
        keys.find_map(|code| picker.on_key(KeyEvent::from(*code)))
    }

    fn drawn(picker: &Picker, width: u16, height: u16) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| picker.draw(Theme::Mono, frame))
            .unwrap();
        let text = terminal.backend().to_string();
        let lines = text.lines().map(|line| line.trim_matches('"').trim_end());
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn enter_takes_the_selected_one_and_escape_none() {
        let down = KeyCode::Down;
        for (codes, picked) in [
            (vec![KeyCode::Enter], Some(Picked::Choice(0))),
            (vec![down, KeyCode::Enter], Some(Picked::Choice(1))),
            (
                vec![down, down, down, KeyCode::Enter],
                Some(Picked::Choice(2)),
            ),
            (
                vec![KeyCode::Char('G'), KeyCode::Up, KeyCode::Enter],
                Some(Picked::Choice(1)),
            ),
            (vec![down, KeyCode::Esc], Some(Picked::None)),
            (vec![KeyCode::Char('q')], Some(Picked::None)),
            (vec![KeyCode::Char('x')], None),
        ] {
            assert_eq!(press(&mut picker(), &codes), picked, "{codes:?}");
        }
    }

    #[test]
    fn the_screen_shows_what_speaks_for_each() {
        let lines = drawn(&picker(), 60, 8);
        assert_eq!(
            lines,
            [
                "corshark: where does the page reach its server?",
                "",
                "> lo    loopback 127.0.0.1  listening: 3000 8081",
                "  eth0  10.0.0.2",
                "  any   all interfaces",
                "",
                "Enter captures there   j k choose   q quits",
                "",
            ]
        );
    }

    #[test]
    fn the_selected_one_is_shown_on_a_low_screen() {
        let mut picker = picker();
        press(&mut picker, &[KeyCode::Char('G')]);
        let lines = drawn(&picker, 30, 5);
        assert!(
            lines.iter().any(|line| line.starts_with("> any")),
            "{lines:?}"
        );
        drawn(&picker, 1, 1);
    }
}
