//! Reports: what was found, written for people or for programs.
//!
//! A [`Reporter`] takes what is found as it is found and writes any number of reports in one pass:
//! NDJSON as transactions settle, text at the end of each capture, every other format at the end.
//! [`Format::write`] writes a [`Report`] that is already there.

mod capture;
mod csv;
mod destination;
mod digits;
mod document;
mod endpoints;
mod format;
mod github;
mod har;
mod html;
mod json;
mod junit;
mod ladder;
mod markdown;
mod ndjson;
mod record;
mod reporter;
mod sarif;
mod text;
mod words;

pub use capture::{Capture, Look, Report, Scope};
pub use destination::Destination;
pub use format::Format;
pub use reporter::{Output, Reporter};
pub use words::verdict_label;
