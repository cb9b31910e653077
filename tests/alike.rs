//! Transactions that are alike share their judgement and their words: nothing that differs between
//! them may have had a part in these.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::collections::HashSet;
use std::sync::Arc;

use corshark::limits::Limits;
use corshark::report::{Format, Look, Output, Reporter, Scope};
use support::wire::merged;
use support::{Conversation, Found, Random, Record, Who, Wire, analyse_within};

const ORIGINS: [&str; 4] = [
    "http://a.test",
    "http://b.test:81",
    "null",
    "http://api.test",
];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "patch", "DELETE"];
const STATUSES: [u16; 12] = [200, 204, 304, 301, 307, 401, 403, 404, 405, 407, 500, 503];
const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    "curl/8.5.0",
];
/// Lines of requests, each with two values or more.
const ASKED: [(&str, &[&str]); 16] = [
    ("Accept", &["*/*", "application/json", "text/html"]),
    ("Authorization", &["Basic YTpi", "Bearer x"]),
    ("Content-Length", &["0", "00"]),
    ("Content-Type", &["application/json", "text/plain"]),
    ("Cookie", &["a=1", "b=2"]),
    ("Forwarded", &["proto=https", "for=1.2.3.4"]),
    ("If-None-Match", &["\"1\"", "\"2\""]),
    ("Origin", &["http://c.test", "http://a.test"]),
    ("Referer", &["http://a.test/", "http://a.test/x?y=z"]),
    ("Sec-Fetch-Mode", &["cors", "no-cors", "navigate"]),
    (
        "Sec-Fetch-Site",
        &["cross-site", "same-origin", "same-site"],
    ),
    ("Sec-Fetch-Storage-Access", &["none", "active"]),
    ("Upgrade", &["websocket", "h2c"]),
    ("X-Forwarded-Proto", &["https", "http"]),
    ("X-Requested-With", &["XMLHttpRequest", "y"]),
    ("X-Trace", &["1", "2"]),
];
/// Lines of responses.
const SAID: [(&str, &[&str]); 30] = [
    ("Access-Control-Allow-Credentials", &["true", "false"]),
    (
        "Access-Control-Allow-Headers",
        &["*", "x-requested-with, content-type", "x y"],
    ),
    (
        "Access-Control-Allow-Methods",
        &["*", "PUT, PATCH", "GET", "\"PUT\""],
    ),
    (
        "Access-Control-Allow-Origin",
        &["*", "http://a.test", "http://b.test:81", "", "x y"],
    ),
    ("Access-Control-Allow-Origin", &["*", "http://a.test"]),
    ("Access-Control-Expose-Headers", &["x", "*"]),
    ("Access-Control-Max-Age", &["600", "-1"]),
    ("Age", &["1", "2"]),
    ("Allow", &["GET", "GET, HEAD"]),
    ("Cache-Control", &["no-store", "max-age=60"]),
    ("CF-Ray", &["1", "2"]),
    ("Content-Disposition", &["inline", "attachment"]),
    ("Content-Encoding", &["identity", "br"]),
    ("Content-Type", &["text/html", "application/json"]),
    (
        "Date",
        &[
            "Tue, 24 Nov 2026 08:00:00 GMT",
            "Tue, 24 Nov 2026 08:00:01 GMT",
        ],
    ),
    ("ETag", &["\"1\"", "\"2\""]),
    (
        "Last-Modified",
        &[
            "Tue, 24 Nov 2026 08:00:00 GMT",
            "Mon, 23 Nov 2026 08:00:00 GMT",
        ],
    ),
    (
        "Location",
        &["/login", "https://api.test/", "http://u:p@c.test/", "?"],
    ),
    ("Location", &["/login", "x:"]),
    ("Retry-After", &["1", "2"]),
    ("Server", &["nginx", "cloudflare", "envoy"]),
    ("Set-Cookie", &["a=1", "b=2"]),
    ("Strict-Transport-Security", &["max-age=1", "max-age=2"]),
    ("Upgrade", &["h2c", "x"]),
    ("Vary", &["Origin", "*"]),
    ("Via", &["1.1 a", "1.1 b"]),
    ("WWW-Authenticate", &["Basic", "Bearer"]),
    ("X-Cache", &["HIT", "MISS"]),
    ("X-Powered-By", &["PHP", "Express"]),
    ("X-Request-Id", &["1", "2"]),
];

/// Some of the lines.
fn some(random: &mut Random, lines: &[(&str, &[&str])], percent: usize) -> String {
    let mut text = String::new();
    for (name, values) in lines {
        if random.chance(percent) {
            text.extend([*name, ": ", random.one_of(values), "\r\n"]);
        }
    }
    text
}

