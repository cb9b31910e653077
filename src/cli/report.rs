//! `corshark report`: its options.

use std::num::NonZeroUsize;

use clap::Args;

use crate::cli::input::InputArgs;
use crate::cli::output::OutputArgs;

/// What to report on, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,
    /// Print every HTTP exchange too, not only those with an Origin header
    #[arg(long, conflicts_with = "filter")]
    pub all: bool,
    /// Print advice, policies and preflight costs in NDJSON too (the other formats have them)
    #[arg(long)]
    pub advice: bool,
    /// Threads that a large file is read with; the report is the same [default: 2, or as many as
    /// there are processors]
    #[arg(long, value_name = "N", hide_short_help = true)]
    threads: Option<NonZeroUsize>,
    /// Where it goes, and in which format.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl ReportArgs {
    /// Whether only a report can show what is asked for, or the screens can too.
    #[cfg(feature = "tui")]
    #[must_use]
    pub fn asks_for_report(&self) -> bool {
        self.output.is_asked_for() || self.all || self.advice
    }

    /// Threads to read large files with, where that is said.
    #[must_use]
    pub fn threads(&self) -> Option<NonZeroUsize> {
        self.threads
    }
}
