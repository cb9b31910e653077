//! `corshark completions` and `corshark man`.

use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::cli::{CompletionsArgs, ManArgs};
use crate::report::Destination;

/// Prints the completions of a shell; the error is one of writing.
pub fn completions_command(args: &CompletionsArgs) -> io::Result<ExitCode> {
    let mut out = Destination::stdout(false);
    args.write(&mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page, or writes all pages; the error is one of writing.
pub fn man_command(args: &ManArgs) -> io::Result<ExitCode> {
    if let Some(directory) = &args.directory {
        fs::create_dir_all(directory)?;
        ManArgs::write_all(directory)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = Destination::stdout(false);
    ManArgs::write(&mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
