//! The ladder of the selected transaction, or of all marked ones; beside or below it the message on the
//! selected line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::ladder::{Colours, Kind, Ladder, Rung, TEXT_WIDTH, Tone};
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::mouse::Hit;
use crate::tui::texts::Texts;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::messages::{self, Which};
use crate::tui::view::{draw_texts, not_at_hand, rule, why};

/// The least columns of a message beside the ladder.
const MESSAGE: u16 = 40;
/// From so many columns on, a message that was asked for stands beside the ladder; else below it.
const BESIDE: u16 = 100;
/// Columns by which a key makes the message wider.
const STEP: i32 = 4;

pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let Some(ladder) = app.ladder() else {
        let mut doc = Doc::new(app.theme, area.width.into());
        not_at_hand(app, &mut doc);
        draw_texts(app, vec![(doc, area)], buffer);
        return;
    };
    let (left, message) = places(app, area);
    let picture = write(app, &ladder, left.width.into());
    let first = ladder.first_rung();
    app.set_rungs(first..first + ladder.rungs().len());
    let mut panes = vec![(picture, left)];
    if let Some(place) = message {
        let mut doc = Doc::new(app.theme, place.width.into());
        if let Some(rung) = app.rung(&ladder) {
            write_message(app, rung, &mut doc);
        }
        panes.push((doc, place));
        if place.x > left.x {
            for y in area.top()..area.bottom() {
                buffer.set_string(left.right(), y, "│", app.theme.style(Role::Border));
            }
        } else {
            rule(app, area, left.bottom(), buffer);
        }
    }
    draw_texts(app, panes, buffer);
    let scrolled = app.texts().and_then(|texts| texts.get(0));
    let scrolled = scrolled.map_or(0, |(_, first)| first);
    for (place, line) in (first..first + ladder.rungs().len()).enumerate() {
        let y = line
            .checked_sub(scrolled)
            .and_then(|y| u16::try_from(y).ok());
        if let Some(y) = y.filter(|y| *y < left.height) {
            let row = Rect {
                y: area.y + y,
                height: 1,
                ..left
            };
            app.hits.add(row, Hit::Rung(place));
        }
    }
    let line = app.texts().and_then(Texts::line_on_screen);
    if let Some(line) = line.and_then(|line| u16::try_from(line).ok()) {
        let selected = Rect {
            y: area.y + line,
            height: 1,
            ..left
        };
        buffer.set_style(selected, Theme::selected());
    }
}

/// The places of the picture and of the message: beside each other where both have room, below where the
/// message was asked for nevertheless.
fn places(app: &App, area: Rect) -> (Rect, Option<Rect>) {
    let layout = app.layout();
    let wide = u16::try_from(TEXT_WIDTH).unwrap_or(u16::MAX);
    let by_default = area.width >= wide + 1 + MESSAGE;
    if by_default == layout.turned {
        return (area, None);
    }
    let grown = |size: u16, step: i32, least: u16, most: u16| {
        let size = i32::from(size) + layout.grown * step;
        let size = size.clamp(i32::from(least), i32::from(most.max(least)));
        u16::try_from(size).unwrap_or(least)
    };
    if area.width >= BESIDE {
        let default = if by_default {
            area.width - wide - 1
        } else {
            MESSAGE
        };
        let width = grown(default, STEP, MESSAGE / 2, area.width - MESSAGE);
        let left = Rect {
            width: area.width - width - 1,
            ..area
        };
        let right = Rect {
            x: left.right() + 1,
            width,
            ..area
        };
        return (left, Some(right));
    }
    let height = grown(area.height / 2, 1, 2, area.height - 3);
    let above = Rect {
        height: area.height - height,
        ..area
    };
    let below = Rect {
        y: above.bottom() + 1,
        height: height - 1,
        ..area
    };
    (above, Some(below))
}

fn write(app: &App, ladder: &Ladder, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    for line in ladder.lines(width, app.colours) {
        let spans = line.into_iter().map(|(tone, text)| {
            let role = match tone {
                Tone::Plain => Role::Plain,
                Tone::Title => Role::Title,
                Tone::Pass => Role::Pass,
                Tone::Fail => Role::Fail,
                Tone::Condition => Role::Condition,
                Tone::Unknown => Role::Unknown,
                Tone::Of(place) => Role::Of(place),
            };
            Span::styled(text, app.theme.style(role))
        });
        doc.line(spans.collect());
    }
    if app.colours != Colours::Verdict {
        let text = format!("(coloured by {}: c changes that)", app.colours.name());
        doc.blank();
        doc.text(Role::Minor, &text);
    }
    let marked = app.list.marks();
    if marked > 0 {
        let shown = ladder.len();
        let text = if app.alone {
            "(the selected one alone: a shows all marked ones)".to_owned()
        } else if shown < marked {
            format!("({shown} of {marked} marked ones: the others are not at hand in full)")
        } else {
            "(all marked ones: a shows the selected one alone)".to_owned()
        };
        doc.blank();
        doc.text(Role::Minor, &text);
    }
    doc
}

/// What the selected line stands for.
fn write_message(app: &App, rung: Rung, doc: &mut Doc) {
    let Some(transaction) = app.transaction_of(rung.transaction) else {
        return;
    };
    let which = if rung.in_preflight {
        Which::Preflight
    } else {
        Which::Actual
    };
    match rung.kind {
        Kind::Browser => why::write(transaction, doc),
        kind => {
            doc.text(Role::Title, &messages::title(transaction, which));
            let is_response = kind == Kind::Response;
            messages::write_part(app, transaction, which, is_response, doc);
        }
    }
}
