//! The keys of a screen, drawn from the table of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Widget as _};

use crate::tui::app::App;
use crate::tui::doc::{Doc, pad, pad_line};
use crate::tui::keys::{self, Binding};
use crate::tui::theme::Role;

/// Columns of a meaning.
const MEANING: usize = 21;
/// Columns of the keys, where there is room for all of their names.
const KEYS: usize = 14;

/// Draws them, from line `first` on; gives the first line that is drawn, and how many there are room for.
pub(super) fn draw(app: &App, first: usize, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    let theme = app.theme;
    let room = usize::from(area.width) - 4;
    let bindings: Vec<_> = keys::of_screen(app.screen).collect();
    // Where two columns have no room for all names of a key, one name each must do.
    let narrow = room < 2 * (KEYS + MEANING);
    let name = |binding: &Binding| -> &'static str {
        let first = binding.keys.split(' ').next();
        first.filter(|_| narrow).unwrap_or(binding.keys)
    };
    let longest = bindings.iter().map(|binding| name(binding).len()).max();
    let key = if narrow {
        longest.unwrap_or(0) + 1
    } else {
        KEYS
    };
    // Narrow columns cut the longest meanings.
    let least = if narrow { MEANING - 4 } else { MEANING - 1 };
    let columns = (room / (key + least)).clamp(1, 3);
    let column = (room / columns).min(KEYS + MEANING);
    let inner = columns * column;
    let mut doc = Doc::new(theme, inner);
    doc.text(
        Role::Title,
        &format!("{}: {}", app.screen.name(), app.screen.purpose()),
    );
    let rows = bindings.len().div_ceil(columns);
    for row in 0..rows {
        let mut spans = Vec::new();
        let places = (0..columns).map(|column| column * rows + row);
        for binding in places.filter_map(|place| bindings.get(place)) {
            spans.push(doc.span(Role::Key, &pad(name(binding), key)));
            spans.push(doc.span(Role::Plain, &pad(binding.help, column - key - 1)));
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
        "PgDn more; any other closes this"
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
    (first, room)
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
