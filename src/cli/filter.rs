//! `-Y`: a filter on the command line.

use std::io::{self, IsTerminal as _};

use crate::filter::Filter;
use crate::filter::key::KEYS;
use crate::wire_text::printable;

/// What `--help` says of the filter language.
pub(super) fn filter_help() -> String {
    let keys = KEYS.map(|key| format!("  {:<9} {}\n", format!("{}:", key.name), key.help));
    format!(
        "Filters: words separated by spaces, all of which must match; !word must not.\n\
         A word or /pattern/ is looked for in headers, URL, code and reason. Or a key:\n{}\
         A comma means or: verdict:fail,unknown. Quotes keep spaces and commas together.",
        keys.concat()
    )
}

/// The filter that `text` is; the error is a message for the user, with carets where a person reads.
pub(super) fn parsed_filter(text: Option<&str>) -> Result<Filter, String> {
    let text = text.unwrap_or_default();
    Filter::parse(text).map_err(|error| {
        let at = text.get(..error.place.start).unwrap_or_default();
        let at = at.chars().count() + 1;
        let mut message = printable(&format!("-Y, at character {at}: {error}")).into_owned();
        if io::stderr().is_terminal() && printable(text) == text {
            message = format!("{message}\n    {text}\n    {}", error.carets(text));
        }
        message
    })
}
