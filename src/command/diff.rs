//! `corshark diff`: two captures in, what changed out; exit codes as diff's.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::cli::DiffArgs;
use crate::command::reading::{ReadOptions, read_all, wants_two_threads};
use crate::diff::differences;
use crate::report::{Destination, Reporter, Scope};
use crate::wire_text::printable;

const DIFFERENT: u8 = 1;
const TROUBLE: u8 = 2;

/// Compares two captures; the error is one of writing.
pub fn diff_command(args: &DiffArgs) -> io::Result<ExitCode> {
    let inputs = match args.inputs() {
        Ok(inputs) => inputs,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(TROUBLE));
        }
    };
    let mut reporter = Reporter::<Destination>::collecting(Scope::default());
    if !read_all(
        &inputs,
        ReadOptions::new(args.assumptions(), wants_two_threads(None)),
        &mut reporter,
    )? {
        return Ok(ExitCode::from(TROUBLE));
    }
    let captures = reporter.into_captures();
    let [before, after] = captures.as_slice() else {
        return Ok(ExitCode::from(TROUBLE));
    };
    let mut out = Destination::stdout(false);
    let differences = differences(before, after, args.any_host);
    for difference in &differences {
        let text = difference.to_string();
        for line in text.lines() {
            writeln!(out, "{}", printable(line))?;
        }
    }
    out.flush()?;
    Ok(ExitCode::from(if differences.is_empty() {
        0
    } else {
        DIFFERENT
    }))
}
