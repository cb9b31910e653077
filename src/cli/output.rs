//! Where reports go and in which formats: options of every command that writes some.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ColorChoice};

use crate::cli::colour::wants_colour;
use crate::report::{Format, Look};
use crate::wire_text::printable;

/// Where reports go and in which formats.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The form of the report [default: text, or by the name of OUT]
    #[arg(long, value_parser = formats(), value_name = "FORMAT")]
    format: Option<Format>,
    /// Write to this file, in the format that its name ends in; several at once; `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: Vec<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Leave cookies, authorization and tokens as they are (what is written to standard output as text,
    /// json or ndjson has no values of such headers, and complete URLs)
    #[arg(long)]
    with_secrets: bool,
    /// Print every check of the algorithm with what it looked at (the JSON document has them)
    #[arg(long)]
    trace: bool,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

/// One report to write.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its format.
    pub format: Format,
    /// Its looks.
    pub look: Look,
    /// Its file; `None` is standard output.
    pub file: Option<PathBuf>,
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
        self.format.is_some() || !self.output.is_empty() || self.trace
    }

    /// Whether colours are wanted.
    #[cfg(feature = "tui")]
    #[must_use]
    pub fn colour(&self) -> bool {
        wants_colour(self.color)
    }

    /// What to write; the error is a message for the user.
    pub fn wanted(&self) -> Result<Vec<Wanted>, String> {
        if self.output.is_empty() {
            let format = self.format.unwrap_or(Format::Text);
            return Ok(vec![self.one(format, None)]);
        }
        if self.format.is_some() && self.output.len() > 1 {
            return Err(
                "--format goes with one -o; of several, each name tells its format".to_owned(),
            );
        }
        let mut wanted: Vec<Wanted> = Vec::new();
        for output in &self.output {
            let stdout = output == Path::new("-");
            let file = (!stdout).then(|| output.clone());
            let name = printable(&output.to_string_lossy()).into_owned();
            if wanted.iter().any(|wanted| wanted.file == file) {
                return Err(format!("-o {name} is given twice"));
            }
            let told = if stdout {
                Some(Format::Text)
            } else {
                Format::of_path(output)
            };
            let Some(format) = self.format.or(told) else {
                let endings = Format::ALL.map(|format| {
                    let extension = format.extensions().first().copied().unwrap_or_default();
                    format!(".{extension}")
                });
                return Err(format!(
                    "-o {name}: the name does not tell the format; end it in one of {}, or add --format",
                    endings.join(" ")
                ));
            };
            wanted.push(self.one(format, file));
        }
        Ok(wanted)
    }

    fn one(&self, format: Format, file: Option<PathBuf>) -> Wanted {
        let stdout = file.is_none();
        // Nothing but URLs could be a secret in these, and on this machine URLs stay comparable.
        let plain = matches!(format, Format::Text | Format::Json | Format::NdJson);
        let look = Look {
            colour: stdout && wants_colour(self.color),
            trace: self.trace,
            with_secrets: self.with_secrets || (stdout && plain),
        };
        Wanted { format, look, file }
    }
}
