//! Reports: what was found, written for people or for programs.
//!
//! NDJSON is written as transactions settle; the other formats are in the order of first frames,
//! and so come at the end of each capture.

mod json;
mod record;
mod text;

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use crate::capture::frame::FrameNumber;
use crate::cors::advice::{Advisor, Endpoint, Findings};
use crate::cors::transaction::Transaction;
use crate::filter::{Filter, Lints};
use crate::http::exchange::Exchange;
use crate::limits::Limits;
use crate::report::record::{
    AdviceRecord, CaptureRecord, CostRecord, Document, ExchangeRecord, PolicyRecord, Totals,
    TransactionRecord,
};
use crate::report::text::Style;
use crate::session::{Session, counted};

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text {
        /// With colours.
        colour: bool,
        /// With every check of the algorithm.
        trace: bool,
    },
    /// One JSON document.
    Json,
    /// One JSON object a line.
    NdJson,
}

/// What is kept of a capture until its turn.
struct Capture {
    file: String,
    transactions: Vec<Arc<Transaction>>,
    exchanges: Vec<Arc<Exchange>>,
    findings: Findings,
    totals: Totals,
    error: Option<String>,
}

/// Writes a report on one or several captures.
pub struct Reporter<W: Write> {
    format: Format,
    /// Every exchange, not only the transactions.
    all: bool,
    /// Records name their file.
    several: bool,
    out: W,
    /// NDJSON with advice too; the other formats have it always.
    advice: bool,
    advisor: Option<Advisor>,
    filter: Filter,
    /// Endpoints of transactions that match the filter.
    endpoints: HashSet<Endpoint>,
    current: Capture,
    done: Vec<Capture>,
    line: Vec<u8>,
}

impl<W: Write> Reporter<W> {
    /// A report to `out`; `several` where records are to name their file.
    pub fn new(format: Format, all: bool, several: bool, out: W) -> Self {
        Self {
            format,
            all,
            several,
            out,
            advice: format != Format::NdJson,
            advisor: None,
            filter: Filter::default(),
            endpoints: HashSet::new(),
            current: Capture::new(""),
            done: Vec::new(),
            line: Vec::new(),
        }
    }

    /// With advice at the end of each capture, if `wanted` or the format has it anyway.
    #[must_use]
    pub fn with_advice(mut self, wanted: bool) -> Self {
        self.advice |= wanted;
        self
    }

    /// Only with transactions that match, and with advice about their endpoints.
    #[must_use]
    pub fn with_filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// The capture that the next records come from, as its user named it.
    pub fn begin_capture(&mut self, file: &str) {
        self.current = Capture::new(file);
        let advice = self.advice || self.filter.needs_lints();
        self.advisor = advice.then(|| Advisor::new(&Limits::default()));
    }

    /// Takes a settled transaction.
    pub fn transaction(&mut self, transaction: &Arc<Transaction>) -> io::Result<()> {
        if let Some(advisor) = &mut self.advisor {
            advisor.observe(transaction);
        }
        let waits = self.filter.needs_lints();
        if !waits && !self.filter.matches(transaction, &Lints::default()) {
            return Ok(());
        }
        if waits {
            self.current.transactions.push(Arc::clone(transaction));
            return Ok(());
        }
        self.show(transaction)
    }

    /// Takes a transaction that matches the filter.
    fn show(&mut self, transaction: &Arc<Transaction>) -> io::Result<()> {
        if self.advice && !self.filter.is_empty() {
            self.endpoints.extend(Endpoint::of_transaction(transaction));
        }
        if self.format == Format::NdJson {
            return self.write_line(transaction);
        }
        self.current.transactions.push(Arc::clone(transaction));
        Ok(())
    }

    fn write_line(&mut self, transaction: &Transaction) -> io::Result<()> {
        let file = self.several.then_some(self.current.file.as_str());
        let record = TransactionRecord::of(transaction, file);
        json::write_line(&record, &mut self.line, &mut self.out)
    }

    /// Takes a finished exchange.
    pub fn exchange(&mut self, exchange: &Arc<Exchange>) -> io::Result<()> {
        if let Some(advisor) = &mut self.advisor {
            advisor.observe_exchange(exchange);
        }
        if !self.all {
            return Ok(());
        }
        if self.format == Format::NdJson {
            let file = self.several.then_some(self.current.file.as_str());
            let record = ExchangeRecord::of(exchange, file);
            return json::write_line(&record, &mut self.line, &mut self.out);
        }
        self.current.exchanges.push(Arc::clone(exchange));
        Ok(())
    }

    /// The capture is over; `error` says why it could not be read to its end.
    pub fn end_capture(&mut self, session: &Session, error: Option<String>) -> io::Result<()> {
        let advisor = self.advisor.take();
        let mut findings = advisor.map(Advisor::finish).unwrap_or_default();
        if self.filter.needs_lints() {
            let lints = Lints::of(&findings);
            let waiting = std::mem::take(&mut self.current.transactions);
            for transaction in waiting {
                if self.filter.matches(&transaction, &lints) {
                    self.show(&transaction)?;
                }
            }
        }
        let mut capture = std::mem::replace(&mut self.current, Capture::new(""));
        capture.totals = Totals::of(session);
        capture.error = error;
        if !self.filter.is_empty() {
            keep_about(&mut findings, &std::mem::take(&mut self.endpoints));
        }
        capture.findings = findings;
        capture
            .transactions
            .sort_by_key(|transaction| transaction.first_frame());
        capture
            .exchanges
            .sort_by_key(|exchange| first_frame(exchange));
        match self.format {
            Format::NdJson if self.advice => self.write_advice_lines(&capture)?,
            Format::NdJson => {}
            Format::Text { colour, trace } => {
                self.write_text(&capture, session, Style { colour, trace })?;
            }
            Format::Json => self.done.push(capture),
        }
        self.out.flush()
    }

