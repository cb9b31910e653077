//! One self-contained page: opens offline, reads without scripts, prints.
//!
//! Its content security policy allows nothing but its own style and script, by their hashes. Text of
//! the wire is escaped by `maud` wherever it stands, after [`printable`] made it visible. The page
//! is written piece by piece: a thousand transactions are not held as text.

mod charts;
mod transaction;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::cors::advice::Findings;
use crate::cors::transaction::Transaction;
use crate::report::capture::{Capture, Report};
use crate::report::record::Rfc3339;
use crate::report::words::verdict_word;
use crate::session::{Verdicts, counted};
use crate::wire_text::printable;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// SHA-256 of the two, in base64 (<https://www.w3.org/TR/CSP3/#grammardef-hash-source>).
const STYLE_HASH: &str = "cNA5MIQ1KsZ/6Ea5bXfXba+3ZH8p1jh7Dw+tJ5Fv1GM=";
const SCRIPT_HASH: &str = "muDAUCEuaOnJUZOXvD4v6ztSz53hrIXRnXPl5zfBr6U=";

/// Transactions with headers and checks; the others have only what happened. More of them would be a
/// burden for a browser.
const IN_FULL: usize = 1000;

/// Rows of advice and policy that stand open at first.
const OPEN: usize = 12;

/// The kinds of verdict in the order of the page: the word, the sign, the name.
const KINDS: [(&str, &str, &str); 5] = [
    ("fail", "✗", "fail"),
    ("conditional", "!", "fail with credentials"),
    ("unknown", "?", "unknown"),
    ("pass", "✓", "pass"),
    ("not-cors", "·", "not CORS"),
];

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let files: Vec<&str> = report.captures.iter().map(|c| c.file.as_str()).collect();
    let title = format!("CORS report: {}", files.join(", "));
    write(out, &head(&title))?;
    for capture in report.captures {
        write(out, &overview(capture, report.scope.filter.is_empty()))?;
    }
    let all = || report.captures.iter().flat_map(|c| &c.transactions);
    let count = all().count();
    let problems = all().filter(|one| is_problem(one)).count();
    write(out, &list_start(count))?;
    // Problems first: they are what a reader opens.
    let mut room_for_problems = IN_FULL;
    let mut room_for_others = IN_FULL.saturating_sub(problems);
    for (number, capture) in report.captures.iter().enumerate() {
        let file = report.file_of(capture);
        for one in &capture.transactions {
            let room = if is_problem(one) {
                &mut room_for_problems
            } else {
                &mut room_for_others
            };
            let in_full = *room > 0;
            *room = room.saturating_sub(1);
            write(out, &transaction::transaction(one, number, file, in_full))?;
        }
    }
    let end = html! {
        (PreEscaped("</div>"))
        button type="button" id="more" hidden {}
        (PreEscaped("</section></main>"))
        footer {
            "Written by corshark " (env!("CARGO_PKG_VERSION"))
            ". Frame numbers are those of the capture, as Wireshark shows them."
        }
        script { (PreEscaped(SCRIPT)) }
        (PreEscaped("</body></html>\n"))
    };
    write(out, &end)
}

fn is_problem(one: &Transaction) -> bool {
    !matches!(verdict_word(one), "pass" | "not-cors")
}

fn write(out: &mut dyn Write, markup: &Markup) -> io::Result<()> {
    out.write_all(markup.0.as_bytes())
}

fn head(title: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'sha256-{SCRIPT_HASH}'; \
         base-uri 'none'; form-action 'none'"
    );
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\" class=\"no-script\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            title { (printable(title)) }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            a.to-list href="#transactions" { "Transactions ↓" }
            h1 { "CORS report" }
            p.soft { "What the browser decided about every cross-origin request in the capture, and why." }
        }
        (PreEscaped("<main>"))
    }
}

/// The numbers of the transactions that are shown, by kind.
fn counts(capture: &Capture) -> [usize; KINDS.len()] {
    KINDS.map(|(word, _, _)| {
        let words = capture.transactions.iter();
        let words = words.map(|one| verdict_word(one));
        words.filter(|other| *other == word).count()
    })
}

fn overview(capture: &Capture, whole: bool) -> Markup {
    let counts = counts(capture);
    let total: usize = counts.iter().sum();
    let frames = capture.session.stats.frames.frames;
    html! {
        section aria-label=(printable(&capture.file)) {
            h2.file.wrap { (printable(&capture.file)) }
            p.soft {
                (counted(frames, "frame")) ", "
                (counted(capture.session.stats.tcp.connections, "TCP connection")) ", "
                (counted(capture.session.stats.http.exchanges, "HTTP exchange"))
                @if let Some((start, end)) = charts::span(capture) {
                    " · " (Rfc3339(start)) " to " (Rfc3339(end))
                }
            }
            @if !whole { (filtered(&capture.session.verdicts, total)) }
            @if let Some(error) = &capture.error {
                p.warn role="note" { "Not read to its end: " (printable(error)) }
            }
            @if let Some(why) = capture.session.why_nothing() {
                p.warn role="note" { "0 transactions: " (why) }
            }
            @for loss in capture.session.losses() { p.soft { (loss) } }
            div.tiles {
                @for ((word, sign, name), count) in KINDS.iter().zip(counts) {
                    div.tile { b class=(word) { (count) } span { (sign) " " (name) } }
                }
            }
            (charts::share(&counts))
            @if total > 0 {
                div.charts {
                    (charts::over_time(capture))
                    (charts::causes(capture))
                    (charts::costs(&capture.findings))
                }
            }
            (advice(&capture.findings))
            (policies(&capture.findings))
        }
    }
}

