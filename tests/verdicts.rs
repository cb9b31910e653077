//! What browsers decide, rule by rule: `verdicts/*.txt` are tables of what is on the wire and what
//! comes of it. The outcomes are those of Chromium and Firefox where these were at hand, else the
//! Fetch standard's.
//!
//! An exchange is `METHOD /target | Header: value => STATUS | Header: value`, each on a connection of
//! its own, 50 ms after the one before; `@500 ` before it is its time in milliseconds, `3 times ` says
//! how often. Headers that all have alike are left out, `ACAO` and the like stand for the headers'
//! names, `chromium` and `firefox` for what those send with every request. `=> close` and `=> reset`
//! end the connection without a response, `=> gone` is the client's doing, `=> raw | …` are the bytes.
//!
//! A transaction is `-> VERDICT pa CODE, notes`: `p` has a preflight, `a` an actual request, `<` comes
//! from a redirect. What follows `unless` would fail it with credentials. A blank line ends a case of
//! several lines.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use corshark::cors::transaction::{Transaction, Verdict};
use support::{Conversation, Who, Wire, analyse};

const SHORT: [(&str, &str); 12] = [
    ("ACAO", "Access-Control-Allow-Origin"),
    ("ACAC", "Access-Control-Allow-Credentials"),
    ("ACAM", "Access-Control-Allow-Methods"),
    ("ACAH", "Access-Control-Allow-Headers"),
    ("ACMA", "Access-Control-Max-Age"),
    ("ACRM", "Access-Control-Request-Method"),
    ("ACRH", "Access-Control-Request-Headers"),
    ("Site", "Sec-Fetch-Site"),
    ("Mode", "Sec-Fetch-Mode"),
    ("SFSA", "Sec-Fetch-Storage-Access"),
    ("O", "Origin"),
    ("L", "Location"),
];

const PAGE: &str = "http://page.test";

/// The lines of a request or response, `Name: value` each.
fn lines(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        let line = match *part {
            "chromium" => "User-Agent: Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36".to_owned(),
            "firefox" => {
                "User-Agent: Mozilla/5.0 (rv:153.0) Gecko/20100101 Firefox/153.0".to_owned()
            }
            "safari" => "User-Agent: Mozilla/5.0 AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15"
                .to_owned(),
            line => {
                let (name, value) = line.split_once(':').unwrap();
                let full = SHORT.iter().find(|(short, _)| *short == name);
                format!("{}:{value}", full.map_or(name, |(_, full)| full))
            }
        };
        text += &line;
        text += "\r\n";
    }
    text
}

fn request(text: &str) -> String {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let has = |name: &str| parts.iter().any(|part| part.starts_with(name));
    let host = if has("Host:") {
        ""
    } else {
        "Host: api.test\r\n"
    };
    let origin = if has("O:") || has("no origin") {
        String::new()
    } else {
        format!("Origin: {PAGE}\r\n")
    };
    let known = ["User-Agent:", "chromium", "firefox", "safari", "no agent"];
    let agent = if known.into_iter().any(has) {
        ""
    } else {
        "User-Agent: Mozilla/5.0\r\n"
    };
    let given: Vec<&str> = parts[1..]
        .iter()
        .copied()
        .filter(|part| *part != "no origin" && *part != "no agent" && *part != "Host:")
        .collect();
    let post = if has("POST") || has("PUT ") {
        "Content-Length: 0\r\n"
    } else {
        ""
    };
    format!(
        "{} HTTP/1.1\r\n{host}{origin}{agent}{}{post}\r\n",
        parts[0],
        lines(&given)
    )
}

