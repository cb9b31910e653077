//! One transaction: a line, and below it all that is known. Few elements each, so that ten thousand
//! of them are no burden.

use maud::{Markup, html};

use crate::cors::console::console_lines;
use crate::cors::trace::Check;
use crate::cors::transaction::{Half, Transaction};
use crate::cors::trigger::preflight_triggers;
use crate::http::headers::HeaderList;
use crate::ladder::{Ladder, TEXT_WIDTH};
use crate::report::html::KINDS;
use crate::report::words::{code, duration_ms, facts, half_line, not_seen, notes, verdict_word};
use crate::wire_text::{printable, wire_text};

/// Headers that decide about CORS: they are marked.
const DECISIVE: [&str; 8] = [
    "origin",
    "cookie",
    "authorization",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-storage-access",
    "vary",
    "location",
];

pub(super) fn transaction(
    one: &Transaction,
    capture: usize,
    file: Option<&str>,
    in_full: bool,
) -> Markup {
    let word = verdict_word(one);
    let (place, (_, sign, _)) = KINDS
        .iter()
        .enumerate()
        .find(|(_, (kind, _, _))| *kind == word)
        .unwrap_or((KINDS.len(), &("", "", "")));
    let halves = [&one.preflight, &one.actual];
    let ms: f64 = halves
        .iter()
        .copied()
        .flatten()
        .filter_map(duration_ms)
        .sum();
    let id = if capture == 0 {
        format!("t{}", one.id)
    } else {
        format!("t{}-{}", capture + 1, one.id)
    };
    let status = |half: &Option<Half>| {
        let response = half.as_ref().and_then(|half| half.response.as_ref());
        response.map(|response| response.status)
    };
    let statuses = halves.iter().filter_map(|half| status(half));
    let statuses: Vec<String> = statuses.map(|status| status.to_string()).collect();
    let url = one.url();
    let last = status(&one.actual).or(status(&one.preflight)).unwrap_or(0);
    html! {
        details.t id=(id) data-v=(word) data-n=(format!("{}{:09}", capture, one.id.0)) data-k=(place)
            data-s=(last) data-ms=(format!("{ms:.3}")) data-r=(printable(&url)) {
            summary.grid {
                span.num.soft { (one.id) }
                span { span.badge.(word) { (sign) " " (word) } }
                span.wrap {
                    b { (printable(&wire_text(one.method()))) } " "
                    span.mono { (printable(&url)) }
                    span.soft { " from " (printable(&wire_text(one.origin()))) }
                    @if let Some(file) = file { span.soft { " · " (printable(file)) } }
                }
                span.num.right { (statuses.join(" → ")) }
                span.num.right.soft { (format!("{ms:.1}")) " ms" }
                @if word != "pass" {
                    span.why.wrap {
                        @if let Some(code) = code(one) { b { (code) } ": " }
                        (printable(&one.reason()))
                    }
                }
            }
            div.body { (body(one, in_full)) }
        }
    }
}

fn body(one: &Transaction, in_full: bool) -> Markup {
    let facts = facts(one);
    let fix = one.fix();
    let notes = notes(one);
    let triggers: Vec<String> = preflight_triggers(one)
        .iter()
        .map(ToString::to_string)
        .collect();
    html! {
        @if !fix.is_empty() || one.remedy().is_some() {
            h3 { "Repair" }
            @if !fix.is_empty() {
                pre.fix { @for line in &fix { (printable(line)) "\n" } }
            }
            @if let Some(remedy) = one.remedy() { p { (remedy) } }
        }
        h3 { "What happened" }
        dl {
            @for (label, fact) in facts.iter().filter(|(label, _)| !["fix", "remedy"].contains(label)) {
                dt { (label) } dd { (fact) }
            }
            @if !triggers.is_empty() { dt { "asked because of" } dd { (printable(&triggers.join(", "))) } }
            dt { "credentials" } dd { (one.judgement.credentials.name()) }
            @if !notes.is_empty() { dt { "notes" } dd { (printable(&notes.join(", "))) } }
        }
        @if in_full {
        h3 { "Sequence" }
        pre tabindex="0" role="group" aria-label="Sequence diagram; the same in words is above" {
            // Below its title, which the row above already is.
            @for line in Ladder::of([one]).text(TEXT_WIDTH).iter().skip(2) { (line) "\n" }
        }
            (exhibits(one))
        }
    }
}

/// The headers, the checks, the browsers' words.
fn exhibits(one: &Transaction) -> Markup {
    let trace = one.trace();
    let console = console_lines(one);
    let lines = [
        ("Chrome", console.chromium),
        ("Firefox", console.firefox),
        ("Safari", console.safari),
    ];
    html! {
        div.pair {
            div { h3 { "Preflight" } (half(one.preflight.as_ref(), "none in the capture, or none needed")) }
            div { h3 { "Actual request" } (half(one.actual.as_ref(), not_seen(one))) }
        }
        @if !trace.is_empty() {
            h3 { "Checks, in the browser's order" }
            ol.trace { @for check in &trace { (check_item(check)) } }
        }
        @if lines.iter().any(|(_, line)| line.is_some()) {
            h3 { "What the browser prints" }
            dl {
                @for (browser, line) in &lines {
                    @if let Some(line) = line { dt { (browser) } dd.mono { (printable(line)) } }
                }
            }
        }
    }
}

fn check_item(check: &Check) -> Markup {
    let request = if check.in_preflight {
        "preflight"
    } else {
        "request"
    };
    html! {
        li class=(check.outcome.name()) {
            (request) ": " (check.what) ": " (printable(&check.looked_at)) " "
            a href=(check.section) rel="noreferrer" aria-label="the standard's section" { "§" }
        }
    }
}

fn half(half: Option<&Half>, absent: &str) -> Markup {
    let Some(half) = half else {
        return html! { p.soft { (absent) } };
    };
    let head = &half.fetch.head;
    html! {
        p.soft { (half_line(half)) }
        pre.head {
            b { (printable(&wire_text(head.method()))) " " (printable(&wire_text(head.target()))) } "\n"
            (lines(&head.headers))
        }
        @match &half.response {
            Some(response) => pre.head { b { (response.status) } "\n" (lines(&response.headers)) },
            None => p.soft { "no response" },
        }
    }
}

fn lines(headers: &HeaderList) -> Markup {
    html! {
        @for (name, value) in headers.lines() {
            @let line = format!("{}: {}", wire_text(name), wire_text(value));
            @if is_decisive(name) { mark { (printable(&line)) } } @else { (printable(&line)) }
            "\n"
        }
    }
}

fn is_decisive(name: &[u8]) -> bool {
    let prefix = b"access-control-";
    let start = name.get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        || DECISIVE
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}
