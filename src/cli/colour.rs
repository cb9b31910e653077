//! Whether to write colours.

use std::io::IsTerminal as _;

use clap::ColorChoice;

/// Decides for standard output: the choice, then `NO_COLOR`, `CLICOLOR_FORCE`, and what it is.
pub(super) fn wants_colour(choice: ColorChoice) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set("NO_COLOR") => false,
        ColorChoice::Auto if is_set("CLICOLOR_FORCE") => true,
        ColorChoice::Auto => std::io::stdout().is_terminal(),
    }
}
