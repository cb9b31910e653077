//! The ladder of the selected transaction, or of all marked ones.

use ratatui::text::Span;

use crate::ladder::{Ladder, Tone};
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::theme::Role;
use crate::tui::view::not_at_hand;

pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let marked = app.list.marked();
    let ladder = if marked.is_empty() || app.alone {
        let Some(transaction) = app.transaction() else {
            not_at_hand(app, &mut doc);
            return doc;
        };
        Ladder::of([&**transaction])
    } else {
        Ladder::of(
            marked
                .iter()
                .filter_map(|entry| app.in_full(entry).map(|t| &**t)),
        )
    };
    for line in ladder.lines(width) {
        let spans = line.into_iter().map(|(tone, text)| {
            let role = match tone {
                Tone::Plain => Role::Plain,
                Tone::Title => Role::Title,
                Tone::Pass => Role::Pass,
                Tone::Fail => Role::Fail,
                Tone::Unknown => Role::Unknown,
            };
            Span::styled(text, app.theme.style(role))
        });
        doc.line(spans.collect());
    }
    if !marked.is_empty() {
        let text = if app.alone {
            "(the selected one alone: a shows all marked ones)"
        } else {
            "(all marked ones: a shows the selected one alone)"
        };
        doc.blank();
        doc.text(Role::Minor, text);
    }
    doc
}
