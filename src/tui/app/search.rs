//! Searching: the next row, line or packet that holds a text.

use crate::tui::app::App;
use crate::tui::list::Entry;
use crate::tui::screen::Screen;

impl App {
    /// Goes to the next place that was searched for.
    pub(super) fn find(&mut self, forwards: bool, beyond: bool) {
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
    pub(super) fn find_line(&mut self, forwards: bool, beyond: bool) {
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
