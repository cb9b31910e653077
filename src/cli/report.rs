//! `corshark report`: its options.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::filter::parsed_filter;
use crate::cli::output::OutputArgs;
use crate::cors::browser::{Assumptions, Browser};
use crate::filter::Filter;

/// What to report on, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Captures to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Only transactions that match, such as 'verdict:fail host:api !method:GET /x-[a-z]+/'
    #[arg(short = 'Y', long, value_name = "FILTER", conflicts_with = "all")]
    filter: Option<String>,
    /// Print every HTTP exchange too, not only those with an Origin header
    #[arg(long)]
    pub all: bool,
    /// Judge as this browser would, whatever the User-Agent says
    #[arg(long, value_enum)]
    browser: Option<BrowserArg>,
    /// Whether pages included credentials, where the traffic does not show it
    #[arg(long, value_enum, default_value_t = CredentialsArg::Auto, value_name = "MODE")]
    assume_credentials: CredentialsArg,
    /// Print advice, policies and preflight costs in NDJSON too (the other formats have them)
    #[arg(long)]
    pub advice: bool,
    /// Where it goes, and in which format.
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BrowserArg {
    /// Chrome, Edge, Opera
    Chromium,
    /// Firefox
    Firefox,
    /// Safari
    Safari,
    /// The Fetch standard to the letter, where no browser follows it yet
    Spec,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CredentialsArg {
    /// Give the verdict without credentials, and say what would fail with them
    Auto,
    /// They did
    Include,
    /// They did not
    Omit,
}

impl ReportArgs {
    /// Which transactions to report; the error is for the user.
    pub fn filter(&self) -> Result<Filter, String> {
        parsed_filter(self.filter.as_deref())
    }

    /// Whether the screens can show what is asked for, or only a report can.
    #[cfg(feature = "tui")]
    #[must_use]
    pub fn suits_screens(&self) -> bool {
        let [_] = self.files.as_slice() else {
            return false;
        };
        !self.output.is_asked_for() && !self.all && !self.advice
    }

    /// What to assume where the traffic does not tell.
    #[must_use]
    pub fn assumptions(&self) -> Assumptions {
        // The newest versions there are: what is overridden is not an old browser.
        let browser = self.browser.map(|browser| match browser {
            BrowserArg::Chromium => Browser::Chromium(u32::MAX),
            BrowserArg::Firefox => Browser::Firefox(u32::MAX),
            BrowserArg::Safari => Browser::Safari,
            BrowserArg::Spec => Browser::Standard,
        });
        let include_credentials = match self.assume_credentials {
            CredentialsArg::Auto => None,
            CredentialsArg::Include => Some(true),
            CredentialsArg::Omit => Some(false),
        };
        Assumptions {
            browser,
            include_credentials,
        }
    }
}
