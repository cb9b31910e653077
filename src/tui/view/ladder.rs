//! The ladder of the selected transaction, or of all marked ones.

use ratatui::text::Span;

use crate::ladder::Tone;
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::theme::Role;
use crate::tui::view::not_at_hand;

pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let Some(ladder) = app.ladder() else {
        not_at_hand(app, &mut doc);
        return doc;
    };
    for line in ladder.lines(width) {
        let spans = line.into_iter().map(|(tone, text)| {
            let role = match tone {
                Tone::Plain => Role::Plain,
                Tone::Title => Role::Title,
                Tone::Pass => Role::Pass,
                Tone::Fail => Role::Fail,
                Tone::Condition => Role::Condition,
                Tone::Unknown => Role::Unknown,
            };
            Span::styled(text, app.theme.style(role))
        });
        doc.line(spans.collect());
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
