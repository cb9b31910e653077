//! How a capture that goes on is reported, meanwhile and at its end: options of every command that captures.

use clap::{Args, ColorChoice, ValueEnum};

use crate::cli::colour::wants_colour;
use crate::cli::files::{FilesArgs, Wanted};
use crate::cli::filter::parsed_filter;
use crate::cli::judge::JudgeArgs;
use crate::cors::browser::Assumptions;
use crate::filter::Filter;
use crate::report::{Format, Look, Scope};

/// How a capture that goes on is reported.
#[derive(Debug, Args)]
pub struct StreamArgs {
    /// Print lines in this form, as transactions settle
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
    /// Only transactions that match (see corshark report --help)
    #[arg(short = 'Y', long, value_name = "FILTER", conflicts_with = "all")]
    filter: Option<String>,
    /// Print every HTTP exchange too, not only those with an Origin header
    #[arg(long)]
    all: bool,
    /// Print every check of the algorithm with what it looked at
    #[arg(long)]
    trace: bool,
    /// What is written at the end.
    #[command(flatten)]
    pub files: FilesArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// For people
    Text,
    /// One JSON object a line
    Ndjson,
}

impl StreamArgs {
    /// The form of the lines.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.format {
            Some(FormatArg::Ndjson) => Format::NdJson,
            Some(FormatArg::Text) | None => Format::Text,
        }
    }

    /// Whether anything asks for lines, and not for the screens.
    #[cfg(feature = "tui")]
    #[must_use]
    pub fn asks_for_lines(&self) -> bool {
        self.format.is_some() || self.filter.is_some() || self.all || self.trace
    }

    /// Whether colours are wanted.
    #[must_use]
    pub fn colour(&self) -> bool {
        wants_colour(self.color)
    }

    /// What to report, and what to write of it at the end; the error is for the user.
    pub fn asked(&self) -> Result<(Scope, Vec<Wanted>), String> {
        Ok((self.scope()?, self.wanted()?))
    }

    /// What to write at the end.
    fn wanted(&self) -> Result<Vec<Wanted>, String> {
        let look = |_, _| Look {
            colour: false,
            trace: self.trace,
            with_secrets: self.files.with_secrets,
        };
        let wanted = self.files.wanted(None, "", look)?;
        if wanted.iter().any(|wanted| wanted.file.is_none()) {
            return Err("-o -: standard output has the lines of --format".to_owned());
        }
        Ok(wanted)
    }

    /// How lines look.
    #[must_use]
    pub fn look(&self) -> Look {
        Look {
            colour: self.colour(),
            trace: self.trace,
            // On this machine's own terminal: neither form has values of secret headers.
            with_secrets: true,
        }
    }

    /// What to report.
    fn scope(&self) -> Result<Scope, String> {
        let filter: Filter = parsed_filter(self.filter.as_deref())?;
        if filter.needs_lints() {
            return Err(
                "-Y: lint: is known at the end of a capture only; record with -w and use \
                 corshark report"
                    .to_owned(),
            );
        }
        Ok(Scope {
            all: self.all,
            filter,
            ..Scope::default()
        })
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        self.judge.assumptions()
    }
}
