//! The serialised shape of an exchange.

use serde::Serialize;

use crate::cors::fetch_request::{UrlBytes, host_of, url_bytes_of};
use crate::http::exchange::{Exchange, Note, Outcome};
use crate::report::record::Wire;
use crate::report::record::frames::{FrameList, Frames};
#[cfg(test)]
use crate::report::record::schema;
use crate::report::record::time::Rfc3339;

/// One exchange.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Exchange"))]
pub(in crate::report) struct ExchangeRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::exchange"))]
    kind: &'static str,
    /// The input, as typed; only with more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Null for a response that nobody asked for.
    method: Option<Wire<&'a [u8]>>,
    /// As sent.
    target: Option<Wire<&'a [u8]>>,
    /// The `Origin` as sent.
    origin: Option<Wire<&'a [u8]>>,
    /// `http://`, the Host, and the target's bytes, undecoded.
    url: Option<Wire<UrlBytes>>,
    /// The host that the request is for.
    host: Option<Wire<&'a [u8]>>,
    /// Null without a response.
    status: Option<u16>,
    /// The connection, counted from 0: Wireshark's `tcp.stream`.
    stream: u64,
    /// Frame numbers, counted from 1.
    frames: Frames<'a>,
    /// When the first byte was captured.
    #[cfg_attr(test, schemars(schema_with = "schema::time_or_null"))]
    time: Option<Rfc3339>,
    /// Whether the response came to its end.
    complete: bool,
    /// What else is known, each by its name.
    #[cfg_attr(test, schemars(schema_with = "schema::notes"))]
    notes: Vec<&'static str>,
}

impl<'a> ExchangeRecord<'a> {
    pub(in crate::report) fn of(exchange: &'a Exchange, file: Option<&'a str>) -> Self {
        let request = exchange.request.as_ref();
        let head = request.map(|request| &*request.head);
        let response = exchange.response.as_ref();
        let start = request
            .map(|request| request.start)
            .or(response.map(|response| response.start));
        Self {
            kind: "exchange",
            file,
            method: head.map(|head| Wire(head.method())),
            target: head.map(|head| Wire(head.target())),
            origin: head
                .and_then(|head| head.headers.values("origin").next())
                .map(Wire),
            url: head.map(|head| Wire(url_bytes_of(head, Some(&exchange.connection)))),
            host: head.and_then(host_of).map(Wire),
            status: response.map(|response| response.head.status),
            stream: exchange.connection.stream,
            frames: Frames {
                request: FrameList(&[], request.map_or(&[], |request| &request.frames)),
                response: FrameList(&[], response.map_or(&[], |response| &response.frames)),
            },
            time: start.map(Rfc3339),
            complete: exchange.outcome == Outcome::Complete,
            notes: exchange.notes.iter().map(Note::name).collect(),
        }
    }
}
