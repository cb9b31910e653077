//! A whole report as one JSON document.

use std::io::{self, Write};

use crate::cors::advice::Findings;
use crate::report::capture::{Capture, Report};
use crate::report::json;
use crate::report::record::{
    AdviceRecord, CaptureRecord, CostRecord, Document, ExchangeRecord, PartRecord, PolicyRecord,
    Totals, TransactionRecord, VERSION,
};

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let each_totals: Vec<Totals> = report
        .captures
        .iter()
        .map(|capture| Totals::of(&capture.session))
        .collect();
    let mut totals = Totals::default();
    for one in &each_totals {
        totals.add(one);
    }
    let captures = report.captures.iter().zip(&each_totals);
    let transactions = report.captures.iter().flat_map(|capture| {
        let file = report.file_of(capture);
        let transactions = capture.transactions.iter();
        transactions.map(move |t| TransactionRecord::of(t, file).explained(t))
    });
    let exchanges = || {
        let captures = report.captures.iter();
        let records = captures.flat_map(|capture| {
            let file = report.file_of(capture);
            let exchanges = capture.exchanges.iter();
            exchanges.map(move |exchange| ExchangeRecord::of(exchange, file))
        });
        records.collect()
    };
    let document = Document {
        format: "corshark",
        version: VERSION,
        captures: captures
            .map(|(capture, totals)| capture_record(capture, totals))
            .collect(),
        totals,
        transactions: transactions.collect(),
        advice: records(report, |findings, file| {
            let advice = findings.advice.iter();
            advice.map(|one| AdviceRecord::of(one, file)).collect()
        }),
        policy: records(report, |findings, file| {
            let policies = findings.policies.iter();
            policies.map(|one| PolicyRecord::of(one, file)).collect()
        }),
        preflight_cost: records(report, |findings, file| {
            let costs = findings.costs.iter();
            costs.map(|one| CostRecord::of(one, file)).collect()
        }),
        exchanges: report.scope.all.then(exchanges),
    };
    json::write_line(&document, &mut Vec::new(), out)
}

fn capture_record<'a>(capture: &'a Capture, totals: &Totals) -> CaptureRecord<'a> {
    CaptureRecord {
        file: &capture.file,
        parts: capture.parts.iter().map(PartRecord::of).collect(),
        totals: totals.clone(),
        advice_exchanges_ignored: capture.findings.ignored,
        advice_preflights_ignored: capture.findings.preflights_ignored,
        error: capture.error.as_deref(),
    }
}

/// The records of all captures' findings.
fn records<'a, T>(
    report: &Report<'a>,
    of: impl Fn(&'a Findings, Option<&'a str>) -> Vec<T>,
) -> Vec<T> {
    let captures = report.captures.iter();
    captures
        .flat_map(|capture| of(&capture.findings, report.file_of(capture)))
        .collect()
}
