//! State → what is on the screen. Nothing here changes the state but its measures.
//!
//! ```text
//!   title      the source, the screens
//!   body       the screen's own
//!   status     how far the source is, counts, the keys that matter here; or a prompt, or a message
//! ```

mod ascii;
mod compare;
mod cost;
mod detail;
mod head_lines;
mod help;
mod hex;
mod ladder;
mod list;
mod menus;
mod messages;
mod outside;
mod packets;
mod policy;
pub(super) mod secret;
mod status;
mod summary;
pub(super) mod why;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::cors::cors_error::CorsError;
use crate::cors::transaction::Verdict;
use crate::tui::app::{App, Overlay};
use crate::tui::doc::{Doc, fit};
use crate::tui::keys::Action;
use crate::tui::mouse::Hit;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};
use crate::wire_text::printable;

/// The smallest screen that is drawn on.
const SMALLEST: (u16, u16) = (40, 10);

/// Draws the screen.
pub fn draw(app: &mut App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    app.hits.clear();
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
    let width = usize::from(body.width);
    match app.screen {
        Screen::List => list::draw(app, body, buffer),
        Screen::Detail => detail::draw(app, body, buffer),
        Screen::Ladder => ladder::draw(app, body, buffer),
        Screen::Packets => packets::draw(app, body, buffer),
        Screen::Summary => draw_text(app, summary::write(app, width), body, buffer),
        Screen::Cost => draw_text(app, cost::write(app, width), body, buffer),
        Screen::Policy => draw_text(app, policy::write(app, width), body, buffer),
        Screen::Compare => draw_text(app, compare::write(app, width), body, buffer),
    }
    let mut cursor = status::draw(app, status, buffer);
    // It is taken out while it is drawn, as its measures change.
    let mut overlay = std::mem::take(&mut app.overlay);
    match &mut overlay {
        Overlay::Help { first, page } => {
            (*first, *page) = help::draw(app, *first, body, buffer);
        }
        Overlay::Outside(panel) => outside::draw(app, panel, body, buffer),
        Overlay::Copy => menus::draw_copy(app, body, buffer),
        Overlay::Save(form) => cursor = menus::draw_save(app, form, body, buffer),
        Overlay::None | Overlay::Prompt(_) => {}
    }
    app.overlay = overlay;
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

fn draw_title(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let mut tabs: Vec<(Screen, Span<'_>)> = Vec::new();
    for (screen, number) in Screen::ALL.into_iter().zip(1..) {
        let is_on = screen == app.screen;
        let text = if area.width >= 110 || is_on {
            format!(" {number} {} ", screen.name())
        } else {
            format!(" {number} ")
        };
        let mut span = Span::styled(
            text,
            theme.style(if is_on { Role::Title } else { Role::Plain }),
        );
        if is_on {
            span.style = span.style.patch(Theme::selected());
        }
        tabs.push((screen, span));
    }
    let wide: usize = tabs.iter().map(|(_, span)| span.width()).sum();
    let room = usize::from(area.width).saturating_sub(wide + 12);
    let doc = Doc::new(theme, 80);
    let name = app.source.name.rsplit('/').next().unwrap_or_default();
    let name = fit(&printable(name), room);
    let left = Line::from(vec![doc.span(Role::Title, " corshark "), Span::raw(name)]);
    buffer.set_line(area.x, area.y, &left, area.width);
    let wide = u16::try_from(wide).unwrap_or(area.width).min(area.width);
    let mut x = area.right() - wide;
    for (screen, span) in tabs {
        let width = u16::try_from(span.width()).unwrap_or(0);
        let tab = Rect { x, width, ..area };
        buffer.set_span(x, area.y, &span, width);
        app.hits.add(tab, Hit::Key(Action::Show(screen)));
        x += width;
    }
}

/// Draws a text that can be scrolled.
fn draw_text(app: &mut App, doc: Doc, area: Rect, buffer: &mut Buffer) {
    draw_texts(app, vec![(doc, area)], buffer);
}

/// Draws texts that can be scrolled, each at its place.
fn draw_texts(app: &mut App, panes: Vec<(Doc, Rect)>, buffer: &mut Buffer) {
    let areas: Vec<Rect> = panes.iter().map(|(_, area)| *area).collect();
    let docs = panes
        .into_iter()
        .map(|(doc, area)| (doc, area.height.into()));
    app.set_texts(docs);
    for (area, pane) in areas.iter().zip(0..) {
        if area.height == 0 {
            continue;
        }
        app.hits.add(*area, Hit::Pane(pane));
        let Some((doc, first)) = app.texts().and_then(|texts| texts.get(pane)) else {
            continue;
        };
        let lines = doc.lines.iter().skip(first);
        for (line, y) in lines.zip(area.top()..area.bottom()) {
            buffer.set_line(area.x, y, line, area.width);
        }
        let style = app.theme.style(Role::Key);
        if doc.lines.len() > first + usize::from(area.height) {
            buffer.set_string(area.right() - 1, area.bottom() - 1, "▼", style);
        }
        if first > 0 {
            buffer.set_string(area.right() - 1, area.top(), "▲", style);
        }
        highlight(app, *area, buffer);
    }
}

/// Draws a text that is shorter than the screen.
fn draw_lines(doc: &Doc, area: Rect, buffer: &mut Buffer) {
    for (line, y) in doc.lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// Says why there is no transaction to show.
fn not_at_hand(app: &App, doc: &mut Doc) {
    let text = match app.list.selected() {
        None => "No transaction is selected: Esc goes back to the list",
        Some(entry) if app.is_gone(entry) => {
            "Not kept, as there were too many, and the capture cannot be read again"
        }
        Some(_) => "Reading it again…",
    };
    doc.text(Role::Plain, text);
}

/// A time in milliseconds, in few digits.
fn milliseconds(ms: f64) -> String {
    match ms {
        ..10.0 => format!("{ms:.1}"),
        10.0..1e6 => format!("{ms:.0}"),
        _ => format!("{:.0} s", ms / 1000.0),
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
