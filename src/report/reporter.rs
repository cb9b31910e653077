//! Takes what is found as it is found, and writes it in every format that was asked for, in one pass.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::capture::frame::FrameNumber;

use crate::cors::advice::{Advisor, Endpoint, Findings};
use crate::cors::transaction::{Transaction, TransactionId};
use crate::filter::Lints;
use crate::http::connecting::Connecting;
use crate::http::exchange::Exchange;
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::report::capture::{Capture, Look, Report, Scope};
use crate::report::format::Format;
use crate::report::{ndjson, text};
use crate::session::{JoinedFile, Session};

/// One place that a report goes to.
pub struct Output<W> {
    format: Format,
    look: Look,
    out: W,
    /// Hides secrets, unless they are to be shown.
    redactor: Option<Redactor>,
    /// Somebody reads it while the capture goes on: text is written as transactions settle, too, and
    /// refused preflights before they do.
    as_it_happens: bool,
    lines: ndjson::Lines,
}

impl<W: Write> Output<W> {
    /// A report of this format and look.
    pub fn new(format: Format, look: Look, out: W) -> Self {
        Self {
            format,
            look,
            out,
            redactor: (!look.with_secrets).then(Redactor::default),
            as_it_happens: false,
            lines: ndjson::Lines::default(),
        }
    }

    /// The same for somebody who reads it while the capture goes on.
    #[must_use]
    pub fn as_it_happens(mut self) -> Self {
        self.as_it_happens = true;
        self
    }

    /// Whether a record is written as it comes.
    fn is_immediate(&self) -> bool {
        self.format == Format::NdJson || (self.format == Format::Text && self.as_it_happens)
    }

    fn write_transaction(
        &mut self,
        transaction: &Transaction,
        file: Option<&str>,
    ) -> io::Result<()> {
        let hidden = self.redactor.as_mut().map(|r| r.transaction(transaction));
        let transaction = hidden.as_ref().unwrap_or(transaction);
        if self.format == Format::Text {
            return text::write_transaction(transaction, self.look, &mut self.out);
        }
        ndjson::write_transaction(transaction, file, &mut self.lines, &mut self.out)
    }

    fn write_exchange(&mut self, exchange: &Exchange, file: Option<&str>) -> io::Result<()> {
        let hidden = self.redactor.as_mut().map(|r| r.exchange(exchange));
        let exchange = hidden.as_deref().unwrap_or(exchange);
        if self.format == Format::Text {
            return text::write_exchange(exchange, &mut self.out);
        }
        ndjson::write_exchange(exchange, file, &mut self.lines, &mut self.out)
    }

    /// What the report was written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// Writes reports on one or several captures.
pub struct Reporter<W> {
    scope: Scope,
    outputs: Vec<Output<W>>,
    /// Some output has advice.
    advice: bool,
    /// Everything is kept, whatever the outputs need.
    keeps: bool,
    advisor: Option<Advisor>,
    /// Endpoints of transactions that match the filter.
    endpoints: HashSet<Endpoint>,
    current: Capture,
    done: Vec<Capture>,
    /// Transactions that were shown before they settled.
    shown_early: HashSet<TransactionId>,
    /// About how many bytes of transactions and exchanges are kept, and how many may be.
    kept_bytes: usize,
    most_bytes: usize,
    left_out: u64,
    /// Something was written since the last flush.
    unflushed: bool,
    /// When that was.
    flushed: Option<Instant>,
}

/// How long lines wait to be written together: nobody who watches sees a difference.
const SOON: Duration = Duration::from_millis(100);

impl<W: Write> Reporter<W> {
    /// Reports of this scope to all of these outputs.
    #[must_use]
    pub fn new(scope: Scope, outputs: Vec<Output<W>>) -> Self {
        let has_advice = |output: &Output<W>| scope.advice || output.format != Format::NdJson;
        Self {
            advice: outputs.iter().any(has_advice),
            scope,
            outputs,
            keeps: false,
            advisor: None,
            endpoints: HashSet::new(),
            current: Capture::default(),
            done: Vec::new(),
            shown_early: HashSet::new(),
            kept_bytes: 0,
            most_bytes: usize::MAX,
            left_out: 0,
            unflushed: false,
            flushed: None,
        }
    }

