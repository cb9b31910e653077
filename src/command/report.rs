//! `corshark report`: captures in, a report on standard output, faults on standard error.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::cli::{ReportArgs, Wanted};
use crate::command::reading::{ReadOptions, read_all, wants_two_threads};
use crate::report::{Destination, Format, Output, Reporter, Scope};
use crate::wire_text::printable;

/// Exit code for a wrong command line, as clap has it.
pub(super) const USAGE_ERROR: u8 = 2;

/// Exit code for an input that is missing, unreadable, damaged or no capture.
pub(super) const INPUT_ERROR: u8 = 3;

/// Reports on the files; the error is one of writing.
pub fn report(args: &ReportArgs) -> io::Result<ExitCode> {
    let asked = args.input.filter().and_then(|filter| {
        let wanted = args.output.wanted()?;
        Ok((filter, wanted, args.input.inputs()?))
    });
    let (filter, wanted, inputs) = match asked {
        Ok(asked) => asked,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(USAGE_ERROR));
        }
    };
    let mut files = args.input.files.iter();
    if let Some(input) = files.find(|input| is_output(input, &wanted)) {
        let name = input.to_string_lossy();
        eprintln!("corshark: -o {}: that is an input", printable(&name));
        return Ok(ExitCode::from(USAGE_ERROR));
    }
    let scope = Scope {
        all: args.all,
        several: inputs.len() > 1,
        advice: args.advice,
        merged: false,
        filter,
    };
    let to_terminal = |wanted: &Wanted| wanted.file.is_none() && wanted.format == Format::Text;
    let is_written_meanwhile =
        |wanted: &Wanted| wanted.file.is_none() && wanted.format == Format::NdJson;
    let says_why_nothing = wanted.iter().any(to_terminal);
    let follows = args.input.follows();
    let mut reporter = Reporter::new(scope, open(&wanted, args.output.files.force, follows)?);
    let whole = read_all(
        &inputs,
        ReadOptions {
            says_why_nothing: !says_why_nothing,
            writes_meanwhile: wanted.iter().any(is_written_meanwhile),
            ..ReadOptions::new(args.input.assumptions(), wants_two_threads(args.threads()))
        },
        &mut reporter,
    )?;
    keep(reporter)?;
    Ok(ExitCode::from(if whole { 0 } else { INPUT_ERROR }))
}

/// Whether a report would replace this input.
fn is_output(input: &Path, wanted: &[Wanted]) -> bool {
    let Ok(input) = input.canonicalize() else {
        return false;
    };
    let mut files = wanted.iter().filter_map(|wanted| wanted.file.as_ref());
    files.any(|file| file.canonicalize().is_ok_and(|file| file == input))
}

/// Opens the places of reports; `follows` where standard output is read as it happens.
pub(super) fn open(
    wanted: &[Wanted],
    force: bool,
    follows: bool,
) -> io::Result<Vec<Output<Destination>>> {
    let several = wanted.len() > 1;
    let each = wanted.iter().map(|wanted| {
        let destination = destination(wanted, several, force)?;
        let output = Output::new(wanted.format, wanted.look, destination);
        let is_read = follows && wanted.file.is_none();
        Ok(if is_read {
            output.as_it_happens()
        } else {
            output
        })
    });
    each.collect()
}

/// Opens the place of a report; `several` where there are others.
pub(super) fn destination(wanted: &Wanted, several: bool, force: bool) -> io::Result<Destination> {
    match &wanted.file {
        None => Ok(Destination::stdout(several)),
        Some(file) => Destination::file(file, force),
    }
}

/// Ends reports: their files appear.
pub(super) fn keep(reporter: Reporter<Destination>) -> io::Result<()> {
    for destination in reporter.finish()? {
        destination.keep()?;
    }
    Ok(())
}
