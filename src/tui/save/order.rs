//! Transactions, a format and a name → a file.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::Update;
use crate::capture::exporter::Exporter;
use crate::capture::frame::FrameNumber;
use crate::capture::store::FrameStore;
use crate::cors::advice::Endpoint;
use crate::cors::transaction::TransactionId;
use crate::export::{self, redact};
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::report::{Capture, Destination, Format, Look, Report, Scope};
use crate::reread::Again;
use crate::session::{Row, counted};
use crate::tui::save::{Choice, Content, SaveBox};
use crate::wire_text::printable;

/// What to write, and where.
#[derive(Debug)]
pub struct SaveOrder {
    /// As it was filled in.
    pub form: SaveBox,
    pub(super) capture: Capture,
    /// Rows whose transactions must be read again.
    pub(super) missing: HashMap<TransactionId, Row>,
}

impl SaveOrder {
    fn path(&self) -> PathBuf {
        PathBuf::from(self.form.name.value())
    }

    /// Whether it takes a while, as transactions must be read again.
    #[must_use]
    pub fn rereads(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Whether the file exists and is not to be replaced.
    #[must_use]
    pub fn exists(&self) -> bool {
        !self.form.replace && self.path().exists()
    }

    /// Reads what is not at hand, and counts what is to be written.
    fn complete(&mut self, again: Option<Again<'_>>) -> Result<(), String> {
        let limits = Limits::default();
        let transactions = &mut self.capture.transactions;
        let mut room = limits.report_bytes;
        if !self.missing.is_empty() {
            let again = again.ok_or("this source cannot be read a second time")?;
            let missing = &mut self.missing;
            let mut found = Vec::new();
            let read = again.of_rows(missing, |transaction| {
                room = room.saturating_sub(transaction.weight());
                found.push(transaction);
                if room == 0 {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            read.map_err(|error| error.to_string())?;
            for transaction in found {
                missing.remove(&transaction.id);
                transactions.push(transaction);
            }
        }
        if room == 0 {
            return Err(
                "too much for the screens to hold: corshark report -o FILE -Y FILTER writes it"
                    .to_owned(),
            );
        }
        if !self.missing.is_empty() {
            let missing = counted(self.missing.len() as u64, "transaction");
            return Err(format!("{missing} cannot be read again"));
        }
        transactions.sort_by_key(|transaction| transaction.first_frame());
        for transaction in transactions.iter() {
            let update = Update::Transaction(Arc::clone(transaction));
            self.capture.session.count(&update);
        }
        if self.form.choice != Choice::All {
            let endpoints = transactions.iter();
            let endpoints = endpoints.filter_map(|t| Endpoint::of_transaction(t));
            let endpoints: HashSet<_> = endpoints.collect();
            let findings = &mut self.capture.findings;
            findings.advice.retain(|a| endpoints.contains(&a.endpoint));
            findings
                .policies
                .retain(|p| endpoints.contains(&p.endpoint));
            findings.costs.retain(|c| endpoints.contains(&c.endpoint));
        }
        Ok(())
    }

    /// Writes the file whole or not at all; what to tell, either way. Packets, and transactions that are
    /// not at hand, are read again.
    pub fn carry_out(
        mut self: Box<Self>,
        again: Option<Again<'_>>,
    ) -> (Box<Self>, Result<String, String>) {
        let result = if self.exists() {
            Err("the file exists".to_owned())
        } else {
            let complete = self.complete(again);
            complete.and_then(|()| self.write(again.map(|again| again.store)))
        };
        (self, result)
    }

    fn write(&self, store: Option<&FrameStore>) -> Result<String, String> {
        let path = self.path();
        let name = printable(&path.to_string_lossy()).into_owned();
        // An error of writing names the file.
        let told = |error: io::Error| error.to_string();
        let mut out = Destination::file(&path, self.form.replace).map_err(told)?;
        let left_out = match self.form.format {
            Content::Report(format) => {
                self.write_report(format, &mut out).map_err(told)?;
                0
            }
            Content::Packets => {
                let store = store.ok_or("this source cannot be read a second time")?;
                let written = self.write_packets(store, &mut out);
                written.map_err(|error| error.to_string())?
            }
        };
        out.keep().map_err(told)?;
        let count = counted(self.capture.transactions.len() as u64, "transaction");
        if left_out == 0 {
            return Ok(format!("{count} saved to {name}"));
        }
        let fragments = counted(left_out as u64, "fragment");
        Ok(format!(
            "{count} saved to {name}; {fragments} left out, whose secrets cannot be hidden"
        ))
    }

    fn write_report(&self, format: Format, mut out: impl Write) -> io::Result<()> {
        let report = Report {
            captures: std::slice::from_ref(&self.capture),
            scope: &Scope {
                advice: true,
                // As the screen shows those that are marked.
                merged: self.form.choice == Choice::Marked,
                ..Scope::default()
            },
        };
        format.write(&report, Look::default(), &mut out)?;
        out.flush()
    }

    /// Writes packets; how many were left out, as secrets in them cannot be hidden.
    fn write_packets(&self, store: &FrameStore, out: impl Write) -> Result<usize, Box<dyn Error>> {
        let limits = Limits::default();
        let mut redactor = Redactor::default();
        let mut choice = export::Choice::default();
        for transaction in &self.capture.transactions {
            choice.add(transaction, &self.capture.file, Some(&mut redactor));
        }
        let open = || store.from(FrameNumber(1));
        let mut packets = choice.collect(open, &limits)?;
        let left_out = redact(&mut packets, &mut redactor);
        let mut exporter = Exporter::new(out);
        for packet in &packets {
            exporter.write(&packet.to_frame())?;
        }
        exporter.finish()?.flush()?;
        Ok(left_out)
    }
}
