//! Parses the arguments, runs, and turns the outcome into an exit code.

use std::io::ErrorKind;
use std::process::ExitCode;

use corshark::cli::{Cli, Task};
use corshark::command::check::check_command;
use corshark::command::diff::diff_command;
#[cfg(all(feature = "live", unix))]
use corshark::command::doctor::doctor;
use corshark::command::explain::explain_command;
use corshark::command::export::export_command;
use corshark::command::generate::{completions_command, man_command};
#[cfg(all(feature = "live", unix))]
use corshark::command::interfaces::interfaces_command;
#[cfg(all(feature = "live", unix))]
use corshark::command::live::live;
use corshark::command::report::report;
#[cfg(all(feature = "live", target_os = "linux"))]
use corshark::command::run::run_command;
#[cfg(all(feature = "live", feature = "tui", unix))]
use corshark::command::start::start;
#[cfg(feature = "tui")]
use corshark::command::view::view;

/// What one thread makes and the other one drops costs no lock here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::from_arguments() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let done = match cli.into_task() {
        Task::Report(args) => report(&args),
        #[cfg(feature = "tui")]
        Task::Open(args, look) => view(&args, &look),
        #[cfg(all(feature = "live", feature = "tui", unix))]
        Task::Start(options) => start(options),
        Task::Check(args) => check_command(&args),
        Task::Diff(args) => diff_command(&args),
        Task::Export(args) => export_command(&args),
        Task::Completions(args) => completions_command(&args),
        Task::Man(args) => man_command(&args),
        Task::Explain(args) => explain_command(&args),
        #[cfg(all(feature = "live", unix))]
        Task::Live(args) => live(&args),
        #[cfg(all(feature = "live", target_os = "linux"))]
        Task::Run(args) => run_command(&args),
        #[cfg(all(feature = "live", unix))]
        Task::Doctor => doctor(),
        #[cfg(all(feature = "live", unix))]
        Task::Interfaces => interfaces_command(),
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