    /// Keeps no more than so many bytes for what is written at the end, about: the newest. For a capture
    /// whose end nobody knows.
    #[must_use]
    pub fn within(mut self, bytes: usize) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Writes nothing, but keeps what is to be reported.
    #[must_use]
    pub fn collecting(scope: Scope) -> Self {
        Self {
            advice: true,
            keeps: true,
            ..Self::new(scope, Vec::new())
        }
    }

    /// What was kept.
    #[must_use]
    pub fn into_captures(self) -> Vec<Capture> {
        self.done
    }

    /// The capture that the next records come from, as its user named it.
    pub fn begin_capture(&mut self, file: &str) {
        self.current = Capture::new(file);
        let advice = self.advice || self.scope.filter.needs_lints();
        self.advisor = advice.then(|| Advisor::new(&Limits::default()));
    }

    /// Takes a settled transaction.
    pub fn transaction(&mut self, transaction: &Arc<Transaction>) -> io::Result<()> {
        if let Some(advisor) = &mut self.advisor {
            advisor.observe(transaction);
        }
        let is_told = !self.shown_early.is_empty()
            && self.shown_early.remove(&transaction.id)
            && transaction.actual.is_none();
        if self.scope.filter.needs_lints() {
            self.current.transactions.push(Arc::clone(transaction));
            return Ok(());
        }
        if !self.scope.filter.matches(transaction, &Lints::default()) {
            return Ok(());
        }
        self.show(transaction, is_told)
    }

    /// Takes a refused preflight that has not settled: whoever reads as it happens is told now, and not
    /// again unless it settles as something else.
    pub fn refusal(&mut self, transaction: &Arc<Transaction>) -> io::Result<()> {
        if !self.scope.filter.matches(transaction, &Lints::default()) {
            return Ok(());
        }
        self.shown_early.insert(transaction.id);
        let outputs = self.outputs.iter_mut();
        for output in outputs.filter(|output| output.as_it_happens && output.is_immediate()) {
            output.write_transaction(transaction, None)?;
        }
        Ok(())
    }

    /// Takes a settled transaction that matches the filter; `is_told` where whoever reads as it happens
    /// has it already.
    fn show(&mut self, transaction: &Arc<Transaction>, is_told: bool) -> io::Result<()> {
        if self.advice && !self.scope.filter.is_empty() {
            self.endpoints.extend(Endpoint::of_transaction(transaction));
        }
        let file = self.scope.several.then_some(self.current.file.as_str());
        let mut keep = self.keeps;
        for output in &mut self.outputs {
            if !output.is_immediate() {
                keep = true;
            } else if !(is_told && output.as_it_happens) {
                output.write_transaction(transaction, file)?;
                self.unflushed = true;
            }
        }
        if keep {
            self.current.transactions.push(Arc::clone(transaction));
            self.make_room(transaction.weight());
        }
        Ok(())
    }

    /// Takes what became of a connection to a port where one did not come about.
    pub fn connecting(&mut self, told: &Connecting) {
        if let Some(advisor) = &mut self.advisor {
            advisor.observe_connecting(told);
        }
    }

    /// Takes a finished exchange.
    pub fn exchange(&mut self, exchange: &Arc<Exchange>) -> io::Result<()> {
        if let Some(advisor) = &mut self.advisor {
            advisor.observe_exchange(exchange);
        }
        if !self.scope.all {
            return Ok(());
        }
        let file = self.scope.several.then_some(self.current.file.as_str());
        let mut keep = self.keeps;
        for output in &mut self.outputs {
            if output.is_immediate() {
                output.write_exchange(exchange, file)?;
                self.unflushed = true;
            } else {
                keep = true;
            }
        }
        if keep {
            self.current.exchanges.push(Arc::clone(exchange));
            self.make_room(exchange.weight());
        }
        Ok(())
    }

