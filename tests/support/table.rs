//! Tables of what is on the wire and what is made of it.
//!
//! An exchange is `METHOD /target | Header: value => STATUS | Header: value`, each on a connection of
//! its own, 50 ms after the one before; `@500 ` before it is its time in milliseconds, `3 times ` says
//! how often. Headers that all have alike are left out, `ACAO` and the like stand for the headers'
//! names, `chromium`, `firefox` and `safari` for what those send with every request. `=> close` and
//! `=> reset` end the connection without a response, `=> gone` is the client's doing, `=> raw | …` are
//! the bytes. `=> after 400 | 200` comes 400 ms later; `body 5000` has so many bytes. `SYN => refused`,
//! `=> unreachable` and `=> unanswered` is a connection that does not come about; `SYN6` is by IPv6.
//!
//! Behind `-> ` stands what is made of it, on the same line or on lines of its own. A blank line ends
//! a case of several lines.

use std::time::Duration;

use super::conversation::{ACK, RST, SYN};
use super::short_names::full;
use super::{Conversation, Record, Segment, Who, Wire};

const PAGE: &str = "http://page.test";

/// Exchanges, and what is to be made of them.
#[derive(Default)]
pub struct Case<'a> {
    pub exchanges: Vec<&'a str>,
    pub expected: Vec<String>,
}

/// The cases of a table.
pub fn cases(table: &str) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    let mut case = Case::default();
    for line in table.lines().chain([""]) {
        let (exchange, outcome) = match line.split_once("-> ") {
            _ if line.starts_with('#') => continue,
            Some((exchange, outcome)) => (exchange.trim(), Some(outcome)),
            None => (line, None),
        };
        if !exchange.is_empty() {
            let (times, exchange) = repeated(exchange);
            case.exchanges.extend([exchange].repeat(times));
        }
        if let Some(outcome) = outcome {
            let (times, outcome) = repeated(outcome);
            case.expected.extend(vec![outcome.to_owned(); times]);
        }
        let whole = line.is_empty() || (outcome.is_some() && !exchange.is_empty());
        if whole && !case.exchanges.is_empty() {
            cases.push(std::mem::take(&mut case));
        }
    }
    assert!(cases.len() > 5, "the table was read");
    cases
}

/// `3 times …`.
fn repeated(text: &str) -> (usize, &str) {
    let times = text.split_once(" times ");
    times.map_or((1, text), |(times, text)| (times.parse().unwrap(), text))
}

/// Exchanges on the wire, each on a connection of its own.
pub fn lay(exchanges: &[&str]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut now = 0;
    for (text, port) in exchanges.iter().zip(40_000..) {
        let timed = text.strip_prefix('@');
        let text = match timed.and_then(|timed| timed.split_once(' ')) {
            Some((time, text)) => {
                now = time.parse().unwrap();
                text
            }
            None => text,
        };
        let (asked, answer) = text.split_once("=>").unwrap();
        if asked.starts_with("SYN") {
            records.append(&mut attempt(asked.trim(), answer.trim(), now, port));
            now += 50;
            continue;
        }
        let mut parts: Vec<&str> = answer.split('|').map(str::trim).collect();
        let delay = parts[0]
            .strip_prefix("after ")
            .map(|ms| ms.parse().unwrap());
        if delay.is_some() {
            parts.remove(0);
        }
        let segments = answered(Conversation::new().client(request(asked)), &parts).segments();
        let wire = Wire {
            start: now * 1000,
            step: 100,
            ..Wire::port(port)
        };
        let mut laid = wire.lay(&segments);
        if let Some(delay) = delay {
            let of_server = |s: &super::Segment| s.who == Who::Server && !s.payload.is_empty();
            let first = segments
                .iter()
                .position(of_server)
                .unwrap_or(segments.len());
            for record in laid.iter_mut().skip(first) {
                record.time = record.time.plus(Duration::from_millis(delay));
            }
        }
        records.append(&mut laid);
        now += 50;
    }
    records
}

/// A connection that does not come about.
fn attempt(asked: &str, answer: &str, now: u64, port: u16) -> Vec<Record> {
    let wire = Wire {
        start: now * 1000,
        // SYNs are repeated after a second.
        step: if answer == "unanswered" {
            1_000_000
        } else {
            100
        },
        ipv6: asked == "SYN6",
        ..Wire::port(port)
    };
    let syn = Segment {
        who: Who::Client,
        sequence: 1000,
        acknowledgement: 0,
        flags: SYN,
        payload: Vec::new(),
    };
    let reset = Segment {
        who: Who::Server,
        sequence: 0,
        acknowledgement: 1001,
        flags: RST | ACK,
        payload: Vec::new(),
    };
    match answer {
        "refused" => wire.lay(&[syn, reset]),
        "unanswered" => wire.lay(&[syn.clone(), syn]),
        "unreachable" => {
            let mut records = wire.lay(std::slice::from_ref(&syn));
            records.push(wire.unreachable(&syn));
            records
        }
        other => panic!("{other}"),
    }
}

fn answered(conversation: Conversation, parts: &[&str]) -> Conversation {
    match parts[0] {
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
        status => {
            let size = parts.iter().find_map(|part| part.strip_prefix("body "));
            let size = size.map_or(0, |size| size.parse().unwrap());
            let is_header = |part: &&str| !part.starts_with("body ");
            let headers: Vec<&str> = parts[1..].iter().copied().filter(is_header).collect();
            conversation.server(format!(
                "HTTP/1.1 {status} x\r\n{}Content-Length: {size}\r\n\r\n{}",
                lines(&headers),
                "b".repeat(size)
            ))
        }
    }
}

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
                format!("{}:{value}", full(name))
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
