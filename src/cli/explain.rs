//! `corshark explain`: its options.

use clap::{Args, ColorChoice};

use crate::cli::colour::wants_colour;

/// What to explain.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code (`AllowOriginMismatch`) or a pasted line; `-` reads it from standard input
    #[arg(required_unless_present = "list", value_name = "CODE|MESSAGE")]
    text: Vec<String>,
    /// List all codes with their meanings
    #[arg(long)]
    pub list: bool,
    /// When to use colours (the environment's `NO_COLOR` and `CLICOLOR_FORCE` count for auto)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

impl ExplainArgs {
    /// The text to explain; `None` where it is on standard input. Words of an unquoted line are
    /// put together again.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let text = self.text.join(" ");
        (text != "-").then_some(text)
    }

    /// Whether to write colours.
    #[must_use]
    pub fn wants_colour(&self) -> bool {
        wants_colour(self.color)
    }
}
