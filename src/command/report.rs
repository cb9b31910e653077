//! `corshark report`: captures in, a report on standard output, faults on standard error.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::cli::{ReportArgs, Wanted};
use crate::command::input::Input;
use crate::command::reading::{ReadOptions, read_all};
use crate::report::{Destination, Format, Output, Reporter, Scope};
use crate::wire_text::printable;

/// Exit code for a wrong command line, as clap has it.
pub(super) const USAGE_ERROR: u8 = 2;

/// Exit code for an input that is missing, unreadable, damaged or no capture.
pub(super) const INPUT_ERROR: u8 = 3;

/// Reports on the files; the error is one of writing.
pub fn report(args: &ReportArgs) -> io::Result<ExitCode> {
    let (filter, wanted) = match args.filter().and_then(|f| Ok((f, args.output.wanted()?))) {
        Ok(asked) => asked,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(USAGE_ERROR));
        }
    };
    if let Some(input) = args.files.iter().find(|input| is_output(input, &wanted)) {
        let name = input.to_string_lossy();
        eprintln!("corshark: -o {}: that is an input", printable(&name));
        return Ok(ExitCode::from(USAGE_ERROR));
    }
    let followed = match args.followed() {
        Ok(followed) => followed,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(USAGE_ERROR));
        }
    };
    let scope = Scope {
        all: args.all,
        several: args.files.len() > 1 && !args.joins(),
        advice: args.advice,
        merged: false,
        filter,
    };
    let to_terminal = |wanted: &Wanted| wanted.file.is_none() && wanted.format == Format::Text;
    let is_written_meanwhile =
        |wanted: &Wanted| wanted.file.is_none() && wanted.format == Format::NdJson;
    let says_why_nothing = wanted.iter().any(to_terminal);
    let follows = followed.is_some();
    let mut reporter = Reporter::new(scope, open(&wanted, args.output.files.force, follows)?);
    let inputs = match followed {
        Some(file) => vec![Input::Growing(file)],
        None if args.joins() => vec![Input::Joined(&args.files)],
        None => Input::files(&args.files),
    };
    let whole = read_all(
        &inputs,
        ReadOptions {
            says_why_nothing: !says_why_nothing,
            writes_meanwhile: wanted.iter().any(is_written_meanwhile),
            ..ReadOptions::new(args.assumptions(), args.wants_two_threads())
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
