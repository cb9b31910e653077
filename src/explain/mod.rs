//! A code, or a line pasted from a browser's console → what happened and how to repair it.
//!
//! Offline and pure: no capture is needed. The texts are Markdown files under `articles/`, one for a
//! code or a family of codes, all under the same headings; the lines to configure servers with are
//! under `servers/`. Values of the pasted line stand in both, but only where they are harmless there.

pub mod article;
pub mod code;
pub mod distance;
mod fit;
pub mod message;
mod pattern;
pub mod server;
mod text;
pub mod values;

pub use fit::TransactionFit;
pub use text::{Style, write_explanation, write_list};

use code::Code;
use message::{Recognised, recognise};

/// What the input turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A known code or message.
    Known(Box<Recognised>),
    /// Nothing known; names that are like it.
    Unknown(Vec<&'static str>),
}

/// Looks up the name of a code, or recognises a pasted text.
///
/// ```
/// use corshark::explain::{Answer, explain};
///
/// let Answer::Known(found) = explain("allow-origin-mismatch") else { panic!() };
/// assert_eq!(found.code.name(), "AllowOriginMismatch");
/// assert_eq!(explain("AllowOriginMissmatch"), Answer::Unknown(vec!["AllowOriginMismatch"]));
/// ```
#[must_use]
pub fn explain(input: &str) -> Answer {
    let input = input.trim();
    if let Some(code) = Code::from_name(input) {
        return Answer::Known(Box::new(Recognised::of_code(code)));
    }
    match recognise(input) {
        Some(recognised) => Answer::Known(Box::new(recognised)),
        None => Answer::Unknown(code::near_names(input)),
    }
}
