//! `corshark check`: problems in captures, told by the exit code.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::check::{Baseline, Policy, check};
use crate::cli::CheckArgs;
use crate::command::reading::{ReadOptions, read_all, wants_two_threads};
use crate::command::report::{INPUT_ERROR, USAGE_ERROR, destination};
use crate::report::{Destination, Format, Report, Reporter, Scope};
use crate::session::counted;
use crate::wire_text::printable;

const PROBLEMS: u8 = 1;
const TOO_FEW: u8 = 4;

/// Checks captures; the error is one of writing.
pub fn check_command(args: &CheckArgs) -> io::Result<ExitCode> {
    let prepared = args.input.filter().and_then(|filter| {
        let wanted = args.output.wanted()?;
        let baseline = read_text(args.baseline.as_deref(), Baseline::parse)?;
        let policy = read_text(args.policy.as_deref(), Policy::parse)?;
        Ok((filter, wanted, baseline, policy, args.input.inputs()?))
    });
    let (filter, wanted, baseline, policy, inputs) = match prepared {
        Ok(prepared) => prepared,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(USAGE_ERROR));
        }
    };
    let force = args.output.files.force;
    // Opened before anything is read: what cannot be written is said at once.
    let baseline_out = args.write_baseline.as_ref();
    let baseline_out = baseline_out
        .map(|path| Destination::file(path, force))
        .transpose()?;
    let several = wanted.len() > 1;
    let outputs = wanted
        .iter()
        .map(|one| Ok((one, destination(one, several, force)?)));
    let outputs: Vec<_> = outputs.collect::<io::Result<_>>()?;

    let scope = Scope {
        several: inputs.len() > 1,
        filter,
        ..Scope::default()
    };
    let mut reporter = Reporter::<Destination>::collecting(scope.clone());
    let whole = read_all(
        &inputs,
        ReadOptions::new(args.input.assumptions(), wants_two_threads(None)),
        &mut reporter,
    )?;
    let found = check(reporter.into_captures(), &args.fail_on, &policy, &baseline);

    if let Some(mut out) = baseline_out {
        Baseline::write(&found.problems, &mut out)?;
        out.keep()?;
        eprintln!(
            "corshark: {} written to the baseline",
            counted(found.problems.len() as u64, "problem")
        );
        return Ok(ExitCode::from(if whole { 0 } else { INPUT_ERROR }));
    }
    let report = Report {
        captures: &found.captures,
        scope: &scope,
    };
    for (wanted, mut out) in outputs {
        if wanted.format != Format::Text || found.new > 0 {
            wanted.format.write(&report, wanted.look, &mut out)?;
        }
        out.flush()?;
        out.keep()?;
    }
    let verdict = format!(
        "{}, {} known, in {} with a verdict",
        counted(found.new as u64, "problem"),
        found.known,
        counted(found.decided, "transaction")
    );
    eprintln!("corshark: {verdict}");
    let code = if !whole {
        INPUT_ERROR
    } else if found.new > 0 {
        PROBLEMS
    } else if found.decided < args.require {
        eprintln!(
            "corshark: --require {}: there are too few transactions",
            args.require
        );
        TOO_FEW
    } else {
        0
    };
    Ok(ExitCode::from(code))
}

/// Reads a file of the user's; nothing where there is none. The error is a message.
fn read_text<T: Default, E: ToString>(
    path: Option<&Path>,
    parse: fn(&str) -> Result<T, E>,
) -> Result<T, String> {
    let Some(path) = path else {
        return Ok(T::default());
    };
    let name = printable(&path.to_string_lossy()).into_owned();
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    parse(&text).map_err(|error| format!("{name}: {}", error.to_string()))
}
