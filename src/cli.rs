//! The command line, and its conversion into plain options.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::cors::browser::{Assumptions, Browser};
use crate::report;

/// Says, for every cross-origin request in a packet capture, what the browser decided and why.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_help = EXIT_CODES
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    report: ReportArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  the command line is wrong, or explain recognised nothing
  3  an input is missing, unreadable, damaged or no capture (all that could be read is reported)

Examples:
  corshark capture.pcap
  corshark report --format ndjson *.pcapng
  tcpdump -i lo -w - 'tcp port 8081' | corshark -
  corshark explain AllowOriginMismatch";

#[derive(Debug, Subcommand)]
enum Command {
    /// Report on saved captures (pcap, pcapng)
    Report(ReportArgs),
    /// Explain an error code or a line pasted from a browser's console
    Explain(ExplainArgs),
    /// List the network interfaces (needs libpcap, but no rights)
    #[cfg(all(feature = "live", unix))]
    #[command(after_help = INTERFACES_HELP)]
    Interfaces,
}

#[cfg(all(feature = "live", unix))]
const INTERFACES_HELP: &str = "\
One line each, loopback first: name, state, addresses, description; `-` where there is nothing.

Exit codes:
  0  done
  3  libpcap is missing, or the system does not tell";

/// What a command line asks for.
#[derive(Debug)]
pub enum Task {
    /// `corshark report`, or files alone.
    Report(ReportArgs),
    /// `corshark explain`.
    Explain(ExplainArgs),
    /// `corshark interfaces`.
    #[cfg(all(feature = "live", unix))]
    Interfaces,
}

/// What to explain.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code (`AllowOriginMismatch`) or a pasted line; `-` reads it from standard input
    #[arg(required_unless_present = "list", value_name = "CODE|MESSAGE")]
    text: Vec<String>,
    /// List all codes with their meanings
    #[arg(long)]
    pub list: bool,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

/// What to report on, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Captures to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    format: FormatArg,
    /// Print every HTTP exchange too, not only those with an Origin header
    #[arg(long)]
    pub all: bool,
    /// Print every check of the algorithm with what it looked at (the JSON document has them)
    #[arg(long)]
    trace: bool,
    /// Judge as this browser would, whatever the User-Agent says
    #[arg(long, value_enum)]
    browser: Option<BrowserArg>,
    /// Whether pages included credentials, where the traffic does not show it
    #[arg(long, value_enum, default_value_t = CredentialsArg::Auto, value_name = "MODE")]
    assume_credentials: CredentialsArg,
    /// Print advice, policies and preflight costs in NDJSON too (the other formats have them)
    #[arg(long)]
    pub advice: bool,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BrowserArg {
    /// Chrome, Edge, Opera
    Chromium,
    /// Firefox
    Firefox,
    /// Safari
    Safari,
    /// The Fetch standard to the letter, where no browser follows it yet
    Spec,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CredentialsArg {
    /// Give the verdict without credentials, and say what would fail with them
    Auto,
    /// They did
    Include,
    /// They did not
    Omit,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// One JSON object a line, as transactions settle
    Ndjson,
}

impl Cli {
    /// Parses the program's arguments.
    ///
    /// Help, the version or what is wrong with the arguments is printed; the program then ends with
    /// the exit code that is returned in place of a command line.
    pub fn from_arguments() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            // There is nowhere left to report a failure of printing to.
            let _ = error.print();
            if error.kind() == ErrorKind::DisplayVersion {
                // Not part of clap's version: that is made, and libpcap loaded, for every command.
                let _ = writeln!(io::stdout(), "{}", libpcap_version());
            }
            u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
        })
    }

    /// What is asked for.
    #[must_use]
    pub fn into_task(self) -> Task {
        match self.command {
            Some(Command::Report(report)) => Task::Report(report),
            Some(Command::Explain(explain)) => Task::Explain(explain),
            #[cfg(all(feature = "live", unix))]
            Some(Command::Interfaces) => Task::Interfaces,
            None => Task::Report(self.report),
        }
    }
}

impl ExplainArgs {
    /// The text to explain; `None` where it is on standard input. Words of an unquoted line are
    /// put together again.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let text = self.text.join(" ");
        (text != "-").then_some(text)
    }

    /// Whether to write colours.
    #[must_use]
    pub fn wants_colour(&self) -> bool {
        wants_colour(self.color)
    }
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

impl ReportArgs {
    /// The form of the report, colours decided.
    #[must_use]
    pub fn format(&self) -> report::Format {
        match self.format {
            FormatArg::Json => report::Format::Json,
            FormatArg::Ndjson => report::Format::NdJson,
            FormatArg::Text => report::Format::Text {
                colour: wants_colour(self.color),
                trace: self.trace,
            },
        }
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        // The newest versions there are: what is overridden is not an old browser.
        let browser = self.browser.map(|browser| match browser {
            BrowserArg::Chromium => Browser::Chromium(u32::MAX),
            BrowserArg::Firefox => Browser::Firefox(u32::MAX),
            BrowserArg::Safari => Browser::Safari,
            BrowserArg::Spec => Browser::Standard,
        });
        let include_credentials = match self.assume_credentials {
            CredentialsArg::Auto => None,
            CredentialsArg::Include => Some(true),
            CredentialsArg::Omit => Some(false),
        };
        Assumptions {
            browser,
            include_credentials,
        }
    }
}

fn wants_colour(choice: ColorChoice) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set("NO_COLOR") => false,
        ColorChoice::Auto if is_set("CLICOLOR_FORCE") => true,
        ColorChoice::Auto => std::io::stdout().is_terminal(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