fn request(random: &mut Random, method: &str, more: &str) -> String {
    let target = random.one_of(&["/{n}", "/{n}", "/{n}", "http://api.test/{n}"]);
    let origin = random.one_of(&ORIGINS);
    let agent = random.one_of(&AGENTS);
    let host = random.one_of(&["Host: api.test\r\n", "Host: API.test:80\r\n", ""]);
    let lines = some(random, &ASKED, 5);
    format!(
        "{method} {target} HTTP/1.1\r\n{host}Origin: {origin}\r\nUser-Agent: {agent}\r\n{lines}{more}"
    )
}

fn response(random: &mut Random, status: u16) -> String {
    let allow = random.one_of(&[
        "",
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\n",
        "Access-Control-Allow-Origin: http://a.test\r\nAccess-Control-Allow-Headers: x-requested-with\r\n",
    ]);
    let lines = some(random, &SAID, 3);
    format!("HTTP/1.1 {status} X\r\n{allow}{lines}Content-Length: 0\r\n")
}

/// What is said on one connection, in turns; without the ends of the heads.
fn talk(random: &mut Random, status: u16) -> Vec<String> {
    let method = random.one_of(&METHODS);
    let mut talk = Vec::new();
    if random.chance(60) {
        let names = random.one_of(&["", "x-requested-with", "content-type,x-requested-with"]);
        let asks = format!(
            "Access-Control-Request-Method: {method}\r\nAccess-Control-Request-Headers: {names}\r\n"
        );
        talk.push(request(random, "OPTIONS", &asks));
        let answer = random.one_of(&[200, status]);
        talk.push(response(random, answer));
    }
    talk.push(request(random, method, ""));
    talk.push(response(random, status));
    talk
}

/// What is said, with each line in turn added to one of the requests or one of the answers.
fn variations(random: &mut Random, talk: &[String]) -> Vec<Vec<String>> {
    let mut variations = vec![talk.to_vec()];
    let turns = talk.len() / 2;
    for (lines, turn) in [(&ASKED[..], 0), (&SAID[..], 1)] {
        for (name, values) in lines {
            let turn = 2 * random.below(turns) + turn;
            for value in *values {
                let mut talk = talk.to_vec();
                talk[turn].extend([*name, ": ", value, "\r\n"]);
                variations.push(talk);
            }
        }
    }
    variations
}

/// Connections on which the same is said but for a line.
fn capture(seed: u64) -> Vec<Record> {
    let mut random = Random::new(seed);
    let talks = STATUSES.iter().cycle().take(24);
    let talks = talks.map(|status| talk(&mut random, *status));
    let talks: Vec<Vec<String>> = talks.collect();
    let talks = talks.iter().flat_map(|talk| variations(&mut random, talk));
    let talks: Vec<Vec<String>> = talks.collect();
    let connections = (1000..).zip(&talks).map(|(n, talk)| {
        let mut conversation = Conversation::new();
        for (turn, text) in talk.iter().enumerate() {
            let text = format!("{}\r\n", text.replace("{n}", &n.to_string()));
            conversation = if turn % 2 == 0 {
                conversation.client(text)
            } else if turn + 1 < talk.len() || random.chance(97) {
                conversation.server(text)
            } else {
                conversation
            };
        }
        if random.chance(80) {
            conversation = conversation.closed_by(random.one_of(&[Who::Client, Who::Server]));
        }
        let wire = Wire {
            start: u64::from(n) * 500,
            ..Wire::port(n)
        };
        wire.lay(&conversation.segments())
    });
    merged(connections.collect())
}

fn lines(found: &Found) -> Vec<String> {
    let look = Look {
        with_secrets: true,
        ..Look::default()
    };
    let output = Output::new(Format::NdJson, look, Vec::new());
    let mut reporter = Reporter::new(Scope::default(), vec![output]);
    reporter.begin_capture("capture");
    for transaction in &found.transactions {
        reporter.transaction(transaction).unwrap();
    }
    let written = reporter.finish().unwrap().remove(0);
    let text = String::from_utf8(written).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn what_is_remembered_changes_nothing() {
    let remembering = Limits::default();
    let forgetful = Limits {
        remembered_heads: 0,
        ..Limits::default()
    };
    let (mut transactions, mut judgements) = (0, HashSet::new());
    for seed in 0..2 {
        let records = capture(seed);
        let found = analyse_within(&records, &remembering);
        let expected = analyse_within(&records, &forgetful);
        assert!(expected.transactions.iter().all(|t| !t.judgement.recurs));
        assert_eq!(lines(&found).len(), found.transactions.len());
        for (line, expected) in lines(&found).iter().zip(&lines(&expected)) {
            assert_eq!(line, expected);
        }
        assert_eq!(found.transactions.len(), expected.transactions.len());
        transactions += found.transactions.len();
        let addresses = found
            .transactions
            .iter()
            .map(|t| (seed, Arc::as_ptr(&t.judgement)));
        judgements.extend(addresses);
    }
    let judgements = judgements.len();
    assert!(
        judgements * 5 < transactions * 4,
        "{judgements} {transactions}"
    );
}
