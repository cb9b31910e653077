//! The frames of a transaction, and the bytes of the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::packets::{Packet, Packets, Place};
use crate::tui::app::App;
use crate::tui::doc::{Doc, fit};
use crate::tui::mouse::Hit;
use crate::tui::panes::Known;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::{hex, look, not_at_hand, why};
use crate::wire_text::printable;

/// Below so many columns the list has but frame, direction and length beside what it is.
const NARROW: usize = 72;
/// From so many columns on, the bytes stand beside the list.
const SIDE_BY_SIDE: u16 = 140;

pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let mut doc = Doc::new(app.theme, area.width.into());
    let Some(transaction) = app.transaction() else {
        not_at_hand(app, &mut doc);
        super::draw_lines(&doc, area, buffer);
        return;
    };
    let judgement = &transaction.judgement;
    let (role, glyph, word) = look(judgement.verdict, judgement.condition.map(|c| c.error));
    let which = if app.packets.all {
        "all frames of its connections"
    } else {
        "its frames (a: all of its connections)"
    };
    let title = format!(
        "{glyph} {word}  #{}  {}  {which}",
        transaction.id,
        why::url(transaction)
    );
    let title = doc.span(role, &fit(&printable(&title), area.width.into()));
    buffer.set_line(area.x, area.y, &Line::from(title), area.width);
    let below = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    let remark = match &app.packets.known {
        Known::Nothing | Known::Reading => "Reading the frames again…".to_owned(),
        Known::Not(why) => format!("The frames cannot be shown: {why}"),
        Known::There(packets) if packets.list.is_empty() => {
            "No frame of it can be read again".to_owned()
        }
        Known::There(packets) => counts(packets),
    };
    let (list, bytes) = panes(app, below);
    app.hits.add(list, Hit::Pane(0));
    app.hits.add(bytes, Hit::Pane(1));
    app.packets.resize(
        usize::from(list.height).saturating_sub(2),
        hex::lines(bytes),
        hex::per_line(bytes.width),
    );
    let style = app.theme.style(Role::Minor);
    let foot = Rect {
        y: list.bottom() - 1,
        height: 1,
        ..list
    };
    let remark = fit(&format!(" {remark}"), foot.width.into());
    buffer.set_stringn(foot.x, foot.y, remark, foot.width.into(), style);
    if app.packets.list().is_empty() {
        return;
    }
    draw_list(
        app,
        Rect {
            height: list.height - 1,
            ..list
        },
        buffer,
    );
    if bytes.height > 0 {
        hex::draw(app, bytes, buffer);
    }
}

/// The places of the list and of the bytes.
fn panes(app: &App, area: Rect) -> (Rect, Rect) {
    let layout = app.layout();
    if layout.zoomed {
        return if app.packets.in_bytes {
            (
                Rect {
                    height: 3.min(area.height),
                    ..area
                },
                Rect {
                    y: area.y + 3,
                    height: area.height.saturating_sub(3),
                    ..area
                },
            )
        } else {
            (
                area,
                Rect {
                    y: area.bottom(),
                    height: 0,
                    ..area
                },
            )
        };
    }
    if area.width >= SIDE_BY_SIDE {
        let width = i32::from(hex::WIDTH) + layout.grown * 2;
        let width = width.clamp(i32::from(hex::WIDTH) / 2, i32::from(area.width) - 40);
        let width = u16::try_from(width).unwrap_or(hex::WIDTH);
        let list = Rect {
            width: area.width - width - 2,
            ..area
        };
        let bytes = Rect {
            x: area.right() - width,
            width,
            ..area
        };
        return (list, bytes);
    }
    let height = i32::from(area.height / 2) + layout.grown;
    let height = height.clamp(2, (i32::from(area.height) - 4).max(2));
    let height = u16::try_from(height).unwrap_or(0);
    let list = Rect {
        height: area.height - height,
        ..area
    };
    let bytes = Rect {
        y: list.bottom(),
        height,
        ..area
    };
    (list, bytes)
}

