//! What preflights cost, by endpoint.

use std::fmt::Write as _;

use crate::cors::advice::Findings;
use crate::cors::advice::cost::PreflightCost;
use crate::cors::browser::Browser;
use crate::session::counted;
use crate::tui::app::App;
use crate::tui::doc::{Doc, pad};
use crate::tui::theme::Role;
use crate::tui::view::milliseconds;
use crate::wire_text::printable;

/// What preflights cost.
pub(super) fn write(app: &App, width: usize) -> Doc {
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
        "{} took {} ms; Access-Control-Max-Age: 7200 would have spared {sparable} of them, {} ms",
        counted(preflights, "preflight"),
        milliseconds(total),
        milliseconds(spared)
    );
    doc.text(Role::Plain, &text);
    doc.blank();
    let columns = &COLUMNS;
    let wide: usize = columns.iter().map(|(_, width)| width + 1).sum();
    // Where they do not fit beside it, they stand below the endpoint.
    let endpoint = match width.saturating_sub(wide) {
        room if room >= 36 => Some(room),
        _ => None,
    };
    let head = columns.iter().map(|(name, _)| (*name).to_owned());
    let head = cells_line(head, width - endpoint.unwrap_or(0));
    let label = doc.span(Role::Label, &pad("endpoint", endpoint.unwrap_or(0)));
    let head = doc.span(Role::Label, &head);
    doc.line(vec![label, head]);
    for cost in costs {
        let name = printable(&cost.endpoint.to_string()).into_owned();
        let role = if cost.sparable > 0 {
            Role::Condition
        } else {
            Role::Plain
        };
        let cells = cells_line(cells(cost, findings), width - endpoint.unwrap_or(0));
        let cells = doc.span(role, &cells);
        if let Some(room) = endpoint {
            let name = doc.span(Role::Plain, &pad(&name, room));
            doc.line(vec![name, cells]);
        } else {
            doc.text(Role::Plain, &name);
            doc.line(vec![cells]);
        }
    }
    doc.blank();
    doc.text(
        Role::Minor,
        "ms: median, and what 95 of 100 did not exceed. remembered: seconds for which Chrome, Firefox and \
         Safari keep the answer, by its Access-Control-Max-Age (7 lists several). spared: preflights that \
         Access-Control-Max-Age: 7200 would have spared",
    );
    doc
}

/// The columns beside the endpoint, the most telling first, with their widths.
const COLUMNS: [(&str, usize); 8] = [
    ("preflight", 9),
    ("actual", 7),
    ("ratio", 6),
    ("p50/p95 ms", 11),
    ("remembered", 14),
    ("spared", 7),
    ("spared ms", 9),
    ("sum ms", 8),
];

/// The cells of a line, as many as fit.
fn cells_line(cells: impl IntoIterator<Item = String>, width: usize) -> String {
    let mut line = String::new();
    for (cell, (_, wide)) in cells.into_iter().zip(COLUMNS) {
        if line.len() + wide + 1 > width {
            break;
        }
        let _ = write!(line, " {cell:>wide$}");
    }
    line
}

fn cells(cost: &PreflightCost, findings: &Findings) -> [String; 8] {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts within one capture stay far below 2^52"
    )]
    let ratio = cost.preflights as f64 / cost.actuals.max(1) as f64;
    let ms = |ms: Option<f64>| ms.map_or("-".to_owned(), milliseconds);
    let mut policies = findings.policies.iter();
    let policy = policies.find(|policy| policy.endpoint == cost.endpoint);
    let ages = policy.map_or(&[][..], |policy| &policy.max_ages);
    [
        cost.preflights.to_string(),
        cost.actuals.to_string(),
        format!("{ratio:.2}"),
        format!("{}/{}", ms(cost.median_ms), ms(cost.p95_ms)),
        match ages {
            [] => "-".to_owned(),
            [age] => remembered(age),
            _ => "several".to_owned(),
        },
        cost.sparable.to_string(),
        milliseconds(cost.sparable_ms),
        milliseconds(cost.total_ms),
    ]
}

/// For how many seconds the three families of browsers keep a preflight's answer.
fn remembered(max_age: &str) -> String {
    let max_age = Some(max_age.as_bytes()).filter(|age| !age.is_empty());
    let browsers = [
        Browser::Chromium(u32::MAX),
        Browser::Firefox(u32::MAX),
        Browser::Safari,
    ];
    let seconds = browsers.map(|browser| {
        let lifetime = browser.preflight_lifetime(max_age).unwrap_or_default();
        lifetime.as_secs().to_string()
    });
    seconds.join("/")
}
