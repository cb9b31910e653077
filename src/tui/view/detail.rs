//! All about one transaction: the verdict in words, both messages with the check that looked at each
//! header, the checks in their order, what tells of credentials, what browsers print, the repair for
//! servers, and the advice on the endpoint.
//!
//! ```text
//!   the verdict in words, and all that follows from it
//!   ── PREFLIGHT ───────────┬── ACTUAL REQUEST ────────
//!                           │
//! ```
//!
//! Three panes, each with a place of its own; where they would be too small it is one text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::cors::advice::{Advice, Endpoint};
use crate::cors::console::console_lines;
use crate::cors::cors_error::CorsError;
use crate::cors::trace::Outcome;
use crate::cors::transaction::{Transaction, Verdict};
use crate::cors::trigger::preflight_triggers;
use crate::explain::article::Article;
use crate::explain::code::Code;
use crate::explain::server::SERVERS;
use crate::explain::values::Values;
use crate::tui::app::App;
use crate::tui::doc::{Doc, fit};
use crate::tui::texts::Texts;
use crate::tui::theme::Role;
use crate::tui::view::messages::{self, Which, sign};
use crate::tui::view::{draw_texts, look, rule, why};
use crate::wire_text::wire_text;

/// The least columns and lines for panes.
const PANES: (u16, u16) = (100, 20);

pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let Some(transaction) = app.transaction().cloned() else {
        let mut doc = Doc::new(app.theme, area.width.into());
        super::not_at_hand(app, &mut doc);
        draw_texts(app, vec![(doc, area)], buffer);
        return;
    };
    if area.width < PANES.0 || area.height < PANES.1 {
        let mut doc = Doc::new(app.theme, area.width.into());
        write_verdict(&transaction, &mut doc);
        for which in Which::of(&transaction) {
            doc.heading(&messages::title(&transaction, *which));
            messages::write(app, &transaction, *which, &mut doc);
        }
        write_rest(app, &transaction, &mut doc);
        draw_texts(app, vec![(doc, area)], buffer);
        return;
    }
    draw_panes(app, &transaction, area, buffer);
}

/// Draws the verdict above, the messages below; or one of the panes alone.
fn draw_panes(app: &mut App, transaction: &Transaction, area: Rect, buffer: &mut Buffer) {
    let messages = Which::of(transaction);
    let active = app.texts().map_or(0, Texts::active).min(messages.len());
    let places = places(app, area, active, messages.len());
    let mut doc = Doc::new(app.theme, area.width.into());
    write_verdict(transaction, &mut doc);
    write_rest(app, transaction, &mut doc);
    let mut panes = vec![doc];
    for (which, place) in messages.iter().zip(places.iter().skip(1)) {
        let mut doc = Doc::new(app.theme, place.width.into());
        messages::write(app, transaction, *which, &mut doc);
        let is_active = active == panes.len();
        panes.push(doc);
        if place.height > 0 {
            draw_frame(
                app,
                &messages::title(transaction, *which),
                is_active,
                *place,
                buffer,
            );
        }
    }
    let panes = panes.into_iter().zip(places).collect();
    draw_texts(app, panes, buffer);
}

/// The places of the verdict and of so many messages.
fn places(app: &App, area: Rect, active: usize, messages: usize) -> Vec<Rect> {
    let layout = app.layout();
    let lower = i32::from(area.height / 2) + layout.grown;
    let lower = lower.clamp(4, i32::from(area.height) - 4);
    let lower = u16::try_from(lower).unwrap_or(area.height / 2);
    let upper = Rect {
        height: area.height - lower,
        ..area
    };
    let below = Rect {
        y: upper.bottom() + 1,
        height: lower - 1,
        ..area
    };
    let half = Rect {
        width: area.width / 2,
        ..below
    };
    let other = Rect {
        x: half.right() + 1,
        width: area.width - half.width - 1,
        ..below
    };
    let mut places = match messages {
        1 => vec![upper, below],
        _ => vec![upper, half, other],
    };
    if layout.zoomed {
        // Below its title, where it has one.
        let title = u16::from(active > 0);
        for (place, pane) in places.iter_mut().zip(0..) {
            *place = Rect {
                y: area.y + title,
                height: if pane == active {
                    area.height - title
                } else {
                    0
                },
                ..area
            };
        }
    }
    places
}

/// Draws the title above a message, and the line on its left.
fn draw_frame(app: &App, title: &str, is_active: bool, place: Rect, buffer: &mut Buffer) {
    let above = Rect {
        y: place.y - 1,
        height: 1,
        ..place
    };
    rule(app, above, above.y, buffer);
    let (mark, role) = if is_active {
        ("▸", Role::Key)
    } else {
        (" ", Role::Title)
    };
    let title = fit(
        &format!("{mark}{title} "),
        usize::from(place.width).saturating_sub(4),
    );
    buffer.set_string(place.x + 1, above.y, title, app.theme.style(role));
    if let Some(x) = place.x.checked_sub(1) {
        let style = app.theme.style(Role::Border);
        buffer.set_string(x, above.y, "┬", style);
        for y in place.top()..place.bottom() {
            buffer.set_string(x, y, "│", style);
        }
    }
}

