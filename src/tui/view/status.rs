//! The bottom line: the source, counts, and the keys that matter here; or a prompt; or a message.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::session::{SourceKind, SourceState};
use crate::tui::app::{App, Overlay};
use crate::tui::doc::{fit, pad_line};
use crate::tui::keys;
use crate::tui::theme::Role;
use crate::wire_text::printable;

/// Draws it; gives the place of the cursor, where something is typed.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = app.theme;
    if let Overlay::Prompt(kind, input) = &app.overlay {
        let room = usize::from(area.width).saturating_sub(2);
        let scroll = input.visual_scroll(room);
        let typed: String = input.value().chars().skip(scroll).collect();
        let line = Line::from(vec![
            Span::styled(kind.sign(), theme.style(Role::Key)),
            Span::raw(fit(&typed, room)),
        ]);
        buffer.set_line(area.x, area.y, &line, area.width);
        let column = input.visual_cursor().saturating_sub(scroll) + 1;
        let column = u16::try_from(column).unwrap_or(0).min(area.width - 1);
        return Some(Position::new(area.x + column, area.y));
    }
    let bar = theme.style(Role::Bar);
    if let Some(message) = &app.message {
        let role = if message.is_error {
            Role::Fail
        } else {
            Role::Plain
        };
        let text = format!(" {}", printable(&message.text));
        let line = Line::from(Span::styled(text, theme.style(role).patch(bar)));
        let line = Line::from(pad_line(&line, area.width.into()));
        buffer.set_line(area.x, area.y, &line, area.width);
        buffer.set_style(area, bar);
        return None;
    }
    let hints = hints(app);
    let left = format!(" {}  {}", state(app), counts(app, area.width));
    let mut room = usize::from(area.width).saturating_sub(left.width() + 2);
    let mut right = String::new();
    // Whole hints, the most important first; those that do not fit are left out.
    for hint in hints {
        let columns = hint.width() + 2;
        if columns <= room {
            room -= columns;
            right = format!("{right}  {hint}");
        }
    }
    let gap = usize::from(area.width).saturating_sub(left.width() + right.width() + 1);
    let text = format!("{left}{}{right} ", " ".repeat(gap));
    buffer.set_stringn(area.x, area.y, text, area.width.into(), bar);
    buffer.set_style(area, bar);
    None
}

fn hints(app: &App) -> Vec<String> {
    let bindings = keys::of_screen(app.screen);
    let hints = bindings.filter_map(|binding| binding.hint.map(|hint| (hint, binding.keys)));
    let mut hints: Vec<_> = hints.collect();
    hints.sort_by_key(|((_, rank), _)| *rank);
    hints
        .into_iter()
        .map(|((word, _), keys)| {
            let key = keys.split_whitespace().next().unwrap_or_default();
            format!("{key} {word}")
        })
        .collect()
}

/// How far the source is.
fn state(app: &App) -> String {
    let source = &app.source;
    let word = match (source.kind, &source.state) {
        (SourceKind::Live, SourceState::Reading) => "LIVE".to_owned(),
        (SourceKind::Live, _) => "STOPPED".to_owned(),
        (_, SourceState::Reading) => match source.progress.total {
            Some(total) if total > 0 => {
                format!(
                    "READING {} %",
                    source.progress.bytes.min(total) * 100 / total
                )
            }
            _ => format!("READING {} MB", source.progress.bytes / 1_000_000),
        },
        (SourceKind::File, SourceState::Done) => "FILE".to_owned(),
        (SourceKind::Stdin, SourceState::Done) => "INPUT".to_owned(),
        (_, SourceState::Failed(_)) => "DAMAGED".to_owned(),
    };
    let held = match &app.held {
        Some(_) => format!(" FROZEN +{} new", app.held_back()),
        None => String::new(),
    };
    let follow = if app.list.follow { " follow" } else { "" };
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
    if app.list.marks() > 0 {
        text = format!("{text} ●{}", app.list.marks());
    }
    text
}
