//! Texts to scroll through: the panes of a screen, each with a place of its own.

use crate::tui::doc::Doc;

/// A text, the lines of it that fit, and the first one that is shown.
#[derive(Debug, Default)]
struct Pane {
    doc: Doc,
    height: usize,
    first: usize,
    /// Where a search goes on: the line that was found, while it is not scrolled away from.
    line: usize,
}

impl Pane {
    fn scroll_to(&mut self, first: usize) {
        let last = self.doc.lines.len().saturating_sub(self.height);
        self.first = first.min(last);
    }

    /// Whether a line holds a text, which is in lower case.
    fn holds(&self, line: usize, wanted: &str) -> bool {
        let line = self.doc.lines.get(line);
        line.is_some_and(|line| line.to_string().to_lowercase().contains(wanted))
    }
}

/// The texts of a screen; keys move one of them.
#[derive(Debug, Default)]
pub struct Texts {
    panes: Vec<Pane>,
    active: usize,
}

impl Texts {
    /// Gives the panes their texts, of each so many lines fit; each stays where it was.
    pub fn set(&mut self, docs: impl IntoIterator<Item = (Doc, usize)>) {
        let mut count = 0;
        for (doc, height) in docs {
            if count == self.panes.len() {
                self.panes.push(Pane::default());
            }
            if let Some(pane) = self.panes.get_mut(count) {
                (pane.doc, pane.height) = (doc, height);
                pane.scroll_to(pane.first);
            }
            count += 1;
        }
        self.panes.truncate(count);
        self.active = self.active.min(count.saturating_sub(1));
    }

    /// The text of a pane, and the first line of it that is shown.
    #[must_use]
    pub fn get(&self, pane: usize) -> Option<(&Doc, usize)> {
        self.panes.get(pane).map(|pane| (&pane.doc, pane.first))
    }

    /// The pane that keys move.
    #[must_use]
    pub fn active(&self) -> usize {
        self.active
    }

    /// Lets keys move this pane from now on.
    pub fn activate(&mut self, pane: usize) {
        self.active = pane.min(self.panes.len().saturating_sub(1));
    }

    /// Lets keys move the pane so many further on.
    pub fn turn(&mut self, by: usize) {
        self.active = (self.active + by) % self.panes.len().max(1);
    }

    /// How many panes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.panes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.panes.is_empty()
    }

    /// Lines of the active pane that fit.
    #[must_use]
    pub fn height(&self) -> usize {
        self.panes.get(self.active).map_or(0, |pane| pane.height)
    }

    /// Moves the active text.
    pub fn move_by(&mut self, by: isize) {
        if let Some(pane) = self.panes.get_mut(self.active) {
            pane.scroll_to(pane.first.saturating_add_signed(by));
            pane.line = pane.first;
        }
    }

    /// Goes to the beginning of each text.
    pub fn rewind(&mut self) {
        for pane in &mut self.panes {
            (pane.first, pane.line) = (0, 0);
        }
    }

    /// Goes to the next line that holds a text, in whichever pane; `false` where none does.
    pub fn find(&mut self, wanted: &str, forwards: bool, beyond: bool) -> bool {
        let wanted = wanted.to_lowercase();
        let panes = self.panes.iter().enumerate();
        let lines = panes.flat_map(|(at, pane)| (0..pane.doc.lines.len()).map(move |n| (at, n)));
        let lines: Vec<(usize, usize)> = lines.collect();
        let here = self.panes.get(self.active).map_or(0, |pane| pane.line);
        let here = lines.iter().position(|line| *line == (self.active, here));
        let mut places = next_of(here.unwrap_or(0), lines.len(), forwards, beyond);
        let found = places.find_map(|place| {
            let (at, line) = *lines.get(place)?;
            let pane = self.panes.get(at)?;
            pane.holds(line, &wanted).then_some((at, line))
        });
        let Some((at, line)) = found else {
            return false;
        };
        self.active = at;
        if let Some(pane) = self.panes.get_mut(at) {
            pane.scroll_to(line);
            pane.line = line;
        }
        true
    }
}

/// The places from `from` on, round to it again.
pub(super) fn next_of(
    from: usize,
    len: usize,
    forwards: bool,
    beyond: bool,
) -> impl Iterator<Item = usize> {
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
