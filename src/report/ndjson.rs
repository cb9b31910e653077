//! One JSON object a line: transactions as they settle, then what is known at the end of a capture.

use std::io::{self, Write};
use std::sync::Arc;

use crate::cors::transaction::{Judgement, Transaction};
use crate::http::exchange::Exchange;
use crate::report::capture::{Capture, Report};
use crate::report::json;
use crate::report::record::{
    AdviceRecord, CostRecord, ExchangeRecord, Part, PartRecord, PolicyRecord, TransactionRecord,
};

/// Judgements whose words are kept: as many as `cors::alike` remembers, so that they do not crowd each
/// other out.
const JUDGEMENTS: usize = 2048;

/// What is kept from line to line.
#[derive(Default)]
pub(super) struct Lines {
    /// Room for a line, to spare allocations.
    line: Vec<u8>,
    words: Vec<[Option<Words>; 2]>,
}

/// The fields of transactions that share a judgement, as text.
struct Words {
    judgement: Arc<Judgement>,
    shared: [Vec<u8>; 3],
}

impl Words {
    /// The words about a judgement that recurs, from their place among those that are kept; empty where
    /// nothing was said of it yet.
    fn of<'w>(
        judgement: &Arc<Judgement>,
        places: &'w mut Vec<[Option<Self>; 2]>,
    ) -> Option<&'w mut Self> {
        if !judgement.recurs {
            return None;
        }
        places.resize_with(JUDGEMENTS / 2, || [None, None]);
        // Allocations lie in lines; this spreads them. A place has room for two.
        let address = Arc::as_ptr(judgement).addr();
        let place = (address.wrapping_mul(0x9e37_79b1) >> 16) % places.len();
        let pair = places.get_mut(place)?;
        let is_same = |words: &Self| Arc::ptr_eq(&words.judgement, judgement);
        let known = pair
            .iter()
            .position(|words| words.as_ref().is_some_and(is_same));
        if known.is_none() {
            let [newest, other] = pair;
            *other = newest.replace(Self {
                judgement: Arc::clone(judgement),
                shared: [const { Vec::new() }; 3],
            });
        }
        pair.get_mut(known.unwrap_or_default())?.as_mut()
    }
}

/// Writes a transaction.
pub(super) fn write_transaction(
    transaction: &Transaction,
    file: Option<&str>,
    lines: &mut Lines,
    out: &mut dyn Write,
) -> io::Result<()> {
    let record = TransactionRecord::of(transaction, file);
    let Lines { line, words } = lines;
    let mut words = Words::of(&transaction.judgement, words);
    line.clear();
    let mut object = json::Object::begin_object(line);
    for part in Part::ALL {
        let said = part.shared().zip(words.as_mut());
        match said.and_then(|(place, words)| words.shared.get_mut(place)) {
            Some(said) if said.is_empty() => {
                let before = object.text().len();
                record.write(part, &mut object)?;
                said.extend_from_slice(object.text().get(before..).unwrap_or_default());
            }
            Some(said) => object.repeat(said),
            None => record.write(part, &mut object)?,
        }
    }
    object.finish();
    line.push(b'\n');
    out.write_all(line)
}

/// Writes an exchange.
pub(super) fn write_exchange(
    exchange: &Exchange,
    file: Option<&str>,
    lines: &mut Lines,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write_line(&ExchangeRecord::of(exchange, file), &mut lines.line, out)
}

/// Writes advice, policies and costs.
pub(super) fn write_findings(
    capture: &Capture,
    file: Option<&str>,
    lines: &mut Lines,
    out: &mut dyn Write,
) -> io::Result<()> {
    let line = &mut lines.line;
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

/// Writes which frames are of which file, where several are one capture.
pub(super) fn write_parts(
    capture: &Capture,
    lines: &mut Lines,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut parts = capture.parts.iter();
    parts.try_for_each(|part| json::write_line(&PartRecord::of(part), &mut lines.line, out))
}

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines::default();
    for capture in report.captures {
        let file = report.file_of(capture);
        for transaction in &capture.transactions {
            write_transaction(transaction, file, &mut lines, out)?;
        }
        for exchange in &capture.exchanges {
            write_exchange(exchange, file, &mut lines, out)?;
        }
        write_parts(capture, &mut lines, out)?;
        if report.scope.advice {
            write_findings(capture, file, &mut lines, out)?;
        }
    }
    Ok(())
}
