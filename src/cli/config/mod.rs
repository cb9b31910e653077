//! Habits of a user, kept in a file: defaults of some options.
//!
//! A setting has the name of a long option. Its value goes through that option's own parser and becomes its
//! default, so what stands on the command line wins, and nothing else in the program knows of the file.

mod file;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};

use crate::cli::config::file::{ConfigFile, Entry, usual_path};
use crate::wire_text::printable;

/// What stands below the options of `corshark` alone.
pub(super) const CONFIG_HELP: &str = "\
Configuration:
  $XDG_CONFIG_HOME/corshark/config.toml (~/.config/corshark/config.toml where that variable is not
  set) holds defaults of options, under their names: theme = \"light\". There are color, theme, ascii,
  no-mouse, browser, assume-credentials, and for capturing interface, snapshot-length, buffer-size,
  promisc. What stands on the command line wins; --ascii=false takes a flag back. Under sudo the
  caller's file is read, if it belongs to the caller or to root.";

const HEADING: &str = "Configuration";

/// Options that may be habits: how things look, how traffic is judged, how it is captured. What is read and
/// written is no habit.
const SETTINGS: [&str; 10] = [
    "color",
    "theme",
    "ascii",
    "no-mouse",
    "browser",
    "assume-credentials",
    "interface",
    "snapshot-length",
    "buffer-size",
    "promisc",
];

/// Which file of settings counts.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Read the settings from this file, in place of the usual one
    #[arg(long, global = true, value_name = "FILE", help_heading = HEADING)]
    config: Option<PathBuf>,
    /// Read no file of settings
    #[arg(long, global = true, conflicts_with = "config", help_heading = HEADING)]
    no_config: bool,
    /// Print the settings in force, with where each comes from
    #[arg(long, help_heading = HEADING)]
    pub(super) print_config: bool,
}

/// The settings of a user.
#[derive(Debug)]
pub(super) struct Config {
    file: ConfigFile,
}

impl Config {
    /// Reads the file that the command line means; the error is for the user.
    pub(super) fn of(args: &ConfigArgs, command: &Command) -> Result<Self, String> {
        let file = match (&args.config, usual_path()) {
            _ if args.no_config => ConfigFile::default(),
            (Some(path), _) => ConfigFile::read(path.clone(), false)?,
            (None, Some(path)) => ConfigFile::read(path, true)?,
            (None, None) => ConfigFile::default(),
        };
        for entry in &file.entries {
            check(entry, command)
                .map_err(|error| format!("{}: {}: {error}", file.name(), entry.place))?;
        }
        Ok(Self { file })
    }

    /// Whether it changes nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.file.entries.is_empty()
    }

    /// The command line with these settings as its defaults.
    pub(super) fn apply(&self, command: Command) -> Command {
        let mut command = command;
        for entry in &self.file.entries {
            if let Some(id) = option(&command, &entry.name).map(Arg::get_id).cloned() {
                command = command.mut_arg(id, |arg| arg.default_values(entry.values.clone()));
            }
        }
        command.mut_subcommands(|command| self.apply(command))
    }

    /// The settings in force, with where each comes from, as a file of settings.
    pub(super) fn print(&self, command: &Command, matches: &ArgMatches) -> String {
        let mut text = format!("# {}\n", printable(&self.file.name()));
        for name in SETTINGS {
            let Some(arg) = find(command, name) else {
                continue;
            };
            let given = matches.try_get_raw(arg.get_id().as_str()).ok().flatten();
            let is_given = given.is_some()
                && matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
            let entry = self.file.entries.iter().find(|entry| entry.name == name);
            let (values, source): (Vec<String>, String) = match (given, entry) {
                (Some(given), _) if is_given => {
                    let given = given.map(|value| value.to_string_lossy().into_owned());
                    (given.collect(), "the command line".to_owned())
                }
                (_, Some(entry)) => (entry.values.clone(), entry.place.to_string()),
                (_, None) => {
                    let values = arg.get_default_values().iter();
                    let values = values.map(|value| value.to_string_lossy().into_owned());
                    (values.collect(), "built in".to_owned())
                }
            };
            // A string takes any writing.
            let _ = if values.is_empty() {
                writeln!(text, "# {name} is not set")
            } else {
                let setting = format!("{name} = {}", toml_of(&values, arg));
                writeln!(text, "{setting:36} # {source}")
            };
        }
        text
    }
}

