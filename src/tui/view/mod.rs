//! State → what is on the screen. Nothing here changes the state but its measures.
//!
//! ```text
//!   title      the source, the screens
//!   body       the screen's own
//!   status     how far the source is, counts, the keys that matter here; or a prompt, or a message
//! ```

mod ascii;
mod detail;
mod help;
mod list;
mod status;
mod why;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::cors::cors_error::CorsError;
use crate::cors::transaction::Verdict;
use crate::tui::app::{App, Overlay};
use crate::tui::doc::{Doc, fit};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

/// The smallest screen that is drawn on.
const SMALLEST: (u16, u16) = (40, 10);

/// Draws the screen.
pub fn draw(app: &mut App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(area, buffer);
        return;
    }
    let title = Rect { height: 1, ..area };
    let status = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    let body = Rect {
        y: area.y + 1,
        height: area.height - 2,
        ..area
    };
    draw_title(app, title, buffer);
    match app.screen {
        Screen::List => list::draw(app, body, buffer),
        Screen::Detail => {
            let doc = detail::write(app, body.width.into());
            draw_doc(app, doc, body, buffer);
        }
    }
    let cursor = status::draw(app, status, buffer);
    if let Overlay::Help = app.overlay {
        help::draw(app, body, buffer);
    }
    if app.ascii {
        ascii::flatten(buffer);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn too_small(area: Rect, buffer: &mut Buffer) {
    let (width, height) = SMALLEST;
    let text = format!("terminal too small (need {width}x{height})");
    let text = fit(&text, area.width.into());
    let left = usize::from(area.width).saturating_sub(text.len()) / 2;
    let x = area.x + u16::try_from(left).unwrap_or(0);
    buffer.set_string(
        x,
        area.y + area.height / 2,
        text,
        ratatui::style::Style::new(),
    );
}

fn draw_title(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let mut tabs: Vec<Span<'_>> = Vec::new();
    for (screen, number) in Screen::ALL.iter().zip(1..) {
        let is_on = *screen == app.screen;
        let role = if is_on { Role::Title } else { Role::Plain };
        let text = if area.width >= 100 || is_on {
            format!(" {number} {} ", screen.name())
        } else {
            format!(" {number} ")
        };
        let style = theme.style(role);
        let style = if is_on {
            style.patch(Theme::selected())
        } else {
            style
        };
        tabs.push(Span::styled(text, style));
    }
    let tabs = Line::from(tabs);
    let room = usize::from(area.width).saturating_sub(tabs.width() + 12);
    let doc = Doc::new(theme, 80);
    let name = app.source.name.rsplit('/').next().unwrap_or_default();
    let name = fit(&crate::wire_text::printable(name), room);
    let left = Line::from(vec![doc.span(Role::Title, " corshark "), Span::raw(name)]);
    buffer.set_line(area.x, area.y, &left, area.width);
    let width = u16::try_from(tabs.width())
        .unwrap_or(area.width)
        .min(area.width);
    buffer.set_line(area.right() - width, area.y, &tabs, width);
}

/// Draws a text that can be scrolled.
fn draw_doc(app: &mut App, doc: Doc, area: Rect, buffer: &mut Buffer) {
    app.set_doc(doc, area.height.into());
    let first = app.scrolled();
    let lines = app.doc().lines.iter().skip(first);
    for (line, y) in lines.zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
    highlight(app, area, buffer);
    let more = app.doc().lines.len() > first + usize::from(area.height);
    if more {
        let style = app.theme.style(Role::Key);
        buffer.set_string(area.right() - 1, area.bottom() - 1, "▼", style);
    }
    if first > 0 {
        let style = app.theme.style(Role::Key);
        buffer.set_string(area.right() - 1, area.top(), "▲", style);
    }
}

/// Shows where the text that was searched for stands.
fn highlight(app: &App, area: Rect, buffer: &mut Buffer) {
    if app.search.is_empty() {
        return;
    }
    let wanted: Vec<char> = app.search.to_lowercase().chars().collect();
    let style = app.theme.style(Role::Found);
    for y in area.top()..area.bottom() {
        let symbol = |x: u16| {
            let cell = buffer.cell((x, y));
            let c = cell.and_then(|cell| cell.symbol().chars().next());
            c.map_or(' ', |c| c.to_lowercase().next().unwrap_or(c))
        };
        let symbols: Vec<char> = (area.left()..area.right()).map(symbol).collect();
        let found = symbols.windows(wanted.len()).zip(area.left()..);
        let found: Vec<u16> = found
            .filter(|(window, _)| *window == wanted)
            .map(|(_, x)| x)
            .collect();
        for x in found {
            let width = u16::try_from(wanted.len()).unwrap_or(1);
            buffer.set_style(
                Rect {
                    x,
                    y,
                    width,
                    height: 1,
                },
                style,
            );
        }
    }
}

/// Role, sign and word of a verdict.
fn look(verdict: Verdict, condition: Option<CorsError>) -> (Role, &'static str, &'static str) {
    match verdict {
        Verdict::Pass if condition.is_some() => (Role::Condition, "!", "pass?"),
        Verdict::Pass => (Role::Pass, "✓", "pass"),
        Verdict::Fail(_) => (Role::Fail, "✗", "FAIL"),
        Verdict::Unknown(_) => (Role::Unknown, "?", "unknown"),
        Verdict::NotCors(_) => (Role::NotCors, "·", "not CORS"),
    }
}

/// A horizontal line.
fn rule(app: &App, area: Rect, y: u16, buffer: &mut Buffer) {
    let style = app.theme.style(Role::Border);
    let line = "─".repeat(area.width.into());
    buffer.set_stringn(area.x, y, line, area.width.into(), style);
}
