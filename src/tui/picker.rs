//! Where to capture: the first screen when nothing else was asked for.
//!
//! [`Picker`] is all of the state; [`pick`] carries keys and pictures between it and the terminal.

use std::io;
use std::time::Duration;

use crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
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
    /// Why it cannot be chosen, where that is known.
    pub refused: Option<&'static str>,
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

    /// The choice at a place.
    #[must_use]
    pub fn choice(&self, place: usize) -> Option<&Choice> {
        self.choices.get(place)
    }

    /// As many choices as there is room for, the selected one among them.
    #[must_use]
    pub fn lines(&self, theme: Theme, width: usize, room: usize) -> Vec<Line<'static>> {
        let longest = |field: fn(&Choice) -> &String| {
            let lengths = self.choices.iter().map(|c| field(c).chars().count());
            lengths.max().unwrap_or_default()
        };
        let (names, abouts) = (longest(|c| &c.name), longest(|c| &c.about));
        let shown = self.choices.iter().enumerate();
        let shown = shown.skip(self.first(room)).take(room.max(1));
        let lines = shown.map(|(at, choice)| {
            let is_selected = at == self.selected;
            let sign = if is_selected { '>' } else { ' ' };
            let notes: Vec<&str> = [choice.refused, Some(choice.note.as_str())]
                .into_iter()
                .flatten()
                .collect();
            let text = format!(
                "{sign} {:names$}  {:abouts$}  {}",
                choice.name,
                choice.about,
                notes.join("  ")
            );
            let text = fit(&printable(&text), width);
            let span = if is_selected {
                Span::styled(format!("{text:width$}"), Theme::selected())
            } else {
                Span::styled(text, theme.style(Role::Plain))
            };
            Line::from(span)
        });
        lines.collect()
    }

    /// The first choice that is shown where there is room for so many.
    fn first(&self, room: usize) -> usize {
        (self.selected + 1).saturating_sub(room.max(1))
    }

    /// Takes a click on a line of a screen with so many; gives the end, if it was on the selected one.
    pub fn on_click(&mut self, line: u16, height: u16) -> Option<Picked> {
        let room = usize::from(height).saturating_sub(4);
        let place = usize::from(line).checked_sub(2)? + self.first(room);
        if place >= self.choices.len() {
            return None;
        }
        let was_selected = place == self.selected;
        self.selected = place;
        was_selected.then_some(Picked::Choice(place))
    }

    /// Draws the choices.
    pub fn draw(&self, theme: Theme, frame: &mut Frame<'_>) {
        let area = frame.area();
        let width = usize::from(area.width);
        let mut lines = vec![
            Line::styled(
                "corshark: where does the page reach its server?",
                theme.style(Role::Title),
            ),
            Line::default(),
        ];
        // Two lines above and two below; the selected one is always among those shown.
        let room = usize::from(area.height).saturating_sub(4);
        lines.extend(self.lines(theme, width, room));
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
    let mut tty = Tty::take(options.mouse)?;
    loop {
        tty.screen.draw(|frame| picker.draw(options.theme, frame))?;
        while !event::poll(TICK)? {
            if let Some(signal) = tty.signal() {
                return Ok(Picked::Signal(signal));
            }
        }
        let choice = match event::read()? {
            Event::Key(key) => picker.on_key(key),
            Event::Mouse(mouse) if mouse.kind == MouseEventKind::Down(MouseButton::Left) => {
                picker.on_click(mouse.row, tty.screen.size()?.height)
            }
            _ => None,
        };
        if let Some(choice) = choice {
            return Ok(choice);
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
            refused: None,
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
    fn a_second_click_takes_the_one_that_the_first_selected() {
        let mut picker = picker();
        assert_eq!(picker.on_click(3, 24), None);
        assert_eq!(picker.on_click(3, 24), Some(Picked::Choice(1)));
        assert_eq!(picker.on_click(0, 24), None);
        assert_eq!(picker.on_click(9, 24), None);
        // On a low screen the first line is not the first choice.
        press(&mut picker, &[KeyCode::Char('G')]);
        assert_eq!(picker.on_click(2, 5), Some(Picked::Choice(2)));
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
