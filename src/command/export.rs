//! `corshark export`: the packets of chosen transactions, as pcapng.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::capture::FrameSource;
use crate::capture::exporter::Exporter;
use crate::cli::ExportArgs;
use crate::command::reading::{ReadOptions, read_all, wants_two_threads};
use crate::command::report::{INPUT_ERROR, USAGE_ERROR};
use crate::export::{Choice, redact};
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::report::{Destination, Reporter, Scope};
use crate::session::counted;
use crate::wire_text::printable;

const NOTHING: u8 = 4;

/// Exports packets; the error is one of writing.
pub fn export_command(args: &ExportArgs) -> io::Result<ExitCode> {
    let asked = args.input.filter();
    let (filter, inputs) = match asked.and_then(|filter| Ok((filter, args.input.inputs()?))) {
        Ok(asked) => asked,
        Err(message) => return Ok(refuse(&message, USAGE_ERROR)),
    };
    let is_stdin = args.input.files.iter().any(|file| file == Path::new("-"));
    if is_stdin || args.input.follows() {
        let what = "export reads captures twice: neither standard input nor what grows can be";
        return Ok(refuse(what, USAGE_ERROR));
    }
    let out = Destination::file(&args.output, args.force)?;
    let scope = Scope {
        filter,
        ..Scope::default()
    };
    let mut reporter = Reporter::<Destination>::collecting(scope);
    let whole = read_all(
        &inputs,
        ReadOptions::new(args.input.assumptions(), wants_two_threads(None)),
        &mut reporter,
    )?;
    let captures = reporter.into_captures();

    let limits = Limits::default();
    let mut redactor = (!args.with_secrets).then(Redactor::default);
    let mut exporter = Exporter::new(out);
    let (mut transactions, mut frames) = (0, 0);
    for (capture, input) in captures.iter().zip(&inputs) {
        let mut choice = Choice::new(args.frames);
        for transaction in &capture.transactions {
            choice.add(transaction, &capture.file, redactor.as_mut());
        }
        if choice.is_empty() {
            continue;
        }
        transactions += capture.transactions.len() as u64;
        let open = || -> Result<Box<dyn FrameSource>, _> {
            let source = input.open(&limits, || Ok(Arc::default()))?;
            Ok(source)
        };
        let mut packets = match choice.collect(open, &limits) {
            Ok(packets) => packets,
            Err(error) => {
                let name = printable(&capture.file).into_owned();
                return Ok(refuse(&format!("{name}: {error}"), INPUT_ERROR));
            }
        };
        if let Some(redactor) = &mut redactor {
            let left_out = redact(&mut packets, redactor);
            if left_out > 0 {
                let count = counted(left_out as u64, "fragment");
                eprintln!("corshark: {count} left out, whose secrets cannot be hidden");
            }
        }
        frames += packets.len() as u64;
        for packet in &packets {
            exporter.write(&packet.to_frame())?;
        }
    }
    let out = exporter.finish()?;
    if transactions == 0 {
        return Ok(refuse(
            "no transaction matches: nothing is written",
            NOTHING,
        ));
    }
    out.keep()?;
    eprintln!(
        "corshark: {} of {}",
        counted(frames, "frame"),
        counted(transactions, "transaction")
    );
    Ok(ExitCode::from(if whole { 0 } else { INPUT_ERROR }))
}

fn refuse(message: &str, code: u8) -> ExitCode {
    eprintln!("corshark: {message}");
    ExitCode::from(code)
}
