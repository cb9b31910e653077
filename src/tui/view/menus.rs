//! The boxes that ask what to copy and what to save.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::copy::CopyKind;
use crate::tui::doc::{Doc, fit, pad};
use crate::tui::save::{Choice, Content, Field, SaveBox};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::help::frame;

/// The least columns and lines for all values of a choice.
const SPACIOUS: (u16, u16) = (60, 10);

/// Draws the question what to copy.
pub(super) fn draw_copy(app: &App, area: Rect, buffer: &mut Buffer) {
    let width = area.width.min(54);
    let mut doc = Doc::new(app.theme, usize::from(width) - 4);
    for kind in CopyKind::ALL {
        let key = doc.span(Role::Key, &format!("{}  ", kind.key()));
        let name = doc.span(Role::Plain, &fit(kind.name(), doc.width() - 3));
        doc.line(vec![key, name]);
    }
    if doc.lines.len() + 2 < usize::from(area.height) {
        doc.text(Role::Minor, "any other key: nothing");
    }
    let outer = centred(area, width, doc.lines.len() + 2);
    frame(app, outer, "Copy", &doc.lines, buffer);
}

/// Draws the box for saving; gives the place of the cursor.
pub(super) fn draw_save(
    app: &App,
    form: &SaveBox,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let width = area.width.min(72);
    let inner = usize::from(width) - 4;
    let mut doc = Doc::new(app.theme, inner);
    let counts = |choice: Choice| match choice {
        Choice::All => app.list.entries().len(),
        Choice::Shown => app.list.len(),
        Choice::Marked => app.list.marks(),
    };
    let mut choices = Vec::new();
    for choice in Choice::ALL {
        let text = format!(" {} {} ", choice.name(), counts(choice));
        choices.push((text, choice == form.choice));
    }
    let formats: Vec<(String, bool)> = Content::all()
        .into_iter()
        .map(|format| (format!(" {} ", format.name()), format == form.format))
        .collect();
    let put = if area.width < SPACIOUS.0 || area.height < SPACIOUS.1 {
        chosen_line
    } else {
        choice_line
    };
    put(form.field == Field::Choice, "which", &choices, &mut doc);
    put(form.field == Field::Format, "format", &formats, &mut doc);
    let label = 9;
    let room = inner.saturating_sub(label);
    let scroll = form.name.visual_scroll(room.saturating_sub(1));
    let name: String = form.name.value().chars().skip(scroll).collect();
    let role = if form.field == Field::Name {
        Role::Key
    } else {
        Role::Label
    };
    let first = doc.span(role, &pad("file", label));
    let typed = doc.span(Role::Plain, &fit(&name, room));
    doc.line(vec![first, typed]);
    let name_line = doc.lines.len();
    doc.blank();
    if form.asks {
        doc.text(
            Role::Fail,
            "The file exists. Replace it?  y yes   any other key: no",
        );
    } else {
        doc.text(
            Role::Minor,
            "Up Down field   Left Right choice   Enter save   Esc leave",
        );
    }
    let outer = centred(area, width, doc.lines.len() + 2);
    frame(app, outer, "Save", &doc.lines, buffer);
    if form.field != Field::Name || form.asks {
        return None;
    }
    let column = label + form.name.visual_cursor().saturating_sub(scroll);
    Some(Position::new(
        outer.x
            + 2
            + u16::try_from(column)
                .unwrap_or(0)
                .min(width.saturating_sub(4)),
        outer.y + u16::try_from(name_line).unwrap_or(0),
    ))
}

/// The chosen one of some values alone, with its place among them.
fn chosen_line(has_keys: bool, label: &str, choices: &[(String, bool)], doc: &mut Doc) {
    let chosen = choices.iter().position(|(_, is_chosen)| *is_chosen);
    let Some((text, _)) = chosen.and_then(|chosen| choices.get(chosen)) else {
        return;
    };
    let role = if has_keys { Role::Key } else { Role::Label };
    let place = format!(" {} of {}", chosen.map_or(1, |n| n + 1), choices.len());
    let label = doc.span(role, &pad(label, 9));
    let mut value = doc.span(Role::Plain, text);
    value.style = value.style.patch(Theme::selected());
    let place = doc.span(Role::Minor, &place);
    doc.line(vec![label, value, place]);
}

/// A row of values, one of them chosen; broken into lines where it is too long.
fn choice_line(has_keys: bool, label: &str, choices: &[(String, bool)], doc: &mut Doc) {
    let role = if has_keys { Role::Key } else { Role::Label };
    let mut spans = vec![doc.span(role, &pad(label, 9))];
    let mut used = 9;
    for (text, is_chosen) in choices {
        let wide = text.chars().count();
        if used + wide > doc.width() {
            doc.line(std::mem::take(&mut spans));
            spans.push(doc.span(Role::Plain, &pad("", 9)));
            used = 9;
        }
        used += wide;
        let mut span = doc.span(Role::Plain, text);
        if *is_chosen {
            span.style = span.style.patch(Theme::selected());
        }
        spans.push(span);
    }
    doc.line(spans);
}

/// A place in the middle.
pub(super) fn centred(area: Rect, width: u16, lines: usize) -> Rect {
    let height = u16::try_from(lines).unwrap_or(area.height).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
