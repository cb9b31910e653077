//! `corshark diff`: its options.

use std::path::PathBuf;

use clap::Args;

use crate::capture::Input;
use crate::cli::judge::JudgeArgs;
use crate::cors::browser::Assumptions;

/// What stands below the options.
pub(super) const DIFF_HELP: &str = "\
With --join each side is several files: diff --join before_*.pcap -- after_*.pcap

Compares by method, page's origin and endpoint: verdicts and codes, what the answers allow, and
preflights for each request. Times are shown, but are no difference.

Exit codes:
  0  no difference
  1  differences
  2  the command line is wrong, or a capture cannot be read";

/// What to compare.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The captures before and after
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The capture after, where the one before stands alone
    #[arg(last = true, value_name = "AFTER")]
    after: Vec<PathBuf>,
    /// Read the files of each side as one rotated capture, those before and those after --
    #[arg(long)]
    join: bool,
    /// Compare by path alone: the servers have different names (staging and production)
    #[arg(long)]
    pub any_host: bool,
    #[command(flatten)]
    judge: JudgeArgs,
}

impl DiffArgs {
    /// The capture before and the one after; the error is for the user.
    pub fn inputs(&self) -> Result<[Input; 2], String> {
        let file = |file: &PathBuf| Input::File(file.clone());
        match (self.join, self.files.as_slice(), self.after.as_slice()) {
            (true, [_, ..], [_, ..]) => {
                Ok([&self.files, &self.after].map(|side| Input::Joined(side.clone())))
            }
            (true, ..) => Err("--join wants -- between the files before and after".to_owned()),
            (false, [before, after], []) | (false, [before], [after]) => {
                Ok([file(before), file(after)])
            }
            (false, ..) => {
                Err("diff compares two captures; --join makes one of several files".to_owned())
            }
        }
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        self.judge.assumptions()
    }
}
