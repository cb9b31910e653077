//! Text to scroll through: lines of styled pieces, broken to a width.

use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::tui::theme::{Role, Theme};
use crate::wire_text::printable;

/// Lines that are being written.
#[derive(Debug, Default, Clone)]
pub struct Doc {
    theme: Theme,
    width: usize,
    /// What was written.
    pub lines: Vec<Line<'static>>,
}

impl Doc {
    /// An empty one for lines of `width` columns.
    #[must_use]
    pub fn new(theme: Theme, width: usize) -> Self {
        Self {
            theme,
            width: width.max(8),
            lines: Vec::new(),
        }
    }

    /// Columns of a line.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// A piece of text in the style of its role; safe on a terminal whatever it holds.
    #[must_use]
    pub fn span(&self, role: Role, text: &str) -> Span<'static> {
        Span::styled(printable(text).into_owned(), self.theme.style(role))
    }

    /// An empty line.
    pub fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }

    /// A heading, after an empty line.
    pub fn heading(&mut self, text: &str) {
        self.blank();
        self.text(Role::Title, text);
    }

    /// Text from the left edge on.
    pub fn text(&mut self, role: Role, text: &str) {
        self.hanging(Span::raw(""), 0, role, text);
    }

    /// Text after a label of so many columns; further lines stand below the text.
    pub fn field(&mut self, label: &str, columns: usize, role: Role, text: &str) {
        let label = self.span(Role::Label, label);
        self.hanging(label, columns, role, text);
    }

    /// Text after something of so many columns.
    pub fn hanging(&mut self, first: Span<'static>, columns: usize, role: Role, text: &str) {
        let style = self.theme.style(role);
        let mut columns = columns.min(self.width / 2);
        let wide = first.content.trim_end().width();
        let mut first = first;
        if wide >= columns && wide > 0 {
            // It has no room beside the text, where that is more than one line.
            if wide + 1 + text.width() <= self.width {
                columns = wide + 1;
            } else {
                self.lines.push(Line::from(std::mem::take(&mut first)));
            }
        }
        let pieces = wrap(&printable(text), self.width - columns);
        let mut first = Some(first);
        for piece in pieces {
            let lead = first.take().unwrap_or_default();
            let gap = columns.saturating_sub(lead.width());
            let blanks = Span::raw(" ".repeat(gap));
            self.lines
                .push(Line::from(vec![lead, blanks, Span::styled(piece, style)]));
        }
    }

    /// A line as it is.
    pub fn line(&mut self, spans: Vec<Span<'static>>) {
        self.lines.push(Line::from(spans));
    }
}

/// The text in lines of at most so many columns, broken between words where that is possible; at
/// least one line.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    for line in text.split('\n') {
        if line.width() <= width {
            lines.push(line.to_owned());
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let indent = indent.min(width / 2);
        let mut current = " ".repeat(indent);
        let mut columns = indent;
        let mut is_empty = true;
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let wide = word.width();
            if !is_empty && columns + 1 + wide > width {
                lines.push(std::mem::replace(&mut current, " ".repeat(indent)));
                columns = indent;
                is_empty = true;
            }
            if !is_empty {
                current.push(' ');
                columns += 1;
            }
            is_empty = false;
            for c in word.chars() {
                let wide = c.width().unwrap_or(0);
                if columns + wide > width && columns > indent {
                    lines.push(std::mem::replace(&mut current, " ".repeat(indent)));
                    columns = indent;
                }
                current.push(c);
                columns += wide;
            }
        }
        lines.push(current);
    }
    lines
}

/// The text cut to so many columns, with an ellipsis where it was longer.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut columns = 0;
    let mut cut = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if columns + wide + 1 > width {
            break;
        }
        columns += wide;
        cut.push(c);
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// The text cut or filled up to exactly so many columns.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    let mut text = fit(text, width);
    let gap = width.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', gap));
    text
}

/// A line cut or filled up to exactly so many columns.
#[must_use]
pub fn pad_line(line: &Line<'static>, width: usize) -> Vec<Span<'static>> {
    let mut spans = Vec::with_capacity(line.spans.len() + 1);
    let mut left = width;
    for span in &line.spans {
        let text = fit(&span.content, left);
        left -= text.width().min(left);
        spans.push(Span::styled(text, span.style));
    }
    spans.push(Span::raw(" ".repeat(left)));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_within_long_ones() {
        for (text, width, expected) in [
            ("one two three", 7, vec!["one two", "three"]),
            ("abcdefghij", 4, vec!["abcd", "efgh", "ij"]),
            ("a abcdefghij", 4, vec!["a", "abcd", "efgh", "ij"]),
            ("  in dented", 6, vec!["  in", "  dent", "  ed"]),
            ("", 5, vec![""]),
            ("日本語", 4, vec!["日本", "語"]),
        ] {
            assert_eq!(wrap(text, width), expected, "{text:?} in {width}");
        }
    }

    #[test]
    fn a_label_never_touches_its_text() {
        let mut doc = Doc::new(Theme::Mono, 12);
        doc.field("ab", 4, Role::Plain, "one two three");
        doc.field("abcde", 4, Role::Plain, "one");
        doc.field("abcde", 4, Role::Plain, "one two three");
        let lines: Vec<String> = doc.lines.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "ab  one two",
                "    three",
                "abcde one",
                "abcde",
                "    one two",
                "    three"
            ]
        );
    }

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(pad("日本", 5), "日本 ");
        assert_eq!(fit("abc", 0), "");
    }
}
