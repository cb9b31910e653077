//! The table of keys: what each does, and on which screens.
//!
//! Keys are looked up in it, and the help screen and the hints are drawn from it, so that they cannot
//! differ.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::screen::Screen;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One line up or down.
    Up,
    /// One line down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// To the beginning.
    Top,
    /// To the end; where rows are followed, goes on following.
    Bottom,
    /// Opens what is selected.
    Open,
    /// One level back.
    Back,
    /// Leaves the screen; the program where there is no other.
    Quit,
    /// Leaves the program at once.
    QuitNow,
    /// Shows a screen.
    Show(Screen),
    /// The keys of this screen.
    Help,
    /// Searches.
    Search,
    /// The next place found.
    FindNext,
    /// The place found before.
    FindPrevious,
    /// Takes a command.
    Command,
    /// Follows new rows, or stops it.
    Follow,
    /// Stops showing what is new, or goes on.
    Freeze,
    /// Sorts by the next column.
    Sort,
    /// Turns the order round.
    Reverse,
    /// Marks the row, or takes the mark away.
    Mark,
    /// Takes all marks away.
    Unmark,
    /// The list without the panel below it, or with it.
    Zoom,
    /// Makes the panel larger.
    Grow,
    /// Makes the panel smaller.
    Shrink,
    /// The next transaction.
    Next,
    /// The transaction before.
    Previous,
    /// Gives the terminal to the shell for a while.
    Suspend,
}

/// On which screens a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screens(u16);

impl Screens {
    /// On every one.
    pub const ALL: Self = Self(u16::MAX);

    /// On these.
    const fn on(screens: &[Screen]) -> Self {
        let mut set = 0;
        let mut rest = screens;
        while let [screen, more @ ..] = rest {
            set |= 1 << *screen as u16;
            rest = more;
        }
        Self(set)
    }

    const fn has(self, screen: Screen) -> bool {
        self.0 & 1 << screen as u16 != 0
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys, as they are shown: separated by blanks.
    pub keys: &'static str,
    /// What they do.
    pub action: Action,
    /// Where.
    pub screens: Screens,
    /// The same in words.
    pub help: &'static str,
    /// A word for the bottom line, with its rank: the lowest are shown first.
    pub hint: Option<(&'static str, u8)>,
}

use Action as A;
use Screen as S;

const LIST: Screens = Screens::on(&[S::List]);
/// Screens about one transaction.
const ONE: Screens = Screens::on(&[S::Detail]);
const ROWS: Screens = Screens::on(&[S::List, S::Detail]);

macro_rules! keys {
    ($($keys:literal $action:expr, $screens:expr, $help:literal $(, $hint:literal $rank:literal)?;)*) => {
        /// Every key, in the order of the help screen.
        pub const BINDINGS: &[Binding] = &[$(Binding {
            keys: $keys,
            action: $action,
            screens: $screens,
            help: $help,
            hint: keys!(@hint $($hint $rank)?),
        }),*];
    };
    (@hint) => { None };
    (@hint $hint:literal $rank:literal) => { Some(($hint, $rank)) };
}

keys! {
    "Up k" A::Up, Screens::ALL, "up";
    "Down j" A::Down, Screens::ALL, "down";
    "PgUp Ctrl-b" A::PageUp, Screens::ALL, "page up";
    "PgDn Ctrl-f" A::PageDown, Screens::ALL, "page down";
    "Ctrl-u" A::HalfUp, Screens::ALL, "half a page up";
    "Ctrl-d" A::HalfDown, Screens::ALL, "half a page down";
    "Home g" A::Top, Screens::ALL, "first";
    "End G" A::Bottom, Screens::ALL, "last";
    "Enter Right l" A::Open, LIST, "open", "open" 1;
    "Esc Left h" A::Back, Screens::ALL, "back";
    "]" A::Next, ONE, "next transaction", "next" 4;
    "[" A::Previous, ONE, "transaction before";
    "Space" A::Mark, ROWS, "mark for ladder, compare, save", "mark" 5;
    "u" A::Unmark, LIST, "no marks any more";
    "/" A::Search, Screens::ALL, "search", "search" 3;
    "n" A::FindNext, Screens::ALL, "next found";
    "N" A::FindPrevious, Screens::ALL, "found before";
    "F" A::Follow, LIST, "follow new rows";
    "p" A::Freeze, Screens::ALL, "freeze, and go on";
    "s" A::Sort, LIST, "sort by the next column", "sort" 8;
    "S" A::Reverse, LIST, "turn the order round";
    "z" A::Zoom, LIST, "list alone";
    "+" A::Grow, LIST, "larger panel";
    "-" A::Shrink, LIST, "smaller panel";
    "1" A::Show(S::List), Screens::ALL, "list";
    "2" A::Show(S::Detail), Screens::ALL, "detail";
    ":" A::Command, Screens::ALL, "command line";
    "Ctrl-z" A::Suspend, Screens::ALL, "back to the shell for a while";
    "?  F1" A::Help, Screens::ALL, "these keys", "help" 0;
    "q" A::Quit, Screens::ALL, "back; on the list: quit", "quit" 2;
    "Ctrl-c" A::QuitNow, Screens::ALL, "quit at once";
}

/// The bindings that count on a screen.
pub fn of_screen(screen: Screen) -> impl Iterator<Item = &'static Binding> {
    BINDINGS
        .iter()
        .filter(move |binding| binding.screens.has(screen))
}

/// What a key asks for on a screen.
#[must_use]
pub fn action(screen: Screen, key: KeyEvent) -> Option<Action> {
    let name = name(key)?;
    of_screen(screen)
        .find(|binding| binding.keys.split_whitespace().any(|key| key == name))
        .map(|binding| binding.action)
}

/// The name of a key, as the table has it.
#[must_use]
pub fn name(key: KeyEvent) -> Option<String> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let name = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(c) if control => format!("Ctrl-{}", c.to_ascii_lowercase()),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Up => "Up".to_owned(),
        KeyCode::Down => "Down".to_owned(),
        KeyCode::Left => "Left".to_owned(),
        KeyCode::Right => "Right".to_owned(),
        KeyCode::Home => "Home".to_owned(),
        KeyCode::End => "End".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::Enter => "Enter".to_owned(),
        KeyCode::Esc => "Esc".to_owned(),
        KeyCode::Tab => "Tab".to_owned(),
        KeyCode::BackTab => "Shift-Tab".to_owned(),
        KeyCode::F(n) => format!("F{n}"),
        _ => return None,
    };
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings_on_a_screen() {
        for screen in Screen::ALL {
            let mut seen = Vec::new();
            for key in of_screen(screen).flat_map(|binding| binding.keys.split_whitespace()) {
                assert!(!seen.contains(&key), "{key} on {screen:?}");
                seen.push(key);
            }
        }
    }
}
