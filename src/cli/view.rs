//! How the screens look: options of `corshark FILE`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::tui::{Options, Theme};

/// How the screens look.
#[derive(Debug, Args)]
#[command(next_help_heading = "Screens")]
pub struct ViewArgs {
    /// Colours of the screens; mono has none at all
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Theme::ALL.map(Theme::name)))]
    theme: Option<String>,
    /// Draw with ASCII only (the default where the locale is not UTF-8)
    #[arg(long)]
    ascii: bool,
    /// Leave the mouse to the terminal (for selecting text)
    #[arg(long)]
    no_mouse: bool,
}

impl ViewArgs {
    /// How the screens look; `colour` says whether colours are wanted at all.
    #[must_use]
    pub fn options(&self, colour: bool) -> Options {
        let theme = self.theme.as_deref().and_then(Theme::from_name);
        Options {
            theme: match theme {
                Some(theme) => theme,
                None if colour => Theme::Default,
                None => Theme::Mono,
            },
            ascii: self.ascii || !is_utf8_locale(),
            mouse: !self.no_mouse,
            outside: None,
        }
    }
}

/// Whether the terminal shows more than ASCII, by the first of these variables that is set (POSIX,
/// Internationalization Variables); Windows terminals do.
fn is_utf8_locale() -> bool {
    if cfg!(windows) {
        return true;
    }
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    set.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}
