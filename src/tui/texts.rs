//! Texts to scroll through: the panes of a screen, each with a place of its own.

use std::ops::Range;

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

    /// Scrolls so that the selected line is on the screen: with what is above the first, or below the last.
    fn reveal(&mut self, choice: &Range<usize>) {
        let top = if self.line == choice.start {
            0
        } else {
            self.line
        };
        let bottom = if self.line + 1 == choice.end {
            self.doc.lines.len()
        } else {
            self.line + 1
        };
        let lowest = bottom.saturating_sub(self.height).min(self.line);
        self.scroll_to(self.first.min(top).max(lowest));
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
    /// The lines of the first pane among which one is selected.
    choice: Range<usize>,
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

    /// Moves the active text, or the selected line of it.
    pub fn move_by(&mut self, by: isize) {
        let choice = Some(&self.choice).filter(|choice| self.active == 0 && !choice.is_empty());
        let Some(pane) = self.panes.get_mut(self.active) else {
            return;
        };
        if let Some(choice) = choice {
            let line = pane.line.clamp(choice.start, choice.end - 1);
            let line = line.saturating_add_signed(by);
            pane.line = line.clamp(choice.start, choice.end - 1);
            pane.reveal(choice);
        } else {
            pane.scroll_to(pane.first.saturating_add_signed(by));
            pane.line = pane.first;
        }
    }

    /// One of these lines of the first pane is selected, and moved by keys.
    pub fn choose_among(&mut self, lines: Range<usize>) {
        self.choice = lines;
    }

    /// Selects the line at a place among those to choose from; whether it was selected already.
    pub fn choose(&mut self, place: usize) -> bool {
        let was = self.chosen() == place;
        if let Some(pane) = self.panes.first_mut() {
            pane.line = self.choice.start + place;
            pane.reveal(&self.choice);
        }
        was
    }

    /// The selected line, counted from the first of those to choose from.
    #[must_use]
    pub fn chosen(&self) -> usize {
        let line = self.panes.first().map_or(0, |pane| pane.line);
        let last = self.choice.len().saturating_sub(1);
        line.saturating_sub(self.choice.start).min(last)
    }

    /// Where the selected line stands on the screen, if it does.
    #[must_use]
    pub fn line_on_screen(&self) -> Option<usize> {
        let pane = self.panes.first()?;
        let line = self.choice.start + self.chosen();
        let line = line.checked_sub(pane.first)?;
        (line < pane.height && !self.choice.is_empty()).then_some(line)
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
    (first..len + first).map(move |step| step_from(from, len, forwards, step))
}

/// The place so many steps from one of `len`, round to it again.
pub(super) fn step_from(from: usize, len: usize, forwards: bool, step: usize) -> usize {
    let step = step % len.max(1);
    let at = if forwards {
        from + step
    } else {
        from + len - step
    };
    at % len.max(1)
}
