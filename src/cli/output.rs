//! Where reports go and in which formats: options of every command that writes some.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ColorChoice};

use crate::cli::colour::wants_colour;
use crate::cli::files::{FilesArgs, Wanted};
use crate::report::{Format, Look};

/// Where reports go and in which formats.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The form of the report [default: text, or by the name of OUT]
    #[arg(long, value_parser = formats(), value_name = "FORMAT")]
    format: Option<Format>,
    /// In which files.
    #[command(flatten)]
    pub files: FilesArgs,
    /// Print every check of the algorithm with what it looked at (the JSON document has them)
    #[arg(long)]
    trace: bool,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

fn formats() -> impl clap::builder::TypedValueParser<Value = Format> {
    let values = Format::ALL.map(|format| PossibleValue::new(format.name()).help(format.about()));
    PossibleValuesParser::new(values).try_map(|name| {
        let named = |format: &Format| format.name() == name;
        Format::ALL.into_iter().find(named).ok_or("no such format")
    })
}

impl OutputArgs {
    /// Whether anything asks for a report, and not for the screens.
    #[cfg(feature = "tui")]
    pub(super) fn is_asked_for(&self) -> bool {
        self.format.is_some() || !self.files.is_empty() || self.trace
    }

    /// Whether colours are wanted.
    #[cfg(feature = "tui")]
    #[must_use]
    pub fn colour(&self) -> bool {
        wants_colour(self.color)
    }

    /// What to write; the error is a message for the user.
    pub fn wanted(&self) -> Result<Vec<Wanted>, String> {
        let look = |format, is_stdout| self.look(format, is_stdout);
        if self.files.is_empty() {
            let format = self.format.unwrap_or(Format::Text);
            let look = look(format, true);
            return Ok(vec![Wanted {
                format,
                look,
                file: None,
            }]);
        }
        let wanted = self.files.wanted(self.format, ", or add --format", look)?;
        if self.format.is_some() && wanted.len() > 1 {
            return Err(
                "--format goes with one -o; of several, each name tells its format".to_owned(),
            );
        }
        Ok(wanted)
    }

    fn look(&self, format: Format, is_stdout: bool) -> Look {
        // Nothing but URLs could be a secret in these, and on this machine URLs stay comparable.
        let plain = matches!(format, Format::Text | Format::Json | Format::NdJson);
        Look {
            colour: is_stdout && wants_colour(self.color),
            trace: self.trace,
            with_secrets: self.files.with_secrets || (is_stdout && plain),
        }
    }
}
