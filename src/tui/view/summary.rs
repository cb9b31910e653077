//! What the whole capture holds: verdicts, causes, advice, and what could not be read.

use std::collections::HashSet;

use crate::cors::advice::{Advice, Severity};
use crate::session::{SourceState, counted};
use crate::tui::app::App;
use crate::tui::doc::Doc;
use crate::tui::theme::Role;
use crate::tui::view::why;

pub(super) fn write(app: &App, width: usize) -> Doc {
    let mut doc = Doc::new(app.theme, width);
    let session = &app.session;
    let verdicts = &session.verdicts;
    doc.text(
        Role::Title,
        &format!(
            "{} in {}",
            counted(verdicts.total(), "transaction"),
            counted(session.stats.frames.frames, "frame")
        ),
    );
    let mut about = counted(session.stats.http.exchanges, "HTTP exchange");
    if let Some(findings) = app.findings.as_ref().filter(|f| !f.policies.is_empty()) {
        let answers = findings
            .policies
            .iter()
            .flat_map(|policy| &policy.by_origin);
        let origins: HashSet<&str> = answers.map(|answers| &*answers.origin).collect();
        let endpoints = counted(findings.policies.len() as u64, "endpoint");
        let origins = counted(origins.len() as u64, "origin");
        about = format!("{about}; {origins} asked {endpoints}");
    }
    doc.text(Role::Plain, &about);
    if let Some(why) = session.why_nothing() {
        doc.text(Role::Unknown, &why::sentence(&why));
    }
    let most = verdicts.total().max(1);
    let bar_room = width.saturating_sub(24).min(60);
    for (role, word, count) in [
        (Role::Pass, "✓ pass", verdicts.pass),
        (Role::Fail, "✗ FAIL", verdicts.fail),
        (Role::Condition, "! conditional", verdicts.conditional),
        (Role::Unknown, "? unknown", verdicts.unknown),
        (Role::NotCors, "· not CORS", verdicts.not_cors),
    ] {
        let share = usize::try_from(count.saturating_mul(bar_room as u64).div_ceil(most));
        let bar = "█".repeat(share.unwrap_or(0).min(bar_room));
        let first = doc.span(role, &format!("{word:<14}{count:>8} "));
        doc.hanging(first, 23, role, &bar);
    }
    if verdicts.conditional > 0 {
        doc.text(
            Role::Minor,
            "(conditional ones pass, but would fail with credentials; they count as pass too)",
        );
    }
    write_causes(app, &mut doc);
    write_advice_list(app, &mut doc);
    write_losses(app, &mut doc);
    doc
}

fn write_causes(app: &App, doc: &mut Doc) {
    if app.session.causes.is_empty() {
        return;
    }
    doc.heading("FAILURES BY CAUSE");
    let mut causes: Vec<_> = app.session.causes.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (error, count) in causes {
        let text = format!("{}  {}", error.name(), crate::session::few_words(*error));
        doc.field(&format!("{count:>8}"), 10, Role::Plain, &text);
    }
}

fn write_advice_list(app: &App, doc: &mut Doc) {
    doc.heading("ADVICE");
    let Some(findings) = &app.findings else {
        doc.text(Role::Minor, "Comes when the capture is read to its end");
        return;
    };
    if findings.advice.is_empty() {
        doc.text(Role::Pass, "✓ nothing to say");
    }
    for advice in &findings.advice {
        let endpoint = format!(
            "{} at {}",
            counted(advice.occurrences, "time"),
            advice.endpoint
        );
        write_advice(advice, doc);
        doc.field("", 13, Role::Label, &endpoint);
    }
    if findings.ignored > 0 {
        let text = format!(
            "{} left out: too many endpoints",
            counted(findings.ignored, "exchange")
        );
        doc.text(Role::Unknown, &text);
    }
}

/// One advice: what, why and the repair.
pub(super) fn write_advice(advice: &Advice, doc: &mut Doc) {
    let role = match advice.severity {
        Severity::High => Role::Fail,
        Severity::Medium => Role::Condition,
        Severity::Low | Severity::Info => Role::NotCors,
    };
    let label = format!("{:<6} {:<5}", advice.severity.name(), advice.id);
    let first = doc.span(role, &label);
    doc.hanging(first, 13, Role::Plain, &why::sentence(&advice.what));
    doc.field("", 13, Role::Fix, &format!("fix: {}", advice.fix));
    let frames = why::numbers(&advice.frames);
    doc.field("", 13, Role::Minor, &format!("frames {frames}"));
}

fn write_losses(app: &App, doc: &mut Doc) {
    doc.heading("WHAT THE CAPTURE HELD");
    if let SourceState::Failed(why) = &app.source.state {
        let text = format!("✗ it ended early: {why}");
        doc.text(Role::Fail, &text);
    }
    for part in &app.source.parts {
        if part.frames > 0 {
            let (first, last) = (part.first.0, part.first.0 + part.frames - 1);
            let name = part.path.to_string_lossy();
            doc.text(Role::Plain, &format!("{name}: frames {first} to {last}"));
        }
        for fault in part.overlap().into_iter().chain(part.damage.clone()) {
            doc.text(Role::Fail, &format!("✗ {fault}"));
        }
    }
    for loss in app.session.losses() {
        doc.text(Role::Unknown, &loss);
    }
    for (title, counters) in [
        ("frames", app.session.frame_counters()),
        ("connections", app.session.connection_counters()),
    ] {
        let counters = counters.into_iter().filter(|(_, count)| *count > 0);
        let counters: Vec<String> = counters.map(|(name, n)| format!("{name} {n}")).collect();
        doc.field(title, 13, Role::Plain, &counters.join(", "));
    }
}