/// Whether any setting counts for a command, `None` for `corshark` alone.
pub(super) fn counts_for(command: &Command, name: Option<&str>) -> bool {
    let command = name.map_or(Some(command), |name| command.find_subcommand(name));
    let mut settings = SETTINGS.iter();
    settings.any(|setting| command.is_some_and(|command| option(command, setting).is_some()))
}

/// Lets a flag that is a setting be taken back: `--ascii=false`.
pub(super) fn with_revocable_flags(command: Command) -> Command {
    let mut command = command;
    for name in SETTINGS {
        let flag = option(&command, name);
        let flag = flag.filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue));
        if let Some(id) = flag.map(Arg::get_id).cloned() {
            command = command.mut_arg(id, |arg| {
                arg.action(ArgAction::Set)
                    .num_args(0..=1)
                    .require_equals(true)
                    .default_value("false")
                    .default_missing_value("true")
                    .value_name("BOOL")
                    .hide_possible_values(true)
                    .hide_default_value(true)
            });
        }
    }
    command.mut_subcommands(with_revocable_flags)
}

/// The option of this command with this long name.
fn option<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let mut options = command.get_arguments();
    options.find(|arg| arg.get_long() == Some(name))
}

/// The option of this command or of one below it.
fn find<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let below = || command.get_subcommands().find_map(|sub| find(sub, name));
    option(command, name).or_else(below)
}

/// What is wrong with a setting.
fn check(entry: &Entry, command: &Command) -> Result<(), String> {
    let arg = SETTINGS.iter().find(|name| **name == entry.name);
    let Some(arg) = arg.and_then(|name| find(command, name)) else {
        let known = SETTINGS.iter().filter(|name| find(command, name).is_some());
        let known: Vec<&str> = known.copied().collect();
        let (name, known) = (printable(&entry.name), known.join(", "));
        return Err(format!("no setting {name}; there are {known}"));
    };
    let takes_several = matches!(arg.get_action(), ArgAction::Append);
    if entry.values.len() != 1 && !takes_several {
        return Err(format!("{}: one value, not a list", entry.name));
    }
    let words = entry
        .values
        .iter()
        .map(|value| format!("--{}={value}", entry.name));
    // That option alone: others may be required.
    let alone = Arg::new("value")
        .long(entry.name.clone())
        .value_parser(arg.get_value_parser().clone())
        .action(ArgAction::Append);
    let parsed = Command::new("config")
        .no_binary_name(true)
        .arg(alone)
        .try_get_matches_from(words);
    parsed.map(drop).map_err(|error| {
        let text = error.to_string();
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("For more"));
        let lines: Vec<&str> = lines.collect();
        let line = lines.join(" ");
        printable(line.trim_start_matches("error: ")).into_owned()
    })
}

/// Values as TOML writes them.
fn toml_of(values: &[String], arg: &Arg) -> String {
    let one = |value: &String| {
        let is_bare = value == "true" || value == "false" || value.parse::<u64>().is_ok();
        if is_bare {
            value.clone()
        } else {
            let value = printable(value).replace('\\', "\\\\");
            format!("\"{}\"", value.replace('"', "\\\""))
        }
    };
    match values {
        [value] if !matches!(arg.get_action(), ArgAction::Append) => one(value),
        values => {
            let values: Vec<String> = values.iter().map(one).collect();
            format!("[{}]", values.join(", "))
        }
    }
}
