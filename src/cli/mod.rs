//! The command line, and its conversion into plain options: a file a command.

#[cfg(all(feature = "live", unix))]
mod interfaces;
#[cfg(all(feature = "live", unix))]
mod live;
#[cfg(all(feature = "live", target_os = "linux"))]
mod run;
#[cfg(all(feature = "live", unix))]
mod stream;

mod check;
mod colour;
mod config;
mod diff;
mod explain;
mod export;
mod files;
mod filter;
mod generate;
mod input;
mod judge;
mod output;
mod report;
#[cfg(feature = "tui")]
mod view;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use check::CheckArgs;
use config::{CONFIG_HELP, Config, ConfigArgs, with_revocable_flags};
pub use diff::DiffArgs;
pub use explain::ExplainArgs;
pub use export::ExportArgs;
pub use files::{FilesArgs, Wanted};
pub use generate::{CompletionsArgs, ManArgs};
pub use input::InputArgs;
#[cfg(all(feature = "live", unix))]
use interfaces::INTERFACES_HELP;
#[cfg(all(feature = "live", unix))]
pub use live::LiveArgs;
pub use output::OutputArgs;
pub use report::ReportArgs;
#[cfg(all(feature = "live", target_os = "linux"))]
pub use run::RunArgs;
#[cfg(all(feature = "live", unix))]
pub use stream::StreamArgs;
#[cfg(feature = "tui")]
pub use view::ViewArgs;

#[cfg(all(feature = "live", feature = "tui", unix))]
use crate::capture::live::LiveOptions;
use crate::wire_text::printable;

/// Says, for every cross-origin request in a packet capture, what the browser decided and why.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    override_usage = "corshark [OPTIONS] <FILE>...\n       corshark <COMMAND>",
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_help = EXIT_CODES,
    after_long_help = format!("{EXIT_CODES}\n\n{CONFIG_HELP}")
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// List the network interfaces, as corshark interfaces does
    #[cfg(all(feature = "live", unix))]
    #[arg(short = 'D', long = "list-interfaces", exclusive = true)]
    list_interfaces: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[cfg(feature = "tui")]
    #[command(flatten)]
    view: ViewArgs,
    /// How traffic is captured where only the user's settings say so.
    #[cfg(all(feature = "live", feature = "tui", unix))]
    #[arg(skip)]
    habits: LiveOptions,
}

/// Exit code for a wrong command line, as clap has it.
const USAGE_ERROR: u8 = 2;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  the command line is wrong, or explain recognised nothing
  3  an input is missing, damaged or no capture (all that could be read is reported), or an
     output cannot be written

Examples:
  corshark                    (asks where to capture, and shows it)
  corshark capture.pcap
  corshark report --format ndjson *.pcapng
  corshark --join ring_*.pcapng
  corshark --follow growing.pcapng
  tcpdump -i lo -w - 'tcp port 8081' | corshark -
  corshark explain AllowOriginMismatch";

#[derive(Debug, Subcommand)]
enum Command {
    /// Report on saved captures (pcap, pcapng)
    #[command(after_help = filter::filter_help())]
    Report(ReportArgs),
    /// Find problems in saved captures, for CI: prints them, and says by its exit code
    #[command(after_help = check::CHECK_HELP)]
    Check(CheckArgs),
    /// What changed between two captures: verdicts, policies, preflights
    #[command(after_help = diff::DIFF_HELP)]
    Diff(DiffArgs),
    /// Write the packets of transactions to a pcapng file, with the verdicts as comments
    #[command(after_help = export::EXPORT_HELP)]
    Export(ExportArgs),
    /// Explain an error code or a line pasted from a browser's console
    Explain(ExplainArgs),
    /// Report on live traffic, as it happens (needs libpcap and the right to capture)
    #[cfg(all(feature = "live", unix))]
    #[command(after_help = live::LIVE_HELP)]
    Live(LiveArgs),
    /// Watch what a command does on loopback, in a network of its own (needs libpcap, but no rights)
    #[cfg(all(feature = "live", target_os = "linux"))]
    #[command(after_help = run::RUN_HELP)]
    Run(RunArgs),
    /// Say what stands in the way of capturing, and try it (needs no rights)
    #[cfg(all(feature = "live", unix))]
    Doctor,
    /// List the network interfaces (needs libpcap, but no rights)
    #[cfg(all(feature = "live", unix))]
    #[command(after_help = INTERFACES_HELP)]
    Interfaces,
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    Man(ManArgs),
}

/// How the interface that is chosen on the terminal is captured on, and shown.
#[cfg(all(feature = "live", feature = "tui", unix))]
#[derive(Debug)]
pub struct StartArgs {
    /// How the screens look.
    pub look: crate::tui::Options,
    /// What to assume where the traffic does not tell.
    pub assumptions: crate::cors::browser::Assumptions,
    /// How to capture; the interface is to be chosen.
    pub capture: LiveOptions,
}

/// What a command line asks for.
#[derive(Debug)]
pub enum Task {
    /// `corshark report`.
    Report(ReportArgs),
    /// Files alone.
    #[cfg(feature = "tui")]
    Open(ReportArgs, ViewArgs),
    /// Nothing: where to capture is asked.
    #[cfg(all(feature = "live", feature = "tui", unix))]
    Start(StartArgs),
    /// `corshark check`.
    Check(CheckArgs),
    /// `corshark diff`.
    Diff(DiffArgs),
    /// `corshark export`.
    Export(ExportArgs),
    /// `corshark completions`.
    Completions(CompletionsArgs),
    /// `corshark man`.
    Man(ManArgs),
    /// `corshark explain`.
    Explain(ExplainArgs),
    /// `corshark live`.
    #[cfg(all(feature = "live", unix))]
    Live(LiveArgs),
    /// `corshark run`.
    #[cfg(all(feature = "live", target_os = "linux"))]
    Run(RunArgs),
    /// `corshark doctor`.
    #[cfg(all(feature = "live", unix))]
    Doctor,
    /// `corshark interfaces`, or `-D`.
    #[cfg(all(feature = "live", unix))]
    Interfaces,
}

