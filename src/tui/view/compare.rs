//! Two transactions, header by header: this one works, that one does not.

use std::sync::Arc;

use ratatui::text::{Line, Span};

use crate::cors::transaction::{Half, Transaction};
use crate::http::headers::HeaderList;
use crate::tui::app::{App, Headers};
use crate::tui::doc::{Doc, pad_line, wrap};
use crate::tui::theme::Role;
use crate::tui::view::{look, secret, why};
use crate::wire_text::{printable, wire_text};

pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let Some([left, right]) = app.compared() else {
        doc.text(
            Role::Title,
            "Mark two transactions with Space, then compare them with =",
        );
        let text = match app.list.marks() {
            0 | 1 => "One marked is compared with the selected one".to_owned(),
            marks => format!("{marks} are marked, which is too many: u unmarks them"),
        };
        doc.text(Role::Plain, &text);
        return doc;
    };
    let (Some(left), Some(right)) = (app.in_full(left), app.in_full(right)) else {
        doc.text(Role::Plain, "Reading them again…");
        return doc;
    };
    let mut table = Table::new(app, doc, [left, right].map(|t| format!("#{} ", t.id)));
    table.titles(left, right);
    table.row("origin", &text(left.origin()), &text(right.origin()));
    table.row("url", &why::url(left), &why::url(right));
    table.row("why", &left.reason(), &right.reason());
    let credentials = |t: &Transaction| t.judgement.credentials.name();
    table.row("credentials", credentials(left), credentials(right));
    table.halves(
        "PREFLIGHT",
        left.preflight.as_ref(),
        right.preflight.as_ref(),
    );
    table.halves(
        "ACTUAL REQUEST",
        left.actual.as_ref(),
        right.actual.as_ref(),
    );
    table.doc
}

/// Below so many columns the values stand below each other.
const SIDE_BY_SIDE: usize = 90;

struct Table<'a> {
    app: &'a App,
    doc: Doc,
    /// What the two transactions are called.
    ids: [String; 2],
    name: usize,
    value: usize,
}

impl<'a> Table<'a> {
    fn new(app: &'a App, doc: Doc, ids: [String; 2]) -> Self {
        let width = doc.width();
        let name = match width {
            ..SIDE_BY_SIDE => 0,
            SIDE_BY_SIDE..100 => 16,
            _ => 31,
        };
        Self {
            app,
            doc,
            ids,
            name,
            value: width.saturating_sub(name + 5) / 2,
        }
    }

    fn titles(&mut self, left: &Transaction, right: &Transaction) {
        let stacked = self.doc.width() < SIDE_BY_SIDE;
        let lead = if stacked { 0 } else { self.name + 2 };
        let mut spans = vec![self.doc.span(Role::Plain, &" ".repeat(lead))];
        for transaction in [left, right] {
            let judgement = &transaction.judgement;
            let condition = judgement.condition.map(|condition| condition.error);
            let (role, glyph, word) = look(judgement.verdict, condition);
            let title = self.doc.span(
                role,
                &format!(
                    "#{} {glyph} {word}  {}",
                    transaction.id,
                    text(transaction.method())
                ),
            );
            spans.extend(pad_line(&Line::from(title), self.value + 1));
        }
        self.doc.line(spans);
    }

    /// One line of the table; what differs is marked.
    fn row(&mut self, name: &str, left: &str, right: &str) {
        let same = left == right;
        let (role, sign) = if same {
            (Role::Minor, " ")
        } else {
            (Role::Condition, "≠")
        };
        if self.doc.width() < SIDE_BY_SIDE {
            let sign = self.doc.span(role, &format!("{sign} "));
            let name = self.doc.span(Role::Label, &printable(name));
            if same {
                // On one line where it fits.
                let columns = name.width() + 4;
                let lead = Span::styled(format!("  {}", name.content), name.style);
                self.doc.hanging(lead, columns, role, left);
                return;
            }
            self.doc.line(vec![sign, name]);
            let ids = self.ids.clone();
            for (id, value) in ids.iter().zip([left, right]) {
                self.doc
                    .field(&format!("    {id}"), 5 + id.len(), role, value);
            }
            return;
        }
        let broken = |text: &str| wrap(&printable(text), self.value);
        let (left, right) = (broken(left), broken(right));
        let names = wrap(&printable(name), self.name);
        let empty = String::new();
        for at in 0..left.len().max(right.len()).max(names.len()) {
            let cell = |texts: &[String]| texts.get(at).unwrap_or(&empty).clone();
            let sign = if at == 0 { sign } else { " " };
            let sign = self.doc.span(role, &format!("{sign} "));
            let name = Line::from(self.doc.span(Role::Label, &cell(&names)));
            let mut spans = vec![sign];
            spans.extend(pad_line(&name, self.name));
            for text in [cell(&left), cell(&right)] {
                let value = Line::from(self.doc.span(role, &text));
                spans.extend(pad_line(&value, self.value + 1));
            }
            self.doc.line(spans);
        }
    }

    fn halves(&mut self, title: &str, left: Option<&Half>, right: Option<&Half>) {
        if left.is_none() && right.is_none() {
            return;
        }
        let line = |half: Option<&Half>| {
            let head = half.map(|half| &half.fetch.head);
            head.map_or("(none)".to_owned(), |head| {
                format!("{} {}", text(head.method()), text(head.target()))
            })
        };
        self.doc.heading(title);
        self.row("request", &line(left), &line(right));
        let request = |half: Option<&'_ Half>| half.map(|half| Arc::clone(&half.fetch.head));
        let heads = (request(left), request(right));
        self.headers(
            heads.0.as_ref().map(|head| &head.headers),
            heads.1.as_ref().map(|head| &head.headers),
        );
        let status = |half: Option<&Half>| {
            let response = half.and_then(|half| half.response.as_ref());
            response.map_or("(none)".to_owned(), |response| response.status.to_string())
        };
        self.row("status", &status(left), &status(right));
        let response = |half: Option<&'_ Half>| half.and_then(|half| half.response.clone());
        let heads = (response(left), response(right));
        self.headers(
            heads.0.as_ref().map(|head| &head.headers),
            heads.1.as_ref().map(|head| &head.headers),
        );
    }

    fn headers(&mut self, left: Option<&HeaderList>, right: Option<&HeaderList>) {
        let mut names: Vec<String> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for (name, _) in [left, right]
            .into_iter()
            .flatten()
            .flat_map(HeaderList::lines)
        {
            if known.insert(name.to_ascii_lowercase()) {
                names.push(text(name));
            }
        }
        let value = |headers: Option<&HeaderList>, name: &str| {
            let value = headers.and_then(|headers| headers.get(name));
            match value {
                None => "-".to_owned(),
                Some(value) if self.app.secrets => text(&value),
                Some(value) => secret::hidden(name.as_bytes(), &value),
            }
        };
        let rows: Vec<_> = names
            .into_iter()
            .map(|name| (value(left, &name), value(right, &name), name))
            .collect();
        for (left, right, name) in rows {
            if left != right
                || self.app.headers == Headers::All
                || name.to_ascii_lowercase().starts_with("access-control-")
            {
                self.row(&name, &left, &right);
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    wire_text(bytes).into_owned()
}
