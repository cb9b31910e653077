//! HAR 1.2: every request of the transactions as an entry, with the verdict in `_cors`.
//!
//! <http://www.softwareishard.com/blog/har-12-spec/>. What a capture does not show is empty or -1,
//! as the format has it.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::capture::frame::Timestamp;
use crate::cors::fetch_request::url_of;
use crate::cors::transaction::{Half, Transaction};
use crate::http::ConnectionInfo;
use crate::http::exchange::Exchange;
use crate::http::headers::HeaderList;
use crate::http::message::{RequestHead, ResponseHead};
use crate::report::capture::Report;
use crate::report::json;
use crate::report::record::Rfc3339;
use crate::report::words::{code, verdict_word};
use crate::wire_text::wire_text;

#[derive(Serialize)]
struct Har<'a> {
    log: Log<'a>,
}

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    creator: Creator,
    pages: Vec<Empty>,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Creator {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    started_date_time: Rfc3339,
    time: f64,
    request: Request,
    response: Response,
    cache: Empty,
    timings: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "serverIPAddress")]
    server_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
    #[serde(rename = "_resourceType")]
    resource_type: &'static str,
    #[serde(rename = "_cors", skip_serializing_if = "Option::is_none")]
    cors: Option<Cors<'a>>,
}

#[derive(Serialize)]
struct Empty {}

/// The verdict, on both requests of a transaction.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cors<'a> {
    transaction: u64,
    /// `preflight` or `actual`.
    role: &'static str,
    verdict: &'static str,
    code: Option<&'static str>,
    reason: String,
    cause: Option<String>,
    fix: Vec<String>,
    remedy: Option<&'static str>,
    credentials: &'static str,
    request_frames: Vec<u64>,
    response_frames: Vec<u64>,
    file: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    http_version: &'static str,
    cookies: Vec<Pair>,
    headers: Vec<Pair>,
    query_string: Vec<Pair>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: Vec<Pair>,
    headers: Vec<Pair>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: i64,
    mime_type: String,
}

#[derive(Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize)]
struct Pair {
    name: String,
    value: String,
}

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut entries = Vec::new();
    for capture in report.captures {
        for transaction in &capture.transactions {
            for (role, half) in [
                ("preflight", &transaction.preflight),
                ("actual", &transaction.actual),
            ] {
                if let Some(half) = half {
                    let cors = cors(transaction, role, half, &capture.file);
                    entries.push(entry_of_half(half, cors));
                }
            }
        }
        let others = capture.exchanges.iter();
        entries.extend(others.filter_map(|exchange| entry_without_origin(exchange)));
    }
    entries.sort_by_key(|entry| entry.started_date_time.0);
    let har = Har {
        log: Log {
            version: "1.2",
            creator: Creator {
                name: "corshark",
                version: env!("CARGO_PKG_VERSION"),
            },
            pages: Vec::new(),
            entries,
        },
    };
    json::write_line(&har, &mut Vec::new(), out)
}

fn cors<'a>(transaction: &Transaction, role: &'static str, half: &Half, file: &'a str) -> Cors<'a> {
    let exchange = half.exchange.as_ref();
    let request = exchange.and_then(|exchange| exchange.request.as_ref());
    let request = request.map_or(&half.frames, |request| &request.frames);
    let request = half.earlier_frames.iter().chain(request);
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    Cors {
        transaction: transaction.id.0,
        role,
        verdict: verdict_word(transaction),
        code: code(transaction),
        reason: transaction.reason().into_owned(),
        cause: transaction.cause(),
        fix: transaction.fix(),
        remedy: transaction.remedy(),
        credentials: transaction.judgement.credentials.name(),
        request_frames: request.map(|frame| frame.0).collect(),
        response_frames: response.map_or_else(Vec::new, |response| {
            response.frames.iter().map(|frame| frame.0).collect()
        }),
        file,
    }
}

fn entry_of_half<'a>(half: &Half, cors: Cors<'a>) -> Entry<'a> {
    let exchange = half.exchange.as_deref();
    let resource_type = if cors.role == "preflight" {
        "preflight"
    } else {
        "fetch"
    };
    Entry {
        cors: Some(cors),
        ..entry(
            &half.fetch.head,
            half.response.as_deref(),
            half.start,
            exchange,
            resource_type,
        )
    }
}

