//! The keys of a screen, drawn from the table of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Widget as _};

use crate::tui::app::App;
use crate::tui::doc::{Doc, pad, pad_line};
use crate::tui::keys;
use crate::tui::theme::Role;

/// Columns of the keys.
const KEYS: usize = 13;
/// Columns of a key with its meaning.
const COLUMN: usize = 35;

/// Draws them, from line `first` on.
pub(super) fn draw(app: &App, first: usize, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let columns = (usize::from(area.width) - 4) / COLUMN;
    let columns = columns.clamp(1, 3);
    let inner = (columns * COLUMN).min(usize::from(area.width) - 4);
    let mut doc = Doc::new(theme, inner);
    doc.text(
        Role::Title,
        &format!("{}: {}", app.screen.name(), app.screen.purpose()),
    );
    let bindings: Vec<_> = keys::of_screen(app.screen).collect();
    let column = inner / columns;
    let rows = bindings.len().div_ceil(columns);
    for row in 0..rows {
        let mut spans = Vec::new();
        let places = (0..columns).map(|column| column * rows + row);
        for binding in places.filter_map(|place| bindings.get(place)) {
            spans.push(doc.span(Role::Key, &pad(binding.keys, KEYS)));
            spans.push(doc.span(Role::Plain, &pad(binding.help, column - KEYS - 1)));
            spans.push(doc.span(Role::Plain, " "));
        }
        doc.line(spans);
    }
    doc.text(
        Role::Plain,
        "✓ pass  ✗ FAIL  ! passes, but not with credentials  ? unknown  · not CORS",
    );
    let room = usize::from(area.height).saturating_sub(3);
    let first = first.min(doc.lines.len().saturating_sub(room));
    let cut = doc.lines.len() > room;
    let mut lines: Vec<Line<'_>> = doc.lines.drain(..).skip(first).take(room).collect();
    let close = if cut {
        "Up Down scroll; any other key closes this"
    } else {
        "any key closes this"
    };
    doc.text(Role::Minor, close);
    lines.append(&mut doc.lines);
    let size = |n: usize, most: u16| u16::try_from(n).unwrap_or(most).min(most);
    let (width, height) = (
        size(inner + 4, area.width),
        size(lines.len() + 2, area.height),
    );
    let outer = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame(app, outer, "Keys", &lines, buffer);
}

/// A box with a title and lines in it, over whatever is there.
pub(super) fn frame(
    app: &App,
    area: Rect,
    title: &str,
    lines: &[Line<'static>],
    buffer: &mut Buffer,
) {
    Clear.render(area, buffer);
    let border = app.theme.style(Role::Border);
    let inner = usize::from(area.width).saturating_sub(2);
    let title = format!("─ {title} ");
    let top = format!(
        "┌{title}{}┐",
        "─".repeat(inner.saturating_sub(title.chars().count()))
    );
    buffer.set_stringn(area.x, area.y, top, area.width.into(), border);
    for y in area.top() + 1..area.bottom() - 1 {
        buffer.set_string(area.x, y, "│", border);
        buffer.set_string(area.right() - 1, y, "│", border);
    }
    let bottom = format!("└{}┘", "─".repeat(inner));
    buffer.set_stringn(area.x, area.bottom() - 1, bottom, area.width.into(), border);
    for (line, y) in lines.iter().zip(area.top() + 1..area.bottom() - 1) {
        let line = Line::from(pad_line(line, inner.saturating_sub(2)));
        buffer.set_line(area.x + 2, y, &line, area.width - 4);
    }
}
