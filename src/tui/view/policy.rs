//! The policy of each endpoint as observed: first endpoint by origin, then each in words.

use std::collections::HashSet;

use crate::cors::advice::policy::Policy;
use crate::session::counted;
use crate::tui::app::App;
use crate::tui::doc::{Doc, pad};
use crate::tui::theme::Role;
use crate::wire_text::printable;

/// The policy of each endpoint.
pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let Some(findings) = &app.findings else {
        doc.text(Role::Minor, "Comes when the capture is read to its end");
        return doc;
    };
    doc.text(
        Role::Title,
        "What each endpoint allowed, as far as the capture shows",
    );
    if findings.policies.is_empty() {
        doc.text(
            Role::Plain,
            "No answer to a cross-origin request in the capture",
        );
    }
    write_matrix(&findings.policies, &mut doc);
    for policy in &findings.policies {
        write_one(policy, &mut doc);
    }
    doc
}

/// Columns of an origin in the matrix.
const CELL: usize = 12;

/// Endpoint by origin: how often each was let in.
fn write_matrix(policies: &[Policy], doc: &mut Doc) {
    let mut origins: Vec<&str> = Vec::new();
    let mut known = HashSet::new();
    for answers in policies.iter().flat_map(|policy| &policy.by_origin) {
        if known.insert(&*answers.origin) {
            origins.push(&answers.origin);
        }
    }
    if origins.is_empty() {
        return;
    }
    let room = doc.width().saturating_sub(24) / CELL;
    let left_out = origins.len().saturating_sub(room);
    origins.truncate(room);
    let endpoint = doc.width() - origins.len() * CELL;
    let endpoint = endpoint.min(60);
    doc.heading("ENDPOINT BY ORIGIN (✓ let in, ✗ not, · never asked)");
    for (origin, number) in origins.iter().zip(1..) {
        doc.field(&format!("  {number}"), 5, Role::Plain, origin);
    }
    if left_out > 0 {
        let text = format!("  … {} more than fit", counted(left_out as u64, "origin"));
        doc.text(Role::Minor, &text);
    }
    let mut head = vec![doc.span(Role::Label, &pad("", endpoint))];
    for number in 1..=origins.len() {
        head.push(doc.span(Role::Label, &format!("{number:>CELL$}")));
    }
    doc.line(head);
    for policy in policies {
        let name = printable(&policy.endpoint.to_string()).into_owned();
        let mut spans = vec![doc.span(Role::Plain, &pad(&name, endpoint))];
        for origin in &origins {
            let mut answers = policy.by_origin.iter();
            let answers = answers.find(|answers| answers.origin == *origin);
            let (role, text) = match answers.map(|a| (a.granted, a.refused)) {
                None => (Role::Minor, "·".to_owned()),
                Some((granted, 0)) => (Role::Pass, format!("✓{}", few(granted))),
                Some((0, refused)) => (Role::Fail, format!("✗{}", few(refused))),
                Some((granted, refused)) => {
                    let text = format!("✓{} ✗{}", few(granted), few(refused));
                    (Role::Condition, text)
                }
            };
            spans.push(doc.span(role, &format!("{text:>CELL$}")));
        }
        doc.line(spans);
    }
}

/// A count in at most four columns, up to a billion.
fn few(count: u64) -> String {
    match count {
        ..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{}k", count / 1000),
        _ => format!("{}M", count / 1_000_000),
    }
}

fn write_one(policy: &Policy, doc: &mut Doc) {
    doc.heading(&format!(
        "{}  ({})",
        policy.endpoint,
        counted(policy.responses, "response")
    ));
    for origin in &policy.origins {
        let role = if origin == "*" {
            Role::NotCors
        } else {
            Role::Pass
        };
        let first = doc.span(role, "  ✓ origin");
        doc.hanging(first, 15, role, origin);
    }
    for origin in &policy.origins_refused {
        let first = doc.span(Role::Fail, "  ✗ origin");
        doc.hanging(first, 15, Role::Fail, origin);
    }
    let credentials = if policy.credentials {
        "allowed"
    } else {
        "not allowed"
    };
    let ages: Vec<&str> = policy
        .max_ages
        .iter()
        .map(|age| if age.is_empty() { "none (5 s)" } else { age })
        .collect();
    for (name, text) in [
        ("methods", policy.methods.join(", ")),
        ("headers", policy.headers.join(", ")),
        ("exposed", policy.exposed.join(", ")),
        ("credentials", credentials.to_owned()),
        ("max-age", ages.join(", ")),
    ] {
        if !text.is_empty() {
            doc.field(&format!("    {name}"), 17, Role::Plain, &text);
        }
    }
    if policy.more {
        doc.text(Role::Minor, "    … and more than is listed");
    }
}
