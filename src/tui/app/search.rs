//! Searching: the next row, line or packet that holds a text.

use crate::cors::transaction::Verdict;
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::list::Entry;
use crate::tui::screen::Screen;
use crate::tui::texts::{next_of, step_from};

/// Rows looked at before the next picture: about a millisecond.
const PIECE: usize = 5000;

/// A search among the rows that goes on.
#[derive(Debug)]
pub(super) struct Seek {
    /// In lower case.
    wanted: String,
    /// Where it began, among how many, and in which direction.
    from: usize,
    len: usize,
    forwards: bool,
    /// How many steps from there are taken next.
    steps: std::ops::Range<usize>,
}

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
        let (first, len) = (usize::from(beyond), self.list.len());
        self.seeking = Some(Seek {
            wanted,
            from: self.list.cursor(),
            len,
            forwards,
            steps: first..len + first,
        });
        if self.seek() {
            self.tell(format!("searching for {}…", self.search));
        }
    }

    /// Goes on searching among the rows for a piece; whether there is more to do.
    pub(super) fn seek(&mut self) -> bool {
        let Some(mut seek) = self.seeking.take() else {
            return false;
        };
        let steps = seek.steps.by_ref().take(PIECE);
        let mut places = steps.map(|step| step_from(seek.from, seek.len, seek.forwards, step));
        let is_wanted = |place: &usize| {
            let entry = self.list.get(*place);
            entry.is_some_and(|entry| row_contains(entry, &seek.wanted))
        };
        if let Some(place) = places.find(is_wanted) {
            self.message = None;
            self.list.move_to(place);
            self.list.follow = false;
        } else if seek.steps.is_empty() {
            self.tell_error(format!("not found: {}", self.search));
        } else {
            self.seeking = Some(seek);
            return true;
        }
        false
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

/// Whether a row holds a text, which is in lower case.
fn row_contains(entry: &Entry, wanted: &str) -> bool {
    let row = &entry.row;
    let texts = [
        &*row.origin,
        &*row.authority,
        &*row.path,
        &*row.method,
        &*row.why,
    ];
    texts.iter().any(|text| contains(text, wanted))
        || target_contains(&row.authority, &row.path, wanted)
        || wanted.starts_with(|c: char| c.is_ascii_digit()) && row.id.to_string() == wanted
}

fn contains(text: &str, wanted: &str) -> bool {
    if !wanted.is_ascii() {
        return text.to_lowercase().contains(wanted);
    }
    let mut places = text.as_bytes().windows(wanted.len().max(1));
    places.any(|place| place.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Whether a text stands where a target's host ends and its path begins.
fn target_contains(authority: &str, path: &str, wanted: &str) -> bool {
    wanted.match_indices('/').any(|(at, _)| {
        let (host, rest) = wanted.split_at(at);
        let end = authority.len().checked_sub(host.len());
        let end = end.and_then(|end| authority.get(end..));
        let begin = path.get(..rest.len());
        !host.is_empty()
            && end.is_some_and(|end| end.eq_ignore_ascii_case(host))
            && begin.is_some_and(|begin| begin.eq_ignore_ascii_case(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_across_its_parts() {
        for (wanted, expected) in [
            ("test/a", true),
            ("api.test/a/b", true),
            ("test/b", false),
            ("/a", false),
            ("x.api.test/a", false),
        ] {
            assert_eq!(
                target_contains("API.test", "/a/b", wanted),
                expected,
                "{wanted}"
            );
        }
        assert!(contains("ÄRGER", "ärger") && contains("Host", "os") && !contains("", "a"));
    }
}
