//! The pictures: drawn here as SVG, each with its numbers in words for who cannot see it.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::capture::frame::Timestamp;
use crate::cors::advice::Findings;
use crate::report::capture::Capture;
use crate::report::html::KINDS;
use crate::report::words::{code, verdict_word};
use crate::session::counted;
use crate::wire_text::printable;

/// Bars of the picture over time.
const BUCKETS: usize = 48;
/// Bars of the other pictures.
const BARS: usize = 8;

/// The time from the first to the last transaction.
pub(super) fn span(capture: &Capture) -> Option<(Timestamp, Timestamp)> {
    let times = || {
        capture
            .transactions
            .iter()
            .filter_map(|one| Some(one.main()?.start))
    };
    Some((times().min()?, times().max()?))
}

/// The verdicts as parts of one bar.
pub(super) fn share(counts: &[usize; KINDS.len()]) -> Markup {
    let total: usize = counts.iter().sum();
    let mut at = 0.0;
    let parts = KINDS.iter().zip(counts).map(|((word, _, _), count)| {
        let width = ratio(*count, total) * 1000.0;
        let part = (*word, at, width);
        at += width;
        part
    });
    let parts: Vec<_> = parts.filter(|(_, _, width)| *width > 0.0).collect();
    html! {
        @if total > 0 {
            svg.share viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                @for (word, x, width) in &parts {
                    rect class=(word) x=(format!("{x:.2}")) y="0" width=(format!("{width:.2}")) height="10" {}
                }
            }
        }
    }
}

/// The verdicts over time, as stacked bars.
pub(super) fn over_time(capture: &Capture) -> Markup {
    let Some((start, end)) = span(capture) else {
        return html! {};
    };
    let length = end.since(start).as_micros().max(1);
    let mut buckets = [[0_usize; KINDS.len()]; BUCKETS];
    for one in &capture.transactions {
        let Some(main) = one.main() else { continue };
        let place = main.start.since(start).as_micros() * BUCKETS as u128 / length;
        let place = usize::try_from(place).unwrap_or(0).min(BUCKETS - 1);
        let word = verdict_word(one);
        let kind = KINDS.iter().position(|(kind, _, _)| *kind == word);
        let count = buckets.get_mut(place).zip(kind);
        if let Some(count) = count.and_then(|(bucket, kind)| bucket.get_mut(kind)) {
            *count += 1;
        }
    }
    let sum = |bucket: &[usize; KINDS.len()]| bucket.iter().sum::<usize>();
    let tallest = buckets.iter().map(sum).max().unwrap_or(0);
    let seconds = end.since(start).as_secs_f64();
    html! {
        figure.card.wide {
            h3 { "Verdicts over time" }
            svg viewBox="0 0 960 170" role="img" aria-label=(format!("{} within {}", counted(capture.transactions.len() as u64, "transaction"), duration(seconds))) {
                line.axis x1="0" y1="140.5" x2="960" y2="140.5" {}
                text x="0" y="12" { (tallest) " at most" }
                @for (place, bucket) in buckets.iter().enumerate().filter(|(_, b)| sum(b) > 0) {
                    (column(place, bucket, tallest))
                }
                text x="0" y="160" { "0" }
                text x="960" y="160" text-anchor="end" { (duration(seconds)) }
            }
            ul.key {
                @for (word, sign, name) in KINDS { li class=(word) { span { (sign) " " (name) } } }
            }
        }
    }
}

