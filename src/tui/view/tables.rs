//! The tables: what preflights cost, and the policy of each endpoint as observed.

use crate::cors::advice::cost::PreflightCost;
use crate::cors::advice::policy::Policy;
use crate::tui::app::App;
use crate::tui::doc::{Doc, pad};
use crate::tui::theme::Role;
use crate::tui::view::milliseconds;
use crate::wire_text::printable;

/// What preflights cost.
pub(super) fn write_cost(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let Some(findings) = &app.findings else {
        doc.text(Role::Minor, "Comes when the capture is read to its end");
        return doc;
    };
    let costs = &findings.costs;
    doc.text(
        Role::Title,
        "What preflights cost, the dearest endpoint first",
    );
    if costs.is_empty() {
        doc.text(Role::Plain, "No preflight in the capture");
        return doc;
    }
    let preflights: u64 = costs.iter().map(|cost| cost.preflights).sum();
    let total: f64 = costs.iter().map(|cost| cost.total_ms).sum();
    let sparable: u64 = costs.iter().map(|cost| cost.sparable).sum();
    let spared: f64 = costs.iter().map(|cost| cost.sparable_ms).sum();
    let text = format!(
        "{preflights} preflights took {} ms; Access-Control-Max-Age: 7200 would have spared {sparable} of them, {} ms",
        milliseconds(total),
        milliseconds(spared)
    );
    doc.text(Role::Plain, &text);
    doc.blank();
    let columns = if width >= 80 { 7 } else { 4 };
    let endpoint = width.saturating_sub(columns * 10 + 1).max(12);
    let names = [
        "preflight",
        "actual",
        "spared",
        "sum ms",
        "ratio",
        "median ms",
        "spared ms",
    ];
    let names = names.into_iter().take(columns);
    let head = names.fold(String::new(), |head, name| format!("{head}{name:>10}"));
    let first = doc.span(Role::Label, &pad("endpoint", endpoint));
    let head = doc.span(Role::Label, &head);
    doc.line(vec![first, head]);
    for cost in costs {
        let name = printable(&cost.endpoint.to_string()).into_owned();
        let cells = cells(cost).into_iter().take(columns);
        let cells = cells.fold(String::new(), |cells, cell| format!("{cells}{cell:>10}"));
        let role = if cost.sparable > 0 {
            Role::Condition
        } else {
            Role::Plain
        };
        let first = doc.span(Role::Plain, &pad(&name, endpoint));
        let cells = doc.span(role, &cells);
        doc.line(vec![first, cells]);
    }
    doc
}

fn cells(cost: &PreflightCost) -> [String; 7] {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts within one capture stay far below 2^52"
    )]
    let ratio = cost.preflights as f64 / cost.actuals.max(1) as f64;
    [
        cost.preflights.to_string(),
        cost.actuals.to_string(),
        cost.sparable.to_string(),
        milliseconds(cost.total_ms),
        format!("{ratio:.2}"),
        cost.median_ms.map_or("-".to_owned(), milliseconds),
        milliseconds(cost.sparable_ms),
    ]
}

/// The policy of each endpoint.
pub(super) fn write_policy(app: &App, width: usize) -> Doc {
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
    for policy in &findings.policies {
        write_one(policy, &mut doc);
    }
    doc
}

fn write_one(policy: &Policy, doc: &mut Doc) {
    doc.heading(&format!(
        "{}  ({} responses)",
        policy.endpoint, policy.responses
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