    /// Counts what is kept now; beyond the bound the older half of it is left out.
    fn make_room(&mut self, bytes: usize) {
        self.kept_bytes += bytes;
        if self.kept_bytes <= self.most_bytes {
            return;
        }
        let capture = &mut self.current;
        let gone = capture.transactions.len().div_ceil(2);
        capture.transactions.drain(..gone);
        self.left_out += gone as u64;
        let gone = capture.exchanges.len().div_ceil(2);
        capture.exchanges.drain(..gone);
        let transactions = capture.transactions.iter().map(|one| one.weight());
        let exchanges = capture.exchanges.iter().map(|one| one.weight());
        self.kept_bytes = transactions.chain(exchanges).sum();
    }

    /// Transactions that were left out at the end of the reports: the oldest, as there were too many.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The capture is over; `error` says why it could not be read to its end.
    /// `parts` are the files that it was joined from, where it was.
    pub fn end_capture(
        &mut self,
        session: &Session,
        error: Option<String>,
        parts: &[JoinedFile],
    ) -> io::Result<()> {
        let advisor = self.advisor.take();
        let mut findings = advisor.map(Advisor::finish).unwrap_or_default();
        if self.scope.filter.needs_lints() {
            let lints = Lints::of(&findings);
            let waiting = std::mem::take(&mut self.current.transactions);
            for transaction in waiting {
                if self.scope.filter.matches(&transaction, &lints) {
                    self.show(&transaction, false)?;
                }
            }
        }
        if !self.scope.filter.is_empty() {
            keep_about(&mut findings, &std::mem::take(&mut self.endpoints));
        }
        let mut capture = std::mem::take(&mut self.current);
        capture.session = session.clone();
        capture.error = error;
        capture.parts = parts.to_vec();
        capture.findings = findings;
        let transactions = &mut capture.transactions;
        transactions.sort_by_key(|transaction| transaction.first_frame());
        let exchanges = &mut capture.exchanges;
        exchanges.sort_by_key(|exchange| first_frame(exchange));
        self.write_capture(&capture)?;
        if self.keeps || self.outputs.iter().any(|o| !o.format.is_streamed()) {
            self.done.push(capture);
        }
        Ok(())
    }

    /// What is written at the end of each capture.
    fn write_capture(&mut self, capture: &Capture) -> io::Result<()> {
        let report = Report {
            captures: std::slice::from_ref(capture),
            scope: &self.scope,
        };
        let unread = capture.error.is_some() && capture.session.stats.frames.frames == 0;
        for output in &mut self.outputs {
            let Output {
                format, lines, out, ..
            } = output;
            match format {
                Format::NdJson => {
                    ndjson::write_parts(capture, lines, out)?;
                    if self.scope.advice {
                        ndjson::write_findings(capture, report.file_of(capture), lines, out)?;
                    }
                }
                Format::Text if output.as_it_happens => text::write_end(capture, output.look, out)?,
                Format::Text if !unread => Format::Text.write(&report, output.look, out)?,
                _ => {}
            }
            output.out.flush()?;
        }
        Ok(())
    }

    /// Shows what is written so far to whoever reads it, if it is the first of it or waits for long.
    pub fn flush_in_time(&mut self) -> io::Result<()> {
        let is_recent = |flushed: Instant| flushed.elapsed() < SOON;
        if !self.unflushed || self.flushed.is_some_and(is_recent) {
            return Ok(());
        }
        self.flush()
    }

    /// Shows what is written so far to whoever reads it.
    pub fn flush(&mut self) -> io::Result<()> {
        self.unflushed = false;
        self.flushed = Some(Instant::now());
        self.outputs.iter_mut().try_for_each(|o| o.out.flush())
    }

    /// The report is over; gives back what it was written to.
    pub fn finish(mut self) -> io::Result<Vec<W>> {
        let report = Report {
            captures: &self.done,
            scope: &self.scope,
        };
        for output in &mut self.outputs {
            if !output.format.is_streamed() {
                output.format.write(&report, output.look, &mut output.out)?;
            }
            output.out.flush()?;
        }
        Ok(self.outputs.into_iter().map(Output::into_inner).collect())
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
