//! The bottom line: the source, counts, and the keys that matter here; or a prompt; or a message.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::session::{SourceKind, SourceState};
use crate::tui::app::{App, Overlay, Prompt, PromptKind};
use crate::tui::doc::{pad, pad_line};
use crate::tui::keys::{self, Action};
use crate::tui::mouse::Hit;
use crate::tui::theme::Role;
use crate::wire_text::printable;

/// Draws it; gives the place of the cursor, where something is typed.
pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = app.theme;
    if let Overlay::Prompt(prompt) = &app.overlay {
        return Some(draw_prompt(app, prompt, area, buffer));
    }
    let bar = theme.style(Role::Bar);
    if let Some(message) = &app.message {
        let role = if message.is_error {
            Role::Fail
        } else {
            Role::Plain
        };
        let text = format!(" {}", printable(&message.text));
        let line = Line::from(Span::styled(text, theme.style(role)));
        let line = Line::from(pad_line(&line, area.width.into()));
        buffer.set_line(area.x, area.y, &line, area.width);
        buffer.set_style(area, bar);
        return None;
    }
    let left = format!(" {}  {}", state(app), counts(app, area.width));
    let mut room = usize::from(area.width).saturating_sub(left.width() + 2);
    let mut shown: Vec<(Action, String)> = Vec::new();
    // Whole hints, the most important first; those that do not fit are left out.
    for (action, hint) in hints(app) {
        let columns = hint.width() + 2;
        if columns <= room {
            room -= columns;
            shown.push((action, hint));
        }
    }
    buffer.set_stringn(
        area.x,
        area.y,
        pad(&left, area.width.into()),
        area.width.into(),
        bar,
    );
    let mut x = area.right();
    for (action, hint) in shown.into_iter().rev() {
        let width = u16::try_from(hint.width()).unwrap_or(0);
        x = x.saturating_sub(width + 2);
        buffer.set_string(x, area.y, hint, bar);
        app.hits.add(Rect { x, width, ..area }, Hit::Key(action));
    }
    buffer.set_style(area, bar);
    None
}

/// Draws what is typed, and above it what is to be said about it.
fn draw_prompt(app: &App, prompt: &Prompt, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    let width = usize::from(area.width);
    let sign = prompt.kind.sign();
    let count = match app.filtering.found() {
        Some(found) => format!(" {found}… shown"),
        None => format!(" {} of {} shown", app.list.len(), app.list.entries().len()),
    };
    let count = if prompt.kind == PromptKind::Filter {
        count
    } else {
        String::new()
    };
    let room = width.saturating_sub(sign.len() + count.len() + 1);
    let scroll = prompt.input.visual_scroll(room);
    let typed: String = prompt.input.value().chars().skip(scroll).collect();
    let line = Line::from(vec![
        Span::styled(sign, theme.style(Role::Key)),
        Span::raw(pad(&typed, room)),
        Span::styled(count, theme.style(Role::Label)),
    ]);
    buffer.set_line(
        area.x,
        area.y,
        &Line::from(pad_line(&line, width)),
        area.width,
    );
    if let Some(fault) = &prompt.fault {
        let style = theme.style(Role::Fail);
        let carets: String = fault.carets.chars().skip(scroll).collect();
        let carets = format!("{}{carets}", " ".repeat(sign.len()));
        let message = printable(&fault.message);
        let one = format!("{carets} {message}");
        if one.width() <= width {
            buffer.set_string(area.x, area.y - 1, pad(&one, width), style);
        } else {
            buffer.set_string(area.x, area.y - 2, pad(&message, width), style);
            buffer.set_string(area.x, area.y - 1, pad(&carets, width), style);
        }
    } else if !prompt.words.is_empty() {
        let text = pad(&printable(&prompt.words.join(" ")), width);
        buffer.set_string(area.x, area.y - 1, text, theme.style(Role::Label));
    }
    let column = sign.len() + prompt.input.visual_cursor().saturating_sub(scroll);
    let column = u16::try_from(column).unwrap_or(0).min(area.width - 1);
    Position::new(area.x + column, area.y)
}

fn hints(app: &App) -> Vec<(Action, String)> {
    let bindings = keys::of_screen(app.screen);
    let hints = bindings.filter_map(|binding| binding.hint.map(|hint| (hint, binding)));
    let mut hints: Vec<_> = hints.collect();
    hints.sort_by_key(|((_, rank), _)| *rank);
    hints
        .into_iter()
        .map(|((word, _), binding)| {
            let key = binding.keys.split_whitespace().next().unwrap_or_default();
            (binding.action, format!("{key} {word}"))
        })
        .collect()
}

/// How far the source is.
fn state(app: &App) -> String {
    let source = &app.source;
    let word = match (source.kind, &source.state) {
        (kind, SourceState::Reading) if kind.is_live() => {
            let seconds = source.waited.as_secs();
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            format!("LIVE {:02}:{:02}:{seconds:02}", minutes / 60, minutes % 60)
        }
        (_, SourceState::Failed(_)) => "DAMAGED".to_owned(),
        (SourceKind::Live | SourceKind::Stream, _) => "ENDED".to_owned(),
        (_, SourceState::Reading) => match source.progress.total {
            Some(total) if total > 0 => {
                format!("FILE {} %", source.progress.bytes.min(total) * 100 / total)
            }
            _ => format!("FILE {} MB", source.progress.bytes / 1_000_000),
        },
        (SourceKind::File, SourceState::Done) => "FILE".to_owned(),
    };
    let held = match &app.held {
        Some(_) => format!(" FROZEN +{} new", app.held_back()),
        None => String::new(),
    };
    let follow = if app.list.follow { " ▼follow" } else { "" };
    format!("{word}{follow}{held}")
}

fn counts(app: &App, width: u16) -> String {
    let verdicts = &app.session.verdicts;
    let mut text = if width >= 80 {
        format!("{} pass {} FAIL", verdicts.pass, verdicts.fail)
    } else {
        format!("✓{} ✗{}", verdicts.pass, verdicts.fail)
    };
    for (count, word, sign) in [
        (verdicts.conditional, "conditional", "!"),
        (verdicts.unknown, "unknown", "?"),
        (verdicts.not_cors, "not CORS", "·"),
    ] {
        if count > 0 && width >= 100 {
            text = format!("{text} {count} {word}");
        } else if count > 0 {
            text = format!("{text} {sign}{count}");
        }
    }
    if let Some(drops) = app.source.progress.dropped {
        let dropped = drops.kernel + drops.interface;
        text = format!("{text} {dropped} dropped");
        if drops.analysis > 0 {
            text = format!("{text} {} not analysed", drops.analysis);
        }
    }
    if app.list.forgotten() > 0 {
        text = format!("{text} (oldest {} forgotten)", app.list.forgotten());
    }
    if app.list.marks() > 0 {
        text = format!("{text} ●{}", app.list.marks());
    }
    text
}
