//! What can be clicked: remembered while it is drawn.

use ratatui::layout::{Position, Rect};

use crate::tui::keys::Action;
use crate::tui::list::Column;

/// Something that can be clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A row of the list, by its place.
    Row(usize),
    /// The head of a column.
    Column(Column),
    /// A frame in the list of packets, by its place.
    Packet(usize),
    /// A byte of the selected frame, by its place.
    Byte(usize),
    /// A line of the ladder, by its place.
    Rung(usize),
    /// A pane, by its number.
    Pane(usize),
    /// Whatever a key does.
    Key(Action),
}

/// Everything that can be clicked, with its place on the screen.
#[derive(Debug, Default)]
pub struct Hits(Vec<(Rect, Hit)>);

impl Hits {
    /// Forgets what was drawn before.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Remembers what is drawn there.
    pub fn add(&mut self, area: Rect, hit: Hit) {
        self.0.push((area, hit));
    }

    /// What is at a place.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<Hit> {
        let position = Position::new(column, row);
        let found = self
            .0
            .iter()
            .rev()
            .find(|(area, _)| area.contains(position));
        found.map(|(_, hit)| *hit)
    }
}
