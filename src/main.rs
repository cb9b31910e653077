//! Parses the arguments, runs, and turns the outcome into an exit code.

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser as _;

use corshark::cli::Cli;
use corshark::report_command::report;

fn main() -> ExitCode {
    let args = Cli::parse().into_report();
    match report(&args) {
        Ok(code) => code,
        // Whoever reads the report has had enough: `corshark … | head -1`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corshark: cannot write the report: {error}");
            ExitCode::from(3)
        }
    }
}
