//! `corshark explain`: its options.

use std::ffi::OsStr;
use std::path::Path;

use clap::{Args, ColorChoice};

use crate::cli::colour::wants_colour;

/// What to explain.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code (`AllowOriginMismatch`, `L-4`) or a pasted line, `-` reads it from standard input; then
    /// captures to look for it in
    #[arg(required_unless_present = "list", value_name = "CODE|MESSAGE|FILE")]
    words: Vec<String>,
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
        let text = self.split().0.join(" ");
        (text != "-").then_some(text)
    }

    /// The captures to look into.
    #[must_use]
    pub fn captures(&self) -> &[String] {
        self.split().1
    }

    /// Text and captures: those are at the end, and there, or named like one.
    fn split(&self) -> (&[String], &[String]) {
        let is_capture = |word: &String| {
            let path = Path::new(word);
            let extension = path.extension().and_then(OsStr::to_str);
            path.is_file() || extension.is_some_and(|e| ["pcap", "pcapng", "cap"].contains(&e))
        };
        let after_first = self.words.get(1..).unwrap_or_default();
        let captures = after_first.iter().rev().take_while(|w| is_capture(w));
        self.words.split_at(self.words.len() - captures.count())
    }

    /// Whether to write colours.
    #[must_use]
    pub fn wants_colour(&self) -> bool {
        wants_colour(self.color)
    }
}
