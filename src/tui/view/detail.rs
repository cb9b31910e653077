//! All about one transaction: the verdict in words, both messages with the check that looked at each
//! header, the checks in their order, what tells of credentials, what browsers print, the repair for
//! servers, and the advice on the endpoint.

use ratatui::text::Line;

use crate::cors::advice::{Advice, Endpoint};
use crate::cors::console::console_lines;
use crate::cors::cors_error::CorsError;
use crate::cors::fetch_request::Credentials;
use crate::cors::trace::{Check, Outcome};
use crate::cors::transaction::{Half, Transaction, Verdict};
use crate::cors::trigger::preflight_triggers;
use crate::explain::article::Article;
use crate::explain::code::Code;
use crate::explain::server::SERVERS;
use crate::explain::values::Values;
use crate::http::headers::HeaderList;
use crate::tui::app::App;
use crate::tui::doc::{Doc, pad_line};
use crate::tui::theme::Role;
use crate::tui::view::{look, milliseconds, secret, why};
use crate::wire_text::wire_text;

/// From so many columns on, the two messages stand side by side.
const SIDE_BY_SIDE: usize = 100;

pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let Some(transaction) = app.transaction() else {
        super::not_at_hand(app, &mut doc);
        return doc;
    };
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
    why::write(transaction, &mut doc);
    write_messages(app, transaction, &mut doc);
    write_trace(transaction, &mut doc);
    write_credentials(transaction, &mut doc);
    write_triggers(transaction, &mut doc);
    write_console(transaction, &mut doc);
    write_server(app, transaction, &mut doc);
    write_advice(app, transaction, &mut doc);
    doc
}

fn write_messages(app: &App, transaction: &Transaction, doc: &mut Doc) {
    let checks = transaction.trace();
    let write = |half: Option<&Half>, in_preflight: bool, width: usize| {
        let checks = checks.iter().filter(|c| c.in_preflight == in_preflight);
        let checks: Vec<&Check> = checks.collect();
        let mut doc = Doc::new(app.theme, width);
        match half {
            Some(half) => write_half(app, half, in_preflight, &checks, &mut doc),
            None => write_missing(transaction, in_preflight, &mut doc),
        }
        doc
    };
    let (preflight, actual) = (transaction.preflight.as_ref(), transaction.actual.as_ref());
    doc.blank();
    let width = doc.width();
    if width < SIDE_BY_SIDE || preflight.is_none() {
        for (half, in_preflight) in [(preflight, true), (actual, false)] {
            if half.is_some() || preflight.is_some() {
                doc.blank();
                doc.lines.extend(write(half, in_preflight, width).lines);
            }
        }
        return;
    }
    let left = (width - 3) / 2;
    let preflight = write(preflight, true, left);
    let actual = write(actual, false, width - 3 - left);
    let empty = Line::default();
    for row in 0..preflight.lines.len().max(actual.lines.len()) {
        let mut spans = pad_line(preflight.lines.get(row).unwrap_or(&empty), left);
        spans.push(doc.span(Role::Border, " │ "));
        let right = actual.lines.get(row).unwrap_or(&empty);
        spans.extend(right.spans.iter().cloned());
        doc.line(spans);
    }
}

/// Says why there is no such message.
fn write_missing(transaction: &Transaction, in_preflight: bool, doc: &mut Doc) {
    if in_preflight {
        return;
    }
    doc.text(Role::Title, "ACTUAL REQUEST");
    match transaction.judgement.verdict {
        Verdict::Fail(_) => doc.text(Role::Fail, "✗ never sent: the browser stopped here"),
        _ => doc.text(Role::Unknown, "? not in the capture"),
    }
}

/// Columns of the header names.
const NAME: usize = 31;

fn write_half(app: &App, half: &Half, in_preflight: bool, checks: &[&Check], doc: &mut Doc) {
    let head = &half.fetch.head;
    let title = if in_preflight {
        "PREFLIGHT"
    } else {
        "ACTUAL REQUEST"
    };
    let duration = why::duration(half).map(|duration| {
        let ms = milliseconds(duration.as_secs_f64() * 1000.0);
        format!("  {ms} ms")
    });
    let (request, response) = why::frames(half);
    let title = format!(
        "{title}  frames {} → {}{}",
        why::numbers(&request),
        why::numbers(response),
        duration.unwrap_or_default()
    );
    doc.text(Role::Title, &title);
    let line = format!(
        "→ {} {}",
        wire_text(head.method()),
        wire_text(head.target())
    );
    doc.text(Role::Title, &line);
    write_headers(app, &head.headers, &[], is_telling_in_request, doc);
    if half.earlier_tries > 0 {
        let text = format!("sent {} times before without an answer", half.earlier_tries);
        doc.text(Role::Unknown, &text);
    }
    let Some(response) = &half.response else {
        doc.text(Role::Fail, "no response");
        return;
    };
    let of_status: Vec<&&Check> = checks
        .iter()
        .filter(|check| check.header.is_none())
        .collect();
    let failed = of_status.iter().any(|check| check.outcome == Outcome::Fail);
    let role = if failed { Role::Fail } else { Role::Title };
    doc.text(role, &format!("← status {}", response.status));
    for check in of_status {
        write_check(check, doc);
    }
    write_headers(app, &response.headers, checks, is_telling_in_response, doc);
    // What a check looked for and did not find.
    let mut missing: Vec<&str> = Vec::new();
    for check in checks {
        let Some(name) = check.header else { continue };
        if check.outcome != Outcome::Fail
            || response.headers.contains(name)
            || missing.contains(&name)
        {
            continue;
        }
        missing.push(name);
        doc.field(name, NAME, Role::Fail, "(missing)");
        for check in checks.iter().filter(|check| check.header == Some(name)) {
            write_check(check, doc);
        }
    }
}