/// A length of time in the unit that fits.
fn duration(seconds: f64) -> String {
    match seconds {
        ..1.0 => format!("{:.1} ms", seconds * 1000.0),
        ..120.0 => format!("{seconds:.1} s"),
        ..7200.0 => format!("{:.1} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

fn column(place: usize, bucket: &[usize; KINDS.len()], tallest: usize) -> Markup {
    let mut bottom = 140.0;
    let parts = KINDS.iter().zip(bucket).filter(|(_, count)| **count > 0);
    let parts: Vec<_> = parts
        .map(|((word, _, name), count)| {
            let height = ratio(*count, tallest) * 118.0;
            bottom -= height;
            (*word, *name, *count, bottom, height)
        })
        .collect();
    html! {
        @for (word, name, count, y, height) in &parts {
            rect class=(word) x=(place * 20 + 2) y=(format!("{y:.1}")) width="16" height=(format!("{height:.1}")) rx="2" {
                title { (count) " " (name) }
            }
        }
    }
}

/// Failures by their code, the most frequent first.
pub(super) fn causes(capture: &Capture) -> Markup {
    let mut counts: HashMap<&str, (usize, bool)> = HashMap::new();
    for one in &capture.transactions {
        if let Some(code) = code(one) {
            let conditional = one.judgement.condition.is_some();
            let entry = counts.entry(code).or_insert((0, conditional));
            entry.0 += 1;
            entry.1 &= conditional;
        }
    }
    let mut counts: Vec<(&str, (usize, bool))> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
    let most = counts.first().map_or(0, |(_, (count, _))| *count);
    let more = counts.len().saturating_sub(BARS);
    html! {
        figure.card {
            h3 { "Failures by cause" }
            @if counts.is_empty() { p.soft { "Nothing failed." } }
            table.bars {
                @for (code, (count, conditional)) in counts.iter().take(BARS) {
                    tr {
                        th.wrap scope="row" { (code) }
                        td { (bar(&[(if *conditional { "conditional" } else { "fail" }, ratio(*count, most))])) }
                        td.num { (count) }
                    }
                }
            }
            @if more > 0 { p.soft { "and " (more) " more" } }
        }
    }
}

/// What preflights cost at each endpoint, and how much of it could be spared.
pub(super) fn costs(findings: &Findings) -> Markup {
    let costs = &findings.costs;
    let most = costs.iter().map(|cost| cost.total_ms).fold(0.0, f64::max);
    let share = |ms: f64| if most > 0.0 { ms / most } else { 0.0 };
    let more = costs.len().saturating_sub(BARS);
    html! {
        figure.card {
            h3 { "Time spent on preflights" }
            @if costs.is_empty() { p.soft { "No preflights." } }
            table.bars {
                @for cost in costs.iter().take(BARS) {
                    tr {
                        th.wrap scope="row" {
                            span.mono { (printable(&cost.endpoint.to_string())) }
                            div.soft {
                                (counted(cost.preflights, "preflight")) " for " (counted(cost.actuals, "request"))
                                @if let Some(median) = cost.median_ms { (format!(", median {median:.1} ms")) }
                            }
                        }
                        td { (bar(&[("conditional", share(cost.sparable_ms)), ("not-cors", share(cost.total_ms - cost.sparable_ms))])) }
                        td.num { (format!("{:.1} ms", cost.total_ms)) }
                    }
                }
            }
            @if more > 0 { p.soft { "and " (more) " more endpoints" } }
            @if costs.iter().any(|cost| cost.sparable > 0) {
                ul.key {
                    li.conditional { span { "spared by Access-Control-Max-Age: 7200" } }
                    li.not-cors { span { "needed even so" } }
                }
            }
        }
    }
}

/// A bar of parts, each a class and its share of the whole width.
fn bar(parts: &[(&str, f64)]) -> Markup {
    let mut at = 0.0;
    let parts: Vec<_> = parts
        .iter()
        .map(|(class, share)| {
            let width = share.clamp(0.0, 1.0) * 100.0;
            let part = (*class, at, width);
            at += width;
            part
        })
        .collect();
    html! {
        svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" {
            @for (class, x, width) in &parts {
                @if *width > 0.0 {
                    rect class=(class) x=(format!("{x:.2}")) y="0" width=(format!("{:.2}", width.max(0.6))) height="12" {}
                }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for a picture")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