/// The verdict in words.
fn write_verdict(transaction: &Transaction, doc: &mut Doc) {
    let judgement = &transaction.judgement;
    let condition = judgement.condition.map(|condition| condition.error);
    let (role, glyph, word) = look(judgement.verdict, condition);
    let title = format!(
        "{glyph} {word}  #{}  {} {}  from {}",
        transaction.id,
        wire_text(transaction.method()),
        why::url(transaction),
        wire_text(transaction.origin())
    );
    doc.text(role, &title);
    doc.text(Role::Minor, &why::place(transaction));
    doc.blank();
    why::write(transaction, doc);
}

/// What follows from it.
fn write_rest(app: &App, transaction: &Transaction, doc: &mut Doc) {
    write_trace(transaction, doc);
    write_credentials(transaction, doc);
    write_triggers(transaction, doc);
    write_console(transaction, doc);
    write_server(app, transaction, doc);
    write_advice(app, transaction, doc);
}

fn write_trace(transaction: &Transaction, doc: &mut Doc) {
    let checks = transaction.trace();
    if checks.is_empty() {
        return;
    }
    doc.heading("CHECKS, in the browser's order");
    let mut section = "";
    for (check, number) in checks.iter().zip(1..) {
        let (role, glyph) = sign(check.outcome);
        let place = if check.in_preflight {
            "preflight"
        } else {
            "actual"
        };
        let first = doc.span(role, &format!("{number:>2} {glyph} {place:<9} "));
        let text = format!("{}: {}", check.what, check.looked_at);
        let role = if check.outcome == Outcome::Fail {
            Role::Fail
        } else {
            Role::Plain
        };
        doc.hanging(first, 15, role, &text);
        if check.outcome == Outcome::Fail && check.section != section {
            section = check.section;
            doc.field("", 15, Role::Label, section);
        }
    }
}

/// What shows whether credentials were included.
fn write_credentials(transaction: &Transaction, doc: &mut Doc) {
    doc.heading("CREDENTIALS");
    doc.text(
        Role::Plain,
        &why::sentence(&transaction.credentials_evidence()),
    );
}

fn write_triggers(transaction: &Transaction, doc: &mut Doc) {
    let triggers = preflight_triggers(transaction);
    if triggers.is_empty() {
        return;
    }
    doc.heading("PREFLIGHT BECAUSE OF");
    for trigger in triggers {
        doc.text(Role::Plain, &trigger.to_string());
        doc.field(
            "",
            2,
            Role::Minor,
            &format!("to avoid it: {}", trigger.avoid()),
        );
    }
}

fn write_console(transaction: &Transaction, doc: &mut Doc) {
    let lines = console_lines(transaction);
    let lines = [
        ("Chrome", lines.chromium),
        ("Firefox", lines.firefox),
        ("Safari", lines.safari),
    ];
    if lines.iter().all(|(_, line)| line.is_none()) {
        return;
    }
    doc.heading("THE BROWSER'S CONSOLE");
    for (browser, line) in lines {
        if let Some(line) = line {
            doc.field(browser, 9, Role::Plain, &line);
        }
    }
}

/// What to write into a server's configuration.
fn write_server(app: &App, transaction: &Transaction, doc: &mut Doc) {
    let Verdict::Fail(error) = transaction.judgement.verdict else {
        return;
    };
    let server = SERVERS.get(app.server % SERVERS.len());
    let (Some(article), Some(server)) = (Article::of(Code::Cors(error)), server) else {
        return;
    };
    let text = |bytes: &[u8]| Some(wire_text(bytes).into_owned());
    let finding = transaction.judgement.findings.first();
    let about = finding.and_then(|finding| finding.about.first());
    // What the preflight asked for, where the finding is about something else.
    let preflight = transaction.preflight.as_ref();
    let mut asked = preflight
        .into_iter()
        .flat_map(|half| half.fetch.requested_headers());
    let asked = asked.next().map(Box::from);
    let is_header = error == CorsError::HeaderDisallowedByPreflightResponse;
    let about = about.filter(|_| is_header);
    let values = Values {
        url: Some(why::url(transaction)),
        origin: text(transaction.origin()),
        method: text(transaction.method()),
        header: about.or(asked.as_ref()).and_then(|header| text(header)),
        ..Values::default()
    };
    let lines = server.lines(article.parts, &values, article.method);
    if lines.iter().all(String::is_empty) {
        return;
    }
    doc.heading(&format!(
        "REPAIR ON {} ({} of {}, v shows the next)",
        server.name,
        app.server % SERVERS.len() + 1,
        SERVERS.len()
    ));
    for line in lines {
        doc.text(Role::Fix, &line);
    }
}

fn write_advice(app: &App, transaction: &Transaction, doc: &mut Doc) {
    let Some(findings) = &app.findings else {
        return;
    };
    let Some(endpoint) = Endpoint::of_transaction(transaction) else {
        return;
    };
    let advice = findings.advice.iter().filter(|a| a.endpoint == endpoint);
    let advice: Vec<&Advice> = advice.collect();
    if advice.is_empty() {
        return;
    }
    doc.heading(&format!("ADVICE on {endpoint}"));
    for advice in advice {
        super::summary::write_advice(advice, doc);
    }
}
