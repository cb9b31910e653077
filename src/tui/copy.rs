//! What can be copied of a transaction.

use std::fmt::Write as _;

use crate::cors::console::console_lines;
use crate::cors::transaction::{Half, Transaction};
use crate::ladder::TEXT_WIDTH;
use crate::tui::app::App;
use crate::tui::view::secret;
use crate::tui::view::why;
use crate::wire_text::wire_text;

/// Something to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Both requests as curl commands.
    Curl,
    /// The header lines that repair it.
    Fix,
    /// The URL.
    Url,
    /// What the browser prints.
    Message,
    /// A display filter for Wireshark.
    Wireshark,
    /// The ladder, as the screen shows it.
    Ladder,
}

impl CopyKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Curl,
        Self::Fix,
        Self::Url,
        Self::Message,
        Self::Wireshark,
        Self::Ladder,
    ];

    /// The key that stands for it.
    #[must_use]
    pub const fn key(self) -> char {
        match self {
            Self::Curl => 'c',
            Self::Fix => 'h',
            Self::Url => 'u',
            Self::Message => 'm',
            Self::Wireshark => 'w',
            Self::Ladder => 'l',
        }
    }

    /// What it is.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl commands of preflight and actual request",
            Self::Fix => "header lines that repair it",
            Self::Url => "URL",
            Self::Message => "message in the browser's console",
            Self::Wireshark => "display filter for Wireshark",
            Self::Ladder => "ladder, of this one or of all marked ones",
        }
    }

    /// The text to copy of the selected transaction; the error says why there is none.
    pub fn text(self, app: &App) -> Result<String, &'static str> {
        let transaction = app.transaction().ok_or("not in the capture")?;
        let text = match self {
            Self::Curl => curl_pair(transaction, app.secrets),
            Self::Fix => transaction.fix().join("\n"),
            Self::Url => why::url(transaction),
            Self::Message => {
                let lines = console_lines(transaction);
                lines.chromium.or(lines.firefox).unwrap_or_default()
            }
            Self::Wireshark => wireshark_filter(transaction),
            Self::Ladder => app
                .ladder()
                .map_or_else(String::new, |ladder| ladder.text(TEXT_WIDTH).join("\n")),
        };
        if text.is_empty() {
            return Err(match self {
                Self::Curl | Self::Url | Self::Wireshark | Self::Ladder => "not in the capture",
                Self::Fix => "no header line repairs this",
                Self::Message => "the browser printed nothing",
            });
        }
        Ok(text)
    }
}

/// A display filter that shows the connections of a transaction.
fn wireshark_filter(transaction: &Transaction) -> String {
    let mut streams: Vec<u64> = Vec::new();
    for half in [&transaction.preflight, &transaction.actual] {
        let exchange = half.as_ref().and_then(|half| half.exchange.as_ref());
        let stream = exchange.map(|exchange| exchange.connection.stream);
        streams.extend(stream.filter(|stream| !streams.contains(stream)));
    }
    let terms: Vec<String> = streams
        .iter()
        .map(|stream| format!("tcp.stream eq {stream}"))
        .collect();
    terms.join(" or ")
}

fn curl_pair(transaction: &Transaction, secrets: bool) -> String {
    let halves = [&transaction.preflight, &transaction.actual];
    let commands = halves.into_iter().flatten().map(|half| curl(half, secrets));
    commands.collect::<Vec<_>>().join("\n")
}

/// A request as a curl command. The body is not in it: bodies are measured, not kept.
fn curl(half: &Half, secrets: bool) -> String {
    let head = &half.fetch.head;
    let mut command = format!(
        "curl -i -X {} {}",
        quoted(&wire_text(head.method())),
        quoted(&why::half_url(half))
    );
    for (name, value) in head.headers.lines() {
        let lower = name.to_ascii_lowercase();
        // What curl makes by itself, or must.
        if matches!(
            lower.as_slice(),
            b"host" | b"content-length" | b"transfer-encoding" | b"connection"
        ) {
            continue;
        }
        let value = if secrets {
            wire_text(value).into_owned()
        } else {
            secret::hidden(name, value)
        };
        let line = format!("{}: {value}", wire_text(name));
        let _ = write!(command, " \\\n  -H {}", quoted(&line));
    }
    command
}

/// A word for a POSIX shell; control characters by their number, so that pasting it does no harm.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = "$'".to_owned();
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                word.push('\\');
                word.push(c);
            }
            c if c.is_control() => {
                let _ = write!(word, "\\u{:04x}", u32::from(c));
            }
            c => word.push(c),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (text, expected) in [
            ("GET", "GET"),
            ("http://a/b?c=d&e", "'http://a/b?c=d&e'"),
            ("it's", r"'it'\''s'"),
            ("a\x1b[2J'", r"$'a\u001b[2J\''"),
            ("", "''"),
            ("$(reboot)", "'$(reboot)'"),
        ] {
            assert_eq!(quoted(text), expected, "{text:?}");
        }
    }
}
