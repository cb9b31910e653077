//! All about one transaction.

use crate::cors::trace::Outcome;
use crate::cors::transaction::{Half, Transaction};
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::theme::Role;
use crate::tui::view::{look, why};
use crate::wire_text::wire_text;

pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let Some(transaction) = app.transaction() else {
        doc.text(
            Role::Plain,
            "No transaction is selected: Esc goes back to the list",
        );
        return doc;
    };
    let judgement = &transaction.judgement;
    let condition = judgement.condition.map(|condition| condition.error);
    let (role, glyph, word) = look(judgement.verdict, condition);
    let method = wire_text(transaction.method());
    doc.text(
        role,
        &format!("{glyph} {word}  #{}  {method}", transaction.id),
    );
    why::write(transaction, &mut doc);
    for half in [&transaction.preflight, &transaction.actual]
        .into_iter()
        .flatten()
    {
        write_half(half, &mut doc);
    }
    write_trace(transaction, &mut doc);
    doc
}

fn write_half(half: &Half, doc: &mut Doc) {
    let head = &half.fetch.head;
    doc.heading(&format!(
        "{} {}",
        wire_text(head.method()),
        wire_text(head.target())
    ));
    for (name, value) in head.headers.lines() {
        doc.field(&wire_text(name), 32, Role::Plain, &wire_text(value));
    }
}

fn write_trace(transaction: &Transaction, doc: &mut Doc) {
    doc.heading("CHECKS");
    for check in transaction.trace() {
        let (role, glyph) = match check.outcome {
            Outcome::Pass => (Role::Pass, "✓"),
            Outcome::Fail => (Role::Fail, "✗"),
            Outcome::NotNeeded => (Role::Minor, "·"),
        };
        let first = doc.span(role, glyph);
        doc.hanging(
            first,
            2,
            Role::Plain,
            &format!("{}: {}", check.what, check.looked_at),
        );
    }
}
