//! `corshark report`: its options.

use std::path::PathBuf;

use clap::{Args, ColorChoice, ValueEnum};

use crate::cli::colour::wants_colour;
use crate::cli::filter::parsed_filter;
use crate::cors::browser::{Assumptions, Browser};
use crate::filter::Filter;
use crate::report;

/// What to report on, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Captures to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    format: FormatArg,
    /// Only transactions that match, such as 'verdict:fail host:api !method:GET /x-[a-z]+/'
    #[arg(short = 'Y', long, value_name = "FILTER", conflicts_with = "all")]
    filter: Option<String>,
    /// Print every HTTP exchange too, not only those with an Origin header
    #[arg(long)]
    pub all: bool,
    /// Print every check of the algorithm with what it looked at (the JSON document has them)
    #[arg(long)]
    trace: bool,
    /// Judge as this browser would, whatever the User-Agent says
    #[arg(long, value_enum)]
    browser: Option<BrowserArg>,
    /// Whether pages included credentials, where the traffic does not show it
    #[arg(long, value_enum, default_value_t = CredentialsArg::Auto, value_name = "MODE")]
    assume_credentials: CredentialsArg,
    /// Print advice, policies and preflight costs in NDJSON too (the other formats have them)
    #[arg(long)]
    pub advice: bool,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
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

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// One JSON object a line, as transactions settle
    Ndjson,
}

impl ReportArgs {
    /// The form of the report, colours decided.
    #[must_use]
    pub fn format(&self) -> report::Format {
        match self.format {
            FormatArg::Json => report::Format::Json,
            FormatArg::Ndjson => report::Format::NdJson,
            FormatArg::Text => report::Format::Text {
                colour: wants_colour(self.color),
                trace: self.trace,
            },
        }
    }

    /// Which transactions to report; the error is for the user.
    pub fn filter(&self) -> Result<Filter, String> {
        parsed_filter(self.filter.as_deref())
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
