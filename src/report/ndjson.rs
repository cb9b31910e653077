//! One JSON object a line: transactions as they settle, then what is known at the end of a capture.

use std::io::{self, Write};

use crate::cors::transaction::Transaction;
use crate::http::exchange::Exchange;
use crate::report::capture::{Capture, Report};
use crate::report::json;
use crate::report::record::{
    AdviceRecord, CostRecord, ExchangeRecord, PolicyRecord, TransactionRecord,
};

/// Writes a transaction; `line` is room for it, kept by the caller.
pub(super) fn write_transaction(
    transaction: &Transaction,
    file: Option<&str>,
    line: &mut Vec<u8>,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write_line(&TransactionRecord::of(transaction, file), line, out)
}

/// Writes an exchange; `line` is room for it, kept by the caller.
pub(super) fn write_exchange(
    exchange: &Exchange,
    file: Option<&str>,
    line: &mut Vec<u8>,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write_line(&ExchangeRecord::of(exchange, file), line, out)
}

/// Writes advice, policies and costs.
pub(super) fn write_findings(
    capture: &Capture,
    file: Option<&str>,
    line: &mut Vec<u8>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings = &capture.findings;
    for advice in &findings.advice {
        json::write_line(&AdviceRecord::of(advice, file), line, out)?;
    }
    for policy in &findings.policies {
        json::write_line(&PolicyRecord::of(policy, file), line, out)?;
    }
    for cost in &findings.costs {
        json::write_line(&CostRecord::of(cost, file), line, out)?;
    }
    Ok(())
}

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    for capture in report.captures {
        let file = report.file_of(capture);
        for transaction in &capture.transactions {
            write_transaction(transaction, file, &mut line, out)?;
        }
        for exchange in &capture.exchanges {
            write_exchange(exchange, file, &mut line, out)?;
        }
        if report.scope.advice {
            write_findings(capture, file, &mut line, out)?;
        }
    }
    Ok(())
}
