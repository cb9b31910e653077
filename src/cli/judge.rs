//! What to assume where the traffic does not tell: options of every command that judges.

use clap::{Args, ValueEnum};

use crate::cors::browser::{Assumptions, Browser};

#[derive(Debug, Args)]
pub(super) struct JudgeArgs {
    /// Judge as this browser would, whatever the User-Agent says
    #[arg(long, value_enum)]
    browser: Option<BrowserArg>,
    /// Whether pages included credentials, where the traffic does not show it
    #[arg(long, value_enum, default_value_t = CredentialsArg::Auto, value_name = "MODE")]
    assume_credentials: CredentialsArg,
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

impl JudgeArgs {
    pub(super) fn assumptions(&self) -> Assumptions {
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