fn write_headers(
    app: &App,
    headers: &HeaderList,
    checks: &[&Check],
    is_telling: fn(&str) -> bool,
    doc: &mut Doc,
) {
    let mut others = 0;
    let columns = if doc.width() < 60 { 24 } else { NAME };
    let mut shown: Vec<String> = Vec::new();
    for (name, value) in headers.lines() {
        let text = wire_text(name);
        let lower = text.to_ascii_lowercase();
        if !is_telling(&lower) && !app.expanded {
            others += 1;
            continue;
        }
        let value = if app.secrets {
            wire_text(value).into_owned()
        } else {
            secret::hidden(name, value)
        };
        let of_header = |check: &&&Check| {
            check
                .header
                .is_some_and(|header| header.eq_ignore_ascii_case(&lower))
        };
        let fails = checks
            .iter()
            .any(|c| of_header(&c) && c.outcome == Outcome::Fail);
        let passes = checks
            .iter()
            .any(|c| of_header(&c) && c.outcome == Outcome::Pass);
        let role = match (fails, passes) {
            (true, _) => Role::Fail,
            (false, true) => Role::Pass,
            (false, false) => Role::Plain,
        };
        doc.field(&text, columns, role, &value);
        if !shown.contains(&lower) {
            for check in checks.iter().filter(of_header) {
                write_check(check, doc);
            }
            shown.push(lower);
        }
    }
    if others > 0 {
        let noun = if others == 1 { "header" } else { "headers" };
        doc.text(
            Role::Minor,
            &format!("… {others} other {noun} (e shows all)"),
        );
    }
}

fn write_check(check: &Check, doc: &mut Doc) {
    let (role, glyph) = sign(check.outcome);
    let first = doc.span(role, &format!("  {glyph} "));
    doc.hanging(first, 4, role, check.what);
}

fn sign(outcome: Outcome) -> (Role, &'static str) {
    match outcome {
        Outcome::Pass => (Role::Pass, "✓"),
        Outcome::Fail => (Role::Fail, "✗"),
        Outcome::NotNeeded => (Role::Minor, "·"),
    }
}

fn is_telling_in_request(name: &str) -> bool {
    name.starts_with("access-control-")
        || name.starts_with("sec-fetch-")
        || matches!(
            name,
            "origin" | "host" | "cookie" | "authorization" | "content-type" | "x-requested-with"
        )
}

fn is_telling_in_response(name: &str) -> bool {
    name.starts_with("access-control-")
        || matches!(
            name,
            "vary"
                | "location"
                | "allow"
                | "content-type"
                | "set-cookie"
                | "www-authenticate"
                | "timing-allow-origin"
                | "cross-origin-resource-policy"
        )
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
    let Some(main) = transaction.main() else {
        return;
    };
    doc.heading("CREDENTIALS");
    let headers = main.fetch.headers();
    let seen = ["Cookie", "Authorization", "Sec-Fetch-Storage-Access"];
    let seen: Vec<&str> = seen
        .into_iter()
        .filter(|name| headers.contains(name))
        .collect();
    let text = match transaction.judgement.credentials {
        Credentials::Include if seen.is_empty() => "included (assumed, as asked)".to_owned(),
        Credentials::Include => format!("included: the request has {}", seen.join(", ")),
        Credentials::NotInclude => {
            "not included: a cross-site request of this browser would carry Sec-Fetch-Storage-Access, or it was assumed".to_owned()
        }
        Credentials::Unknown if seen.is_empty() => {
            "not to be seen: no Cookie, no Authorization, and nothing else that tells; a page that includes credentials without having any sends the same request".to_owned()
        }
        Credentials::Unknown => format!(
            "not to be seen: the page may have set {} itself",
            seen.join(", ")
        ),
    };
    doc.text(Role::Plain, &why::sentence(&text));
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