impl Cli {
    /// Parses the program's arguments, with the user's settings as their defaults.
    ///
    /// Help, the version, the settings or what is wrong is printed; the program then ends with the exit code
    /// that is returned in place of a command line.
    pub fn from_arguments() -> Result<Self, ExitCode> {
        let mut command = with_revocable_flags(Self::command());
        let asks = is_interactive();
        command = command.arg_required_else_help(!asks);
        command = command.mut_arg("files", |files| {
            let files = files.required(false);
            // Alone it asks where to capture.
            if asks {
                files
            } else {
                files.required_unless_present("print_config")
            }
        });
        let (plain, matches) = parsed(command.clone())?;
        if !config::counts_for(&command, matches.subcommand_name()) {
            return Ok(plain);
        }
        let config = Config::of(&plain.config, &command).map_err(|message| {
            eprintln!("corshark: {}", printable(&message));
            ExitCode::from(USAGE_ERROR)
        })?;
        if plain.config.print_config {
            let text = config.print(&command, &matches);
            // There is nowhere left to report a failure of printing to.
            let _ = io::stdout().write_all(text.as_bytes());
            return Err(ExitCode::SUCCESS);
        }
        if config.is_empty() {
            return Ok(plain);
        }
        let command = config.apply(command);
        #[cfg(all(feature = "live", feature = "tui", unix))]
        let habits = LiveArgs::habits(&command);
        #[cfg_attr(
            not(all(feature = "live", feature = "tui", unix)),
            expect(unused_mut, reason = "nothing is captured")
        )]
        let (mut cli, _) = parsed(command)?;
        #[cfg(all(feature = "live", feature = "tui", unix))]
        {
            cli.habits = habits;
        }
        Ok(cli)
    }

    /// What is asked for.
    #[must_use]
    pub fn into_task(self) -> Task {
        match self.command {
            Some(Command::Report(report)) => Task::Report(report),
            Some(Command::Check(check)) => Task::Check(check),
            Some(Command::Diff(diff)) => Task::Diff(diff),
            Some(Command::Export(export)) => Task::Export(export),
            Some(Command::Completions(completions)) => Task::Completions(completions),
            Some(Command::Man(man)) => Task::Man(man),
            Some(Command::Explain(explain)) => Task::Explain(explain),
            #[cfg(all(feature = "live", unix))]
            Some(Command::Live(live)) => Task::Live(live),
            #[cfg(all(feature = "live", target_os = "linux"))]
            Some(Command::Run(run)) => Task::Run(run),
            #[cfg(all(feature = "live", unix))]
            Some(Command::Doctor) => Task::Doctor,
            #[cfg(all(feature = "live", unix))]
            None if self.list_interfaces => Task::Interfaces,
            #[cfg(all(feature = "live", unix))]
            Some(Command::Interfaces) => Task::Interfaces,
            #[cfg(all(feature = "live", feature = "tui", unix))]
            None if self.report.input.files.is_empty() => Task::Start(StartArgs {
                look: self.view.options(self.report.output.colour()),
                assumptions: self.report.input.assumptions(),
                capture: self.habits,
            }),
            #[cfg(feature = "tui")]
            None => Task::Open(self.report, self.view),
            #[cfg(not(feature = "tui"))]
            None => Task::Report(self.report),
        }
    }
}

fn parsed(mut command: clap::Command) -> Result<(Cli, ArgMatches), ExitCode> {
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = matches.and_then(|matches| {
        if let Some((name, option)) = misplaced(&command, &matches) {
            let message = format!("{option} goes behind {name}, if it takes it");
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
        Ok((Cli::from_arg_matches(&matches)?, matches))
    });
    parsed.map_err(|error| {
        // There is nowhere left to report a failure of printing to.
        let _ = error.print();
        if error.kind() == ErrorKind::DisplayVersion {
            // Not part of clap's version: that is made, and libpcap loaded, for every command.
            let commit = option_env!("CORSHARK_COMMIT").unwrap_or("no commit known");
            let _ = writeln!(io::stdout(), "{commit}\n{}", libpcap_version());
        }
        u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
    })
}

/// A command before which stands what is not for every command, and that.
fn misplaced(command: &clap::Command, matches: &ArgMatches) -> Option<(String, String)> {
    let name = matches.subcommand_name()?;
    let mut given = command.get_arguments().filter(|arg| {
        let source = matches.value_source(arg.get_id().as_str());
        source == Some(ValueSource::CommandLine) && !arg.is_global_set()
    });
    given.next().map(|arg| (name.to_owned(), arg.to_string()))
}

/// Whether there is somebody to ask, and screens to ask with.
#[cfg(all(feature = "live", feature = "tui", unix))]
fn is_interactive() -> bool {
    use std::io::IsTerminal as _;

    io::stdin().is_terminal() && crate::tui::terminal::is_usable()
}

#[cfg(not(all(feature = "live", feature = "tui", unix)))]
fn is_interactive() -> bool {
    false
}

#[cfg(all(feature = "live", unix))]
fn libpcap_version() -> String {
    match crate::capture::libpcap::version() {
        Ok(version) => format!("libpcap {version}"),
        Err(_) => "no libpcap".to_owned(),
    }
}

#[cfg(not(all(feature = "live", unix)))]
fn libpcap_version() -> String {
    "no libpcap".to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