    fn write_advice_lines(&mut self, capture: &Capture) -> io::Result<()> {
        let file = self.several.then_some(capture.file.as_str());
        let findings = &capture.findings;
        for advice in &findings.advice {
            json::write_line(
                &AdviceRecord::of(advice, file),
                &mut self.line,
                &mut self.out,
            )?;
        }
        for policy in &findings.policies {
            json::write_line(
                &PolicyRecord::of(policy, file),
                &mut self.line,
                &mut self.out,
            )?;
        }
        for cost in &findings.costs {
            json::write_line(&CostRecord::of(cost, file), &mut self.line, &mut self.out)?;
        }
        Ok(())
    }

    fn write_text(&mut self, capture: &Capture, session: &Session, style: Style) -> io::Result<()> {
        if self.several {
            writeln!(
                self.out,
                "== {}\n",
                crate::wire_text::printable(&capture.file)
            )?;
        }
        for transaction in &capture.transactions {
            text::write_transaction(transaction, style, &mut self.out)?;
        }
        for exchange in &capture.exchanges {
            text::write_exchange(exchange, &mut self.out)?;
        }
        text::write_advice(&capture.findings, style, &mut self.out)?;
        if !self.filter.is_empty() {
            let shown = counted(capture.transactions.len() as u64, "transaction");
            writeln!(self.out, "{shown} shown, of all those in the capture:")?;
        }
        text::write_summary(session, &mut self.out)?;
        if self.several {
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// The report is over.
    pub fn finish(mut self) -> io::Result<()> {
        if self.format == Format::Json {
            let mut totals = Totals::default();
            for capture in &self.done {
                totals.add(&capture.totals);
            }
            let file = |capture: &'_ Capture| -> Option<String> {
                self.several.then(|| capture.file.clone())
            };
            let files: Vec<Option<String>> = self.done.iter().map(file).collect();
            let document = Document {
                format: "corshark",
                version: record::VERSION,
                captures: self.done.iter().map(Capture::record).collect(),
                totals,
                transactions: self
                    .done
                    .iter()
                    .zip(&files)
                    .flat_map(|(capture, file)| {
                        let records = capture.transactions.iter();
                        records.map(|t| TransactionRecord::of(t, file.as_deref()).explained(t))
                    })
                    .collect(),
                advice: records(&self.done, &files, |findings, file| {
                    let advice = findings.advice.iter();
                    advice
                        .map(|advice| AdviceRecord::of(advice, file))
                        .collect()
                }),
                policy: records(&self.done, &files, |findings, file| {
                    let policies = findings.policies.iter();
                    policies
                        .map(|policy| PolicyRecord::of(policy, file))
                        .collect()
                }),
                preflight_cost: records(&self.done, &files, |findings, file| {
                    let costs = findings.costs.iter();
                    costs.map(|cost| CostRecord::of(cost, file)).collect()
                }),
                exchanges: self.all.then(|| {
                    let captures = self.done.iter().zip(&files);
                    captures
                        .flat_map(|(capture, file)| {
                            let records = capture.exchanges.iter();
                            records.map(|e| ExchangeRecord::of(e, file.as_deref()))
                        })
                        .collect()
                }),
            };
            json::write_line(&document, &mut self.line, &mut self.out)?;
        }
        self.out.flush()
    }
}

impl Capture {
    fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            transactions: Vec::new(),
            exchanges: Vec::new(),
            findings: Findings::default(),
            totals: Totals::default(),
            error: None,
        }
    }

    fn record(&self) -> CaptureRecord<'_> {
        CaptureRecord {
            file: &self.file,
            totals: self.totals.clone(),
            advice_exchanges_ignored: self.findings.ignored,
            advice_preflights_ignored: self.findings.preflights_ignored,
            error: self.error.as_deref(),
        }
    }
}

/// Leaves what is about these endpoints.
fn keep_about(findings: &mut Findings, endpoints: &HashSet<Endpoint>) {
    let shown = |endpoint: &Endpoint| endpoints.contains(endpoint);
    findings.advice.retain(|advice| shown(&advice.endpoint));
    findings.policies.retain(|policy| shown(&policy.endpoint));
    findings.costs.retain(|cost| shown(&cost.endpoint));
}

fn first_frame(exchange: &Exchange) -> Option<FrameNumber> {
    let request = exchange.request.as_ref().map(|request| &request.frames);
    let response = exchange.response.as_ref().map(|response| &response.frames);
    request
        .or(response)
        .and_then(|frames| frames.first().copied())
}

/// The records of all captures' findings.
fn records<'a, T>(
    captures: &'a [Capture],
    files: &'a [Option<String>],
    of: impl Fn(&'a Findings, Option<&'a str>) -> Vec<T>,
) -> Vec<T> {
    let captures = captures.iter().zip(files);
    captures
        .flat_map(|(capture, file)| of(&capture.findings, file.as_deref()))
        .collect()
}
