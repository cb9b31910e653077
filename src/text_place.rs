//! Where in a text something is: how errors in a user's file name its place.

use std::fmt::{self, Display};

/// A line and a column, both counted from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPlace {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl TextPlace {
    /// The place of a byte of the text; the text's beginning where there is no such byte.
    ///
    /// ```
    /// use corshark::text_place::TextPlace;
    ///
    /// assert_eq!(TextPlace::of("a\nbc", 3).to_string(), "line 2, column 2");
    /// ```
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or_default();
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: last.chars().count() + 1,
        }
    }
}

impl Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
