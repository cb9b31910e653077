//! What is made of the command line itself: completions for shells, and manual pages.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

/// Which shell to complete for.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Where manual pages go.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write the pages of all commands into this directory, instead of the main one to standard output
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

impl CompletionsArgs {
    /// Writes the completions.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "corshark", &mut script);
        out.write_all(&script)
    }
}

impl ManArgs {
    /// Writes the main page.
    pub fn write(out: &mut dyn Write) -> io::Result<()> {
        Man::new(Cli::command()).render(out)
    }

    /// Writes a page for each command into a directory.
    pub fn write_all(directory: &Path) -> io::Result<()> {
        clap_mangen::generate_to(Cli::command(), directory)
    }
}