/// An exchange without Origin: those with one are in a transaction.
fn entry_without_origin(exchange: &Exchange) -> Option<Entry<'static>> {
    let request = exchange.request.as_ref()?;
    if request.head.headers.contains("origin") {
        return None;
    }
    let response = exchange.response.as_ref().map(|response| &*response.head);
    Some(entry(
        &request.head,
        response,
        request.start,
        Some(exchange),
        "other",
    ))
}

fn entry(
    head: &RequestHead,
    response: Option<&ResponseHead>,
    start: Timestamp,
    exchange: Option<&Exchange>,
    resource_type: &'static str,
) -> Entry<'static> {
    let connection: Option<ConnectionInfo> = exchange.map(|exchange| exchange.connection);
    let sent = exchange.and_then(|exchange| exchange.request.as_ref());
    let received = exchange.and_then(|exchange| exchange.response.as_ref());
    let timings = Timings {
        send: sent.map_or(0.0, |sent| milliseconds(sent.end.since(sent.start))),
        wait: match (sent, received) {
            (Some(sent), Some(received)) => milliseconds(received.start.since(sent.end)),
            _ => 0.0,
        },
        receive: received.map_or(0.0, |received| {
            milliseconds(received.end.since(received.start))
        }),
    };
    let size = |bytes: Option<u64>| bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(-1));
    let body = received.map(|received| received.body_bytes);
    Entry {
        started_date_time: Rfc3339(start),
        time: timings.send + timings.wait + timings.receive,
        request: Request {
            method: wire_text(head.method()).into_owned(),
            url: url_of(head, connection.as_ref()),
            http_version: "HTTP/1.1",
            cookies: cookies(&head.headers, "cookie"),
            headers: headers(&head.headers),
            query_string: query(head.target()),
            headers_size: -1,
            body_size: size(sent.map(|sent| sent.body_bytes)),
        },
        response: Response {
            status: response.map_or(0, |response| response.status),
            status_text: "",
            http_version: "HTTP/1.1",
            cookies: response.map_or_else(Vec::new, |r| cookies(&r.headers, "set-cookie")),
            headers: response.map_or_else(Vec::new, |response| headers(&response.headers)),
            content: Content {
                size: size(body).max(0),
                mime_type: response.map_or_else(String::new, |r| first(&r.headers, "content-type")),
            },
            redirect_url: response.map_or_else(String::new, |r| first(&r.headers, "location")),
            headers_size: -1,
            body_size: size(body),
        },
        cache: Empty {},
        timings,
        server_ip_address: connection.map(|connection| connection.server.address().to_string()),
        connection: connection.map(|connection| connection.stream.to_string()),
        resource_type,
        cors: None,
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn first(headers: &HeaderList, name: &str) -> String {
    let value = headers.values(name).next().unwrap_or_default();
    wire_text(value).into_owned()
}

fn pair(name: &[u8], value: &[u8]) -> Pair {
    Pair {
        name: wire_text(name).into_owned(),
        value: wire_text(value).into_owned(),
    }
}

fn headers(headers: &HeaderList) -> Vec<Pair> {
    headers
        .lines()
        .map(|(name, value)| pair(name, value))
        .collect()
}

fn split_pair(text: &[u8]) -> Pair {
    let at = memchr::memchr(b'=', text).unwrap_or(text.len());
    let (name, value) = text.split_at(at);
    pair(name, value.get(1..).unwrap_or_default())
}

fn cookies(headers: &HeaderList, name: &str) -> Vec<Pair> {
    let is_response = name == "set-cookie";
    let values = headers.values(name);
    let pairs = values.flat_map(|value| {
        let pairs = value.split(|b| *b == b';').map(crate::http::headers::trim);
        pairs.take(if is_response { 1 } else { usize::MAX })
    });
    pairs
        .filter(|pair| !pair.is_empty())
        .map(split_pair)
        .collect()
}

fn query(target: &[u8]) -> Vec<Pair> {
    let Some(at) = memchr::memchr(b'?', target) else {
        return Vec::new();
    };
    let query = target.get(at + 1..).unwrap_or_default();
    let query = query.split(|b| *b == b'#').next().unwrap_or_default();
    let pairs = query.split(|b| *b == b'&').filter(|pair| !pair.is_empty());
    pairs.map(split_pair).collect()
}
