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
const KEYS: usize = 14;

pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let width = usize::from(area.width).min(110);
    let mut doc = Doc::new(theme, width - 4);
    doc.text(
        Role::Title,
        &format!("{}: {}", app.screen.name(), app.screen.purpose()),
    );
    let bindings: Vec<_> = keys::of_screen(app.screen).collect();
    let columns = match width {
        100.. => 3,
        60.. => 2,
        _ => 1,
    };
    let column = (width - 4) / columns;
    let rows = bindings.len().div_ceil(columns);
    for row in 0..rows {
        let mut spans = Vec::new();
        let places = (0..columns).map(|column| column * rows + row);
        for binding in places.filter_map(|place| bindings.get(place)) {
            let keys = binding
                .keys
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            spans.push(doc.span(Role::Key, &pad(&keys, KEYS)));
            spans.push(doc.span(Role::Plain, &pad(binding.help, column - KEYS)));
        }
        doc.line(spans);
    }
    doc.blank();
    doc.text(
        Role::Plain,
        "✓ pass  ✗ FAIL  ! passes, but not with credentials  ? unknown  · not CORS",
    );
    doc.text(Role::Minor, "any key closes this");
    let height = u16::try_from(doc.lines.len() + 2).unwrap_or(area.height);
    let height = height.min(area.height);
    let outer = Rect {
        x: area.x + (area.width - u16::try_from(width).unwrap_or(area.width)) / 2,
        y: area.y + (area.height - height) / 2,
        width: u16::try_from(width).unwrap_or(area.width),
        height,
    };
    frame(app, outer, "Keys", &doc.lines, buffer);
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