/// The verdicts on these exchanges, each on a connection of its own.
fn verdicts(exchanges: &[&str]) -> Vec<String> {
    let mut records = Vec::new();
    let mut now = 0;
    for (text, port) in exchanges.iter().zip(40_000..) {
        let text = match text
            .strip_prefix('@')
            .and_then(|timed| timed.split_once(' '))
        {
            Some((time, text)) => {
                now = time.parse().unwrap();
                text
            }
            None => text,
        };
        let (asked, answer) = text.split_once("=>").unwrap();
        let parts: Vec<&str> = answer.split('|').map(str::trim).collect();
        let conversation = Conversation::new().client(request(asked));
        let conversation = match parts[0] {
            "close" => conversation.closed_by(Who::Server),
            "reset" => conversation.reset_by(Who::Server),
            "gone" => conversation.closed_by(Who::Client),
            "none" => conversation,
            "raw" => conversation
                .server(
                    parts[1]
                        .replace("\\r", "\r")
                        .replace("\\n", "\n")
                        .replace("\\0", "\0"),
                )
                .closed_by(Who::Server),
            status => conversation.server(format!(
                "HTTP/1.1 {status} x\r\n{}Content-Length: 0\r\n\r\n",
                lines(&parts[1..])
            )),
        };
        let wire = Wire {
            start: now * 1000,
            step: 100,
            ..Wire::port(port)
        };
        records.extend(wire.lay(&conversation.segments()));
        now += 50;
    }
    let mut transactions = analyse(&records).transactions;
    transactions.sort_by_key(|transaction| transaction.id);
    transactions
        .iter()
        .map(|transaction| line(transaction))
        .collect()
}

fn line(transaction: &Transaction) -> String {
    let judgement = &transaction.judgement;
    let mut text = judgement.verdict.name().to_owned() + " ";
    for (there, letter) in [
        (transaction.redirected_from.is_some(), '<'),
        (transaction.preflight.is_some(), 'p'),
        (transaction.actual.is_some(), 'a'),
    ] {
        if there {
            text.push(letter);
        }
    }
    match judgement.verdict {
        Verdict::Fail(error) => text.extend([" ", error.name()]),
        Verdict::Unknown(why) => text.extend([" ", why.name()]),
        _ => {}
    }
    if let Some(condition) = judgement.condition {
        text.extend([" unless ", condition.error.name()]);
    }
    for note in &judgement.notes {
        let note = note.to_string();
        if !note.starts_with("also-wrong") {
            text.extend([", ", note.split(':').next().unwrap()]);
        }
    }
    text
}

/// Checks the cases of a table, and tells of all that are wrong.
fn check(table: &str) {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let mut exchanges = Vec::new();
    let mut expected: Vec<String> = Vec::new();
    for line in table.lines().chain([""]) {
        let (exchange, verdict) = match line.split_once("-> ") {
            _ if line.starts_with('#') => continue,
            Some((exchange, verdict)) => (exchange.trim(), Some(verdict)),
            None => (line, None),
        };
        if !exchange.is_empty() {
            let (times, exchange) = repeated(exchange);
            exchanges.extend([exchange].repeat(times));
        }
        if let Some(verdict) = verdict {
            let (times, verdict) = repeated(verdict);
            expected.extend(vec![verdict.to_owned(); times]);
        }
        let whole = line.is_empty() || (verdict.is_some() && !exchange.is_empty());
        if whole && !exchanges.is_empty() {
            cases += 1;
            let found = verdicts(&exchanges);
            if found != expected {
                wrong.push(format!("{exchanges:#?}\n  {found:?}, not\n  {expected:?}"));
            }
            exchanges.clear();
            expected.clear();
        }
    }
    assert!(cases > 5, "the table was read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `3 times …`.
fn repeated(text: &str) -> (usize, &str) {
    let times = text.split_once(" times ");
    times.map_or((1, text), |(times, text)| (times.parse().unwrap(), text))
}

#[test]
fn classification() {
    check(include_str!("verdicts/classification.txt"));
}

#[test]
fn host_spellings() {
    check(include_str!("verdicts/host_spellings.txt"));
}

#[test]
fn credentials() {
    check(include_str!("verdicts/credentials.txt"));
}

#[test]
fn redirects() {
    check(include_str!("verdicts/redirects.txt"));
}

#[test]
fn pairing() {
    check(include_str!("verdicts/pairing.txt"));
}

#[test]
fn preflight_cache() {
    check(include_str!("verdicts/preflight_cache.txt"));
}

#[test]
fn stored_responses() {
    check(include_str!("verdicts/stored_responses.txt"));
}

#[test]
fn responses() {
    check(include_str!("verdicts/responses.txt"));
}
