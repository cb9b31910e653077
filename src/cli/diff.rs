//! `corshark diff`: its options.

use std::path::PathBuf;

use clap::Args;

use crate::cli::judge::JudgeArgs;
use crate::cors::browser::Assumptions;

/// What stands below the options.
pub(super) const DIFF_HELP: &str = "\
Compares by method, page's origin and endpoint: verdicts and codes, what the answers allow, and
preflights for each request. Times are shown, but are no difference.

Exit codes:
  0  no difference
  1  differences
  2  the command line is wrong, or a capture cannot be read";

/// What to compare.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The capture before
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// The capture after
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// Compare by path alone: the servers have different names (staging and production)
    #[arg(long)]
    pub any_host: bool,
    #[command(flatten)]
    judge: JudgeArgs,
}

impl DiffArgs {
    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        self.judge.assumptions()
    }
}
