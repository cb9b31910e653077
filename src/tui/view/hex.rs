//! The bytes of the selected frame, and the header line under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::packets::Packet;
use crate::tui::app::App;
use crate::tui::doc::fit;
use crate::tui::mouse::Hit;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::head_lines::{HeadLine, head_lines};
use crate::tui::view::rule;
use crate::tui::view::secret::HIDDEN;
use crate::wire_text::{printable, wire_text};

/// Columns of a line of sixteen bytes: offset, the bytes in hexadecimal, and as text.
pub(super) const WIDTH: u16 = 76;
/// Columns of an offset with the gap behind it.
const OFFSET: usize = 6;

/// Bytes in a line of so many columns.
pub(super) fn per_line(width: u16) -> usize {
    if width >= WIDTH { 16 } else { 8 }
}

/// Lines of bytes in so much room.
pub(super) fn lines(area: Rect) -> usize {
    usize::from(area.height).saturating_sub(1 + usize::from(has_foot(area)))
}

/// Whether there is room for the header line below the bytes; else it is in the title.
fn has_foot(area: Rect) -> bool {
    area.height > 3
}

pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let Some(packet) = app.packets.selected() else {
        return;
    };
    let theme = app.theme;
    rule(app, area, area.y, buffer);
    let heads = head_lines(app.packets.list(), app.packets.cursor());
    let under = under_cursor(app, packet, &heads);
    let (mark, role) = if app.packets.in_bytes {
        ("▸", Role::Key)
    } else {
        (" ", Role::Title)
    };
    let title = if has_foot(area) || !app.packets.in_bytes {
        let (number, length) = (packet.number, packet.length);
        format!("{mark}frame {number}: {length} bytes of payload ")
    } else {
        format!("{mark}{under} ")
    };
    let title = fit(&title, usize::from(area.width).saturating_sub(4));
    buffer.set_string(area.x + 2, area.y, title, theme.style(role));
    let Some(bytes) = packet.bytes.as_deref() else {
        let text = "not kept: there are too many frames on this list";
        let style = theme.style(Role::Minor);
        buffer.set_stringn(area.x, area.y + 1, text, area.width.into(), style);
        return;
    };
    let per_line = app.packets.per_line();
    let first = app.packets.first_byte();
    let rows = Rect {
        y: area.y + 1,
        height: u16::try_from(lines(area)).unwrap_or(0),
        ..area
    };
    let shown = bytes.get(first..).unwrap_or_default().chunks(per_line);
    let starts = (first..).step_by(per_line);
    let mut hits = Vec::new();
    for ((start, chunk), y) in starts.zip(shown).zip(rows.top()..rows.bottom()) {
        let style = theme.style(Role::Label);
        buffer.set_stringn(area.x, y, format!("{start:04x}"), area.width.into(), style);
        for (byte, at) in chunk.iter().zip(start..) {
            let look = look_of(app, packet, &heads, at);
            let (hex, sign) = if is_hidden(app, &heads, at) {
                ("••".to_owned(), '•')
            } else if byte.is_ascii_graphic() || *byte == b' ' {
                (format!("{byte:02x}"), char::from(*byte))
            } else {
                (format!("{byte:02x}"), '.')
            };
            // Twice a column's breadth in the middle.
            let column = at - start;
            let left = OFFSET + column * 3 + usize::from(column >= per_line / 2);
            let right = OFFSET + per_line * 3 + 2 + column;
            for (column, text) in [(left, hex), (right, sign.to_string())] {
                let place = Rect {
                    x: area.x + u16::try_from(column).unwrap_or(u16::MAX),
                    y,
                    width: u16::try_from(text.chars().count()).unwrap_or(1),
                    height: 1,
                };
                if place.right() <= area.right() {
                    buffer.set_string(place.x, y, text, look);
                    hits.push((place, at));
                }
            }
        }
    }
    if has_foot(area) {
        let style = theme.style(Role::Label);
        let text = fit(&under, area.width.into());
        buffer.set_string(area.x, area.bottom() - 1, text, style);
    }
    for (place, byte) in hits {
        app.hits.add(place, Hit::Byte(byte));
    }
}

fn line_of(heads: &[HeadLine], at: usize) -> Option<&HeadLine> {
    heads.iter().find(|line| line.whole.contains(&at))
}

fn is_hidden(app: &App, heads: &[HeadLine], at: usize) -> bool {
    let of_line = line_of(heads, at);
    !app.secrets && of_line.is_some_and(|line| line.secrets.iter().any(|s| s.contains(&at)))
}

/// How a byte looks: by what it belongs to, and whether the cursor is there.
fn look_of(app: &App, packet: &Packet, heads: &[HeadLine], at: usize) -> Style {
    let line = line_of(heads, at);
    let role = match line {
        Some(line) => line.role.unwrap_or(Role::Plain),
        None if at < packet.payload => Role::Minor,
        None => Role::Plain,
    };
    let style = app.theme.style(role);
    let cursor = app.packets.byte();
    match line {
        _ if !app.packets.in_bytes => style,
        _ if at == cursor => style.patch(Theme::selected()),
        Some(line) if line.role.is_some() && line.whole.contains(&cursor) => {
            style.add_modifier(Modifier::UNDERLINED)
        }
        _ => style,
    }
}

/// What the byte under the cursor belongs to.
fn under_cursor(app: &App, packet: &Packet, heads: &[HeadLine]) -> String {
    let bytes = packet.bytes.as_deref().unwrap_or_default();
    let at = app.packets.byte();
    // With the line's end.
    let line = heads
        .iter()
        .find(|line| line.role.is_some() && (line.whole.start..line.whole.end + 2).contains(&at));
    let Some(line) = line else {
        let place = if at < packet.payload {
            "headers below HTTP"
        } else if packet.length == 0 {
            "no payload"
        } else {
            "not in a message's head"
        };
        return format!("byte {at}: {place}");
    };
    let mut text = String::new();
    let mut from = line.whole.start;
    let secrets = line.secrets.iter().filter(|_| !app.secrets);
    for secret in secrets {
        text.push_str(&wire_text(
            bytes.get(from..secret.start).unwrap_or_default(),
        ));
        text.push_str(HIDDEN);
        from = secret.end;
    }
    let rest = bytes.get(from..line.whole.end).unwrap_or_default();
    text.push_str(&wire_text(rest));
    let kind = match line.role {
        Some(Role::Title) => "first line",
        _ => "header line",
    };
    format!("{kind}: {}", printable(&text))
}
