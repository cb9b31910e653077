//! Which captures to read, what of them, and how to judge it.

use std::path::PathBuf;

use clap::Args;

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
    /// Only transactions that match, such as 'verdict:fail host:api !method:GET /x-[a-z]+/'
    #[arg(short = 'Y', long, value_name = "FILTER")]
    filter: Option<String>,
    #[command(flatten)]
    judge: JudgeArgs,
}

impl InputArgs {
    /// Which transactions are meant; the error is for the user.
    pub fn filter(&self) -> Result<Filter, String> {
        parsed_filter(self.filter.as_deref())
    }

    /// Whether to read large files with a second thread.
    #[must_use]
    pub fn wants_two_threads(&self) -> bool {
        std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1)
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        self.judge.assumptions()
    }
}