fn filtered(all: &Verdicts, shown: usize) -> Markup {
    html! {
        p.warn role="note" {
            "Filtered: " (shown) " of " (counted(all.total(), "transaction")) " shown."
        }
    }
}

fn advice(findings: &Findings) -> Markup {
    html! {
        @if !findings.advice.is_empty() {
            details.section open[findings.advice.len() <= OPEN] {
                summary { h2 { "Advice" span.soft.num { " " (findings.advice.len()) } } }
                div.card.scroll role="group" tabindex="0" aria-label="Advice" {
                table {
                    thead { tr { th scope="col" { "matters" } th scope="col" { "rule" } th scope="col" { "what, where, and what to do" } } }
                    tbody {
                        @for one in &findings.advice {
                            tr {
                                td { span.sev.(one.severity.name()) { (one.severity.name()) } }
                                td.num { (one.id) }
                                td.wrap {
                                    (printable(&one.what))
                                    div.mono.soft { (printable(&one.endpoint.to_string())) }
                                    div { "→ " (printable(&one.fix)) }
                                }
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn policies(findings: &Findings) -> Markup {
    let list = |values: &[String]| {
        let values: Vec<_> = values.iter().map(|value| printable(value)).collect();
        if values.is_empty() {
            "–".to_owned()
        } else {
            values.join(", ")
        }
    };
    html! {
        @if !findings.policies.is_empty() {
            details.section open[findings.policies.len() <= OPEN] {
                summary { h2 { "Policy as observed" span.soft.num { " " (findings.policies.len()) } } }
                div.card.scroll role="group" tabindex="0" aria-label="Policy as observed" {
                table {
                    thead { tr {
                        @for name in ["endpoint", "allowed origins", "refused origins", "methods", "headers", "credentials", "max-age"] {
                            th scope="col" { (name) }
                        }
                    } }
                    tbody {
                        @for policy in &findings.policies {
                            tr {
                                th.mono.wrap scope="row" { (printable(&policy.endpoint.to_string())) }
                                td.wrap { (list(&policy.origins)) }
                                td.wrap { (list(&policy.origins_refused)) }
                                td.wrap { (list(&policy.methods)) }
                                td.wrap { (list(&policy.headers)) }
                                td { @if policy.credentials { "yes" } @else { "no" } }
                                td.wrap { (list(&policy.max_ages)) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn list_start(count: usize) -> Markup {
    let columns = [
        ("n", "#", ""),
        ("k", "verdict", ""),
        ("r", "request", ""),
        ("s", "statuses", "right"),
        ("ms", "ms", "right"),
    ];
    html! {
        (PreEscaped("<section id=\"transactions\" aria-label=\"Transactions\">"))
        h2 { "Transactions" }
        @if count > IN_FULL {
            p.soft {
                "Sequence, headers and checks are shown of " (IN_FULL) " transactions, problems first. "
                "For others make a report with a filter (" code { "-Y" } "), or use " code { "--format json" } "."
            }
        }
        div.tools role="search" {
            input id="find" type="search" placeholder="Filter: words of origin, URL, method, reason…  ( / )"
                aria-label="Filter transactions" autocomplete="off" spellcheck="false";
            @for (word, sign, name) in KINDS {
                button type="button" data-toggle=(word) aria-pressed="true" { (sign) " " (name) }
            }
            span.soft.num id="count" role="status" { (counted(count as u64, "transaction")) }
        }
        div.heads.grid {
            @for (key, name, class) in columns {
                button type="button" data-sort=(key) class=(class) { (name) }
            }
        }
        (PreEscaped("<div id=\"list\">"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_hashes_of_style_and_script() {
        use base64::Engine as _;
        use sha2::{Digest as _, Sha256};
        let hash = |text: &str| {
            let digest = Sha256::digest(text.as_bytes());
            base64::engine::general_purpose::STANDARD.encode(digest)
        };
        assert_eq!(hash(STYLE), STYLE_HASH);
        assert_eq!(hash(SCRIPT), SCRIPT_HASH);
        assert!(
            !SCRIPT.contains("</"),
            "nothing ends the script element early"
        );
        assert!(
            !STYLE.contains("</"),
            "nothing ends the style element early"
        );
    }
}
