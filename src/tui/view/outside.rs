//! The boxes that ask where to capture, and show what the doctor says.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::outside::{Panel, Question};
use crate::tui::theme::Role;
use crate::tui::view::help::frame;
use crate::tui::view::menus::centred;

/// Draws the box; takes note of how much of it there is room for.
pub(super) fn draw(app: &App, panel: &mut Panel, area: Rect, buffer: &mut Buffer) {
    let longest = match &*panel {
        Panel::Doctor { text, .. } => text.lines().map(UnicodeWidthStr::width).max(),
        Panel::Waiting(_) | Panel::Interfaces(..) => None,
    };
    let wanted = u16::try_from(longest.unwrap_or(0) + 4).unwrap_or(u16::MAX);
    let width = area.width.min(wanted.max(100));
    let inner = usize::from(width) - 4;
    let room = usize::from(area.height).saturating_sub(3);
    let mut doc = Doc::new(app.theme, inner);
    let title = match panel {
        Panel::Waiting(Question::Interfaces) => {
            doc.text(Role::Plain, "Looking where to capture…   Esc leaves");
            "Interface"
        }
        Panel::Waiting(Question::Doctor) => {
            doc.text(Role::Plain, "Looking and trying, 2 s at most…   Esc leaves");
            "Doctor"
        }
        Panel::Interfaces(picker, _) => {
            doc.lines = picker.lines(app.theme, inner, room.saturating_sub(1));
            doc.text(
                Role::Minor,
                "Enter captures there, in place of this   Esc stays",
            );
            "Interface"
        }
        Panel::Doctor { text, first, page } => {
            for line in text.lines() {
                // Columns are kept: no line is taken for empty.
                doc.text(Role::Plain, line);
            }
            *page = room;
            *first = (*first).min(doc.lines.len().saturating_sub(room));
            let is_cut = doc.lines.len() > room;
            doc.lines = doc.lines.split_off(*first);
            doc.lines.truncate(room);
            let hint = if is_cut {
                "PgDn more; any other closes this"
            } else {
                "any key closes this"
            };
            doc.text(Role::Minor, hint);
            "Doctor: what another corshark, started now, may do"
        }
    };
    let outer = centred(area, width, doc.lines.len() + 2);
    frame(app, outer, title, &doc.lines, buffer);
}
