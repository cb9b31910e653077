//! Searching: the next row, line or packet that holds a text.

use crate::cors::transaction::Verdict;
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::list::Entry;
use crate::tui::screen::Screen;
use crate::tui::texts::next_of;

impl App {
    /// Goes to the next place that was searched for.
    pub(super) fn find(&mut self, forwards: bool, beyond: bool) {
        if self.search.is_empty() {
            self.tell("nothing was searched for: / does that");
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

    /// Goes to the next row that failed.
    pub(super) fn find_failure(&mut self, forwards: bool) {
        let failed = |place: &usize| {
            let verdict = self.list.get(*place).map(|entry| entry.row.verdict);
            matches!(verdict, Some(Verdict::Fail(_)))
        };
        let found = next_of(self.list.cursor(), self.list.len(), forwards, true).find(failed);
        match found {
            None => self.tell("no failure among these"),
            Some(place) => {
                self.list.move_to(place);
                self.list.follow = false;
            }
        }
    }

    /// Goes to the next line that was searched for.
    fn find_line(&mut self, forwards: bool, beyond: bool) {
        let wanted = self.search.clone();
        if !self.texts_mut().find(&wanted, forwards, beyond) {
            self.tell_error(format!("not found: {wanted}"));
        }
    }

    /// Gives the panes of the screen their texts, of each of which so many lines fit.
    pub fn set_texts(&mut self, docs: impl IntoIterator<Item = (Doc, usize)>) {
        self.texts_mut().set(docs);
        if let Some((forwards, beyond)) = self.finding.take() {
            self.find_line(forwards, beyond);
        }
    }
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
