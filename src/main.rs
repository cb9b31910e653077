//! Parses the arguments, runs, and turns the outcome into an exit code.

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser as _;

use corshark::cli::{Cli, Task};
use corshark::explain_command::explain_command;
use corshark::report_command::report;

fn main() -> ExitCode {
    let done = match Cli::parse().into_task() {
        Task::Report(args) => report(&args),
        Task::Explain(args) => explain_command(&args),
    };
    match done {
        Ok(code) => code,
        // Whoever reads the report has had enough: `corshark … | head -1`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corshark: cannot write the report: {error}");
            ExitCode::from(3)
        }
    }
}
