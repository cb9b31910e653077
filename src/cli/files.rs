//! The files that reports go to: options of every command that writes some.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::report::{Format, Look};
use crate::wire_text::printable;

/// The files that reports go to.
#[derive(Debug, Args)]
pub struct FilesArgs {
    /// Write to this file, in the format that its name ends in; several at once
    #[arg(short, long, value_name = "OUT")]
    output: Vec<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Leave cookies, authorization and tokens as they are (what is written to standard output as text,
    /// json or ndjson has no values of such headers, and complete URLs)
    #[arg(long)]
    pub(super) with_secrets: bool,
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

impl FilesArgs {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.output.is_empty()
    }

    /// The reports, each in `format` or in the one that its name tells; the error is for the user, with what
    /// else they may do where no name tells.
    pub(super) fn wanted(
        &self,
        format: Option<Format>,
        or_else: &str,
        look: impl Fn(Format, bool) -> Look,
    ) -> Result<Vec<Wanted>, String> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for output in &self.output {
            let is_stdout = output == Path::new("-");
            let file = (!is_stdout).then(|| output.clone());
            let name = printable(&output.to_string_lossy()).into_owned();
            if wanted.iter().any(|wanted| wanted.file == file) {
                return Err(format!("-o {name} is given twice"));
            }
            let told = if is_stdout {
                Some(Format::Text)
            } else {
                Format::of_path(output)
            };
            let Some(format) = format.or(told) else {
                let endings = Format::ALL.map(|format| {
                    let extension = format.extensions().first().copied().unwrap_or_default();
                    format!(".{extension}")
                });
                return Err(format!(
                    "-o {name}: the name does not tell the format; end it in one of {}{or_else}",
                    endings.join(" ")
                ));
            };
            let look = look(format, is_stdout);
            wanted.push(Wanted { format, look, file });
        }
        Ok(wanted)
    }
}
