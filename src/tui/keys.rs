//! The table of keys: what each does, and on which screens.
//!
//! Keys are looked up in it, and the help screen and the hints are drawn from it, so that they cannot
//! differ.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::screen::Screen;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One line up.
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
    /// The byte before; from the list one level back.
    Left,
    /// The next byte; from the list to the bytes.
    Right,
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
    /// Edits the filter.
    Filter,
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
    /// Marks the transaction, or takes its mark away.
    Mark,
    /// Takes all marks away.
    Unmark,
    /// Copies something: asks what.
    Copy,
    /// Saves something: asks what.
    Save,
    /// Shows secrets, or hides them again.
    Secrets,
    /// Shows all header lines, or the telling ones.
    Expand,
    /// Shows the header lines of the CORS protocol alone, or the telling ones.
    OnlyCors,
    /// Shows the message of the ladder's selected line, or hides it.
    Message,
    /// Colours the ladder by something else.
    Colour,
    /// The next server's configuration.
    NextServer,
    /// The list without the panel below it, or with it.
    Zoom,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// Makes the panel larger.
    Grow,
    /// Makes the panel smaller.
    Shrink,
    /// The next transaction.
    Next,
    /// The transaction before.
    Previous,
    /// The next row that failed.
    NextFailure,
    /// The row before that failed.
    PreviousFailure,
    /// All of the connection or all marked ones, or the transaction alone.
    All,
    /// Asks where else to capture.
    Interfaces,
    /// Shows what stands in the way of capturing.
    Doctor,
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

const ALL: Screens = Screens::ALL;
const LIST: Screens = Screens::on(&[S::List]);
/// Screens about one transaction.
const ONE: Screens = Screens::on(&[S::Detail, S::Ladder, S::Packets]);
const ROWS: Screens = Screens::on(&[S::List, S::Detail, S::Ladder, S::Packets]);
const DETAIL: Screens = Screens::on(&[S::Detail]);
const LADDER: Screens = Screens::on(&[S::Ladder]);
const PACKETS: Screens = Screens::on(&[S::Packets]);
const NOT_PACKETS: Screens = Screens::on(&[
    S::List,
    S::Detail,
    S::Ladder,
    S::Summary,
    S::Cost,
    S::Policy,
    S::Compare,
]);
const BYTES: Screens = Screens::on(&[S::Detail, S::Ladder]);
const ALL_OR_ONE: Screens = Screens::on(&[S::Ladder, S::Packets]);
const HEADERS: Screens = Screens::on(&[S::Detail, S::Ladder, S::Compare]);
const SECRETS: Screens = Screens::on(&[S::Detail, S::Ladder, S::Compare, S::Packets]);
/// Screens with panes that keys move.
const PANES: Screens = Screens::on(&[S::Detail, S::Ladder, S::Packets]);
const ZOOMS: Screens = Screens::on(&[S::List, S::Detail, S::Packets]);
/// Screens whose panes have a size.
const SIZES: Screens = Screens::on(&[S::List, S::Detail, S::Packets]);
const OPENS: Screens = Screens::on(&[S::List, S::Detail, S::Ladder]);
const COPIES: Screens = ROWS;

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
    "Up k" A::Up, ALL, "up";
    "Down j" A::Down, ALL, "down";
    "PgUp Ctrl-b" A::PageUp, ALL, "page up";
    "PgDn Ctrl-f" A::PageDown, ALL, "page down";
    "Ctrl-u" A::HalfUp, ALL, "half a page up";
    "Ctrl-d" A::HalfDown, ALL, "half a page down";
    "Home g" A::Top, ALL, "first";
    "End G" A::Bottom, ALL, "last";
    "Enter Right l" A::Open, OPENS, "open the next screen", "open" 1;
    "Enter" A::Open, PACKETS, "to the frame's bytes", "bytes" 1;
    "Right l" A::Right, PACKETS, "next byte";
    "Left h" A::Left, PACKETS, "byte before, or back";
    "b" A::Show(S::Packets), BYTES, "packets and bytes";
    "Esc Left h" A::Back, NOT_PACKETS, "back, or no filter";
    "Esc" A::Back, PACKETS, "back";
    "]" A::NextFailure, LIST, "next failure", "failure" 6;
    "[" A::PreviousFailure, LIST, "failure before";
    "]" A::Next, ONE, "next transaction", "next" 6;
    "[" A::Previous, ONE, "transaction before";
    "Space" A::Mark, ROWS, "mark, or unmark", "mark" 7;
    "u" A::Unmark, ROWS, "unmark all";
    "=" A::Show(S::Compare), ALL, "compare with marked";
    "f" A::Filter, ALL, "filter", "filter" 3;
    "/" A::Search, ALL, "search", "search" 5;
    "n" A::FindNext, ALL, "next found";
    "N" A::FindPrevious, ALL, "found before";
    "y" A::Copy, COPIES, "copy: asks what", "copy" 4;
    "w" A::Save, ALL, "save: asks what", "save" 8;
    "s" A::Sort, LIST, "sort by next column", "sort" 9;
    "S" A::Reverse, LIST, "turn the order round";
    "F" A::Follow, LIST, "follow new rows";
    "p" A::Freeze, ALL, "freeze, or go on";
    "z" A::Zoom, ZOOMS, "one pane alone";
    "t" A::Message, LADDER, "message, or none", "message" 5;
    "c" A::Colour, LADDER, "verdict, host, stream", "colours" 6;
    "s" A::OnlyCors, LADDER, "only CORS headers", "CORS" 7;
    "9 +" A::Grow, LADDER, "wider message";
    "0 -" A::Shrink, LADDER, "narrower message";
    "+" A::Grow, SIZES, "larger lower pane";
    "-" A::Shrink, SIZES, "smaller lower pane";
    "Tab" A::NextPane, PANES, "next pane", "pane" 5;
    "Shift-Tab" A::PreviousPane, PANES, "pane before";
    "a" A::All, ALL_OR_ONE, "all, or one alone", "all" 4;
    "e" A::Expand, HEADERS, "all headers, or few", "headers" 4;
    "v" A::NextServer, DETAIL, "next server's repair", "server" 5;
    "x" A::Secrets, SECRETS, "show, hide secrets", "secrets" 8;
    "1" A::Show(S::List), ALL, "list";
    "2" A::Show(S::Detail), ALL, "detail";
    "3" A::Show(S::Ladder), ALL, "ladder";
    "4" A::Show(S::Packets), ALL, "packets and bytes";
    "5" A::Show(S::Summary), ALL, "summary, advice";
    "6" A::Show(S::Cost), ALL, "cost of preflights";
    "7" A::Show(S::Policy), ALL, "policy map";
    "8" A::Show(S::Compare), ALL, "compare";
    "i" A::Interfaces, LIST, "choose interface";
    "D" A::Doctor, LIST, "doctor: rights";
    ":" A::Command, ALL, "command line";
    "Ctrl-z" A::Suspend, ALL, "to the shell";
    "? F1" A::Help, ALL, "these keys", "help" 0;
    "q" A::Quit, ALL, "back, or quit", "quit" 2;
    "Ctrl-c" A::QuitNow, ALL, "quit at once";
}

/// The bindings that count on a screen.
pub fn of_screen(screen: Screen) -> impl Iterator<Item = &'static Binding> {
    let is_there =
        |action| cfg!(all(feature = "live", unix)) || !matches!(action, A::Interfaces | A::Doctor);
    BINDINGS
        .iter()
        .filter(move |binding| binding.screens.has(screen) && is_there(binding.action))
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
