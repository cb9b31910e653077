//! The pieces of a head that does not stand as it should, put in order.

use crate::http::headers::{HeaderList, Span};

/// Collects header lines, no more than so many.
pub(super) struct Mended {
    bytes: Vec<u8>,
    lines: Vec<(Span, Span)>,
    max_lines: usize,
}

impl Mended {
    pub(super) fn new(max_lines: usize) -> Self {
        Self {
            bytes: Vec::new(),
            lines: Vec::new(),
            max_lines,
        }
    }

    /// Adds a line; whether there was room for it.
    pub(super) fn push(&mut self, name: &[u8], value: &[u8]) -> bool {
        let has_room = self.lines.len() < self.max_lines;
        if has_room {
            let line = (self.add(name), self.add(value));
            self.lines.push(line);
        }
        has_room
    }

    /// Joins more to the value of the last line.
    pub(super) fn fold(&mut self, more: &[u8]) {
        let Some((name, value)) = self.lines.pop() else {
            return;
        };
        let value = match (value.start == value.end, more) {
            (_, b"") => value,
            (true, more) => self.add(more),
            (false, more) => {
                self.add(b" ");
                let more = self.add(more);
                let start = value.start;
                Span { start, ..more }
            }
        };
        self.lines.push((name, value));
    }

    pub(super) fn into_list(self) -> HeaderList {
        HeaderList::new(self.bytes.into(), self.lines.into_iter())
    }

    fn add(&mut self, piece: &[u8]) -> Span {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(piece);
        Span {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
        }
    }
}
