//! Which captures to read, what of them, and how to judge it.

use std::path::PathBuf;

use clap::Args;

use crate::capture::Input;
use crate::cli::filter::parsed_filter;
use crate::cli::judge::JudgeArgs;
use crate::cors::browser::Assumptions;
use crate::filter::Filter;

/// Which captures to read, what of them, and how to judge it.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Captures to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read the files as one rotated capture, in the order of their time
    #[arg(long)]
    join: bool,
    /// Go on reading while the file grows, until Ctrl-C
    #[cfg(all(feature = "live", unix))]
    #[arg(short = 'f', long, conflicts_with = "join")]
    follow: bool,
    /// Only transactions that match, such as 'verdict:fail host:api !method:GET /x-[a-z]+/'
    #[arg(short = 'Y', long, value_name = "FILTER")]
    filter: Option<String>,
    #[command(flatten)]
    judge: JudgeArgs,
}

impl InputArgs {
    /// The captures; the error is for the user.
    pub fn inputs(&self) -> Result<Vec<Input>, String> {
        if self.join {
            return Ok(vec![Input::Joined(self.files.clone())]);
        }
        if !self.follows() {
            return Ok(self.files.iter().cloned().map(Input::File).collect());
        }
        match self.files.as_slice() {
            [file] => Ok(vec![Input::Growing(file.clone())]),
            _ => Err("--follow reads one file".to_owned()),
        }
    }

    /// Whether a file is to be followed while it grows.
    #[cfg(all(feature = "live", unix))]
    #[must_use]
    pub fn follows(&self) -> bool {
        self.follow
    }

    /// Whether a file is to be followed while it grows: here none can be.
    #[cfg(not(all(feature = "live", unix)))]
    #[must_use]
    pub fn follows(&self) -> bool {
        false
    }

    /// Which transactions are meant; the error is for the user.
    pub fn filter(&self) -> Result<Filter, String> {
        parsed_filter(self.filter.as_deref())
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        self.judge.assumptions()
    }
}
