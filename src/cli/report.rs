//! `corshark report`: its options.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::filter::parsed_filter;
use crate::cli::judge::JudgeArgs;
use crate::cli::output::OutputArgs;
use crate::cors::browser::Assumptions;
use crate::filter::Filter;

/// What to report on, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Captures to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Only transactions that match, such as 'verdict:fail host:api !method:GET /x-[a-z]+/'
    #[arg(short = 'Y', long, value_name = "FILTER", conflicts_with = "all")]
    filter: Option<String>,
    /// Print every HTTP exchange too, not only those with an Origin header
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    judge: JudgeArgs,
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

/// How the files are read.
#[derive(Debug, Args)]
struct ReadingArgs {
    /// Read the files as one rotated capture, in the order of their time
    #[arg(long)]
    join: bool,
    /// Go on reading while the file grows, until Ctrl-C
    #[cfg(all(feature = "live", unix))]
    #[arg(short = 'f', long, conflicts_with = "join")]
    follow: bool,
}

impl ReportArgs {
    /// Which transactions to report; the error is for the user.
    pub fn filter(&self) -> Result<Filter, String> {
        parsed_filter(self.filter.as_deref())
    }

    /// Whether the files are one capture.
    #[must_use]
    pub fn joins(&self) -> bool {
        self.reading.join
    }

    /// The file that is to be followed, where one is; the error is for the user.
    #[cfg(all(feature = "live", unix))]
    pub fn followed(&self) -> Result<Option<&Path>, String> {
        match (self.reading.follow, self.files.as_slice()) {
            (false, _) => Ok(None),
            (true, [file]) => Ok(Some(file)),
            (true, _) => Err("--follow reads one file".to_owned()),
        }
    }

    /// The file that is to be followed: here none can be.
    #[cfg(not(all(feature = "live", unix)))]
    pub fn followed(&self) -> Result<Option<&Path>, String> {
        Ok(None)
    }

    /// Whether the screens can show what is asked for, or only a report can.
    #[cfg(feature = "tui")]
    #[must_use]
    pub fn suits_screens(&self) -> bool {
        let [_] = self.files.as_slice() else {
            return false;
        };
        let is_followed = !matches!(self.followed(), Ok(None));
        !is_followed && !self.joins() && !self.output.is_asked_for() && !self.all && !self.advice
    }

    /// Whether to read large files with a second thread. More than two have nothing to do.
    #[must_use]
    pub fn wants_two_threads(&self) -> bool {
        let threads = self
            .threads
            .or_else(|| std::thread::available_parallelism().ok());
        threads.is_some_and(|threads| threads.get() > 1)
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        self.judge.assumptions()
    }
}