fn counts(packets: &Packets) -> String {
    let mut text = format!(
        "retransmitted {}  out of order {}  missing bytes {}  cut bytes {}",
        packets.repeated(),
        packets.late(),
        packets.missing(),
        packets.cut()
    );
    if packets.more {
        text.push_str("  (there are more frames than are listed)");
    }
    text
}

fn draw_list(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let narrow = width < NARROW;
    let head = if narrow {
        format!("{:>8} dir {:>6} what", "frame", "length")
    } else {
        format!(
            "{:>8} {:>10}  dir {:>6} {:>10} {:<6} what",
            "frame", "seconds", "length", "sequence", "flags"
        )
    };
    let style = app.theme.style(Role::Label);
    buffer.set_stringn(area.x, area.y, fit(&head, width), width, style);
    let first = app.packets.list().first().map(|packet| packet.time);
    let first = first.unwrap_or_default();
    let top = app.packets.top();
    let mut hits = Vec::new();
    let packets = app.packets.list().iter().enumerate().skip(top);
    for ((place, packet), y) in packets.zip(area.top() + 1..area.bottom()) {
        let seconds = packet.time.since(first).as_secs_f64();
        let arrow = if packet.from_client { "→" } else { "←" };
        let lead = if narrow {
            format!("{:>8}   {arrow} {:>6} ", packet.number.0, packet.length)
        } else {
            format!(
                "{:>8} {seconds:>10.6}   {arrow} {:>6} {:>10} {:<6} ",
                packet.number.0,
                packet.length,
                packet.sequence,
                flags(packet)
            )
        };
        let room = width.saturating_sub(lead.chars().count());
        let (role, text) = what(packet);
        let line = Line::from(vec![
            Span::raw(lead),
            Span::styled(fit(&text, room), app.theme.style(role)),
        ]);
        buffer.set_line(area.x, y, &line, area.width);
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        hits.push((row, Hit::Packet(place)));
        if place == app.packets.cursor() {
            buffer.set_style(row, Theme::selected());
        }
    }
    for (row, hit) in hits {
        app.hits.add(row, hit);
    }
}

/// The flags that are set, by their first letters as in tcpdump.
fn flags(packet: &Packet) -> String {
    let flags = packet.flags;
    let names = [
        (flags.syn(), "S"),
        (flags.fin(), "F"),
        (flags.rst(), "R"),
        (flags.0 & 0x08 != 0, "P"),
        (flags.ack(), "."),
    ];
    let set = names.into_iter().filter(|(is_set, _)| *is_set);
    set.map(|(_, name)| name).collect()
}

fn what(packet: &Packet) -> (Role, String) {
    let note = match packet.place {
        Place::Next => None,
        Place::Repeated => Some((Role::Condition, "retransmission".to_owned())),
        Place::Late => Some((Role::Condition, "out of order".to_owned())),
        Place::AfterHole(missing) => {
            Some((Role::Fail, format!("{missing} bytes before it missing")))
        }
    };
    let text = match &packet.head {
        Some(head) => head.clone(),
        None if packet.flags.syn() => "handshake".to_owned(),
        None if packet.flags.rst() => "reset".to_owned(),
        None if packet.length > 0 => "continued".to_owned(),
        None if packet.flags.fin() => "close".to_owned(),
        None => String::new(),
    };
    let cut = match packet.cut {
        0 => String::new(),
        cut => format!("  ({cut} bytes cut by the snap length)"),
    };
    match note {
        Some((role, note)) if text.is_empty() => (role, format!("{note}{cut}")),
        Some((role, note)) => (role, format!("{note}: {text}{cut}")),
        None if packet.head.is_some() => (Role::Title, format!("{text}{cut}")),
        None => (Role::Plain, format!("{text}{cut}")),
    }
}
