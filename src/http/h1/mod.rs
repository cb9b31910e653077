//! One TCP connection's bytes → HTTP/1.x exchanges.
//!
//! Requests wait in order for their responses (RFC 9112 §9.3.2). A response that comes while none
//! waits is an exchange without a request. The TCP layer hands on a response only after the request
//! that it acknowledges, so order is all that pairing needs; after lost bytes it is marked as
//! uncertain.

mod body;
mod head;
mod losses;
mod memo;
mod reader;
mod slop;
mod strict;
mod work;

use std::sync::Arc;

use crate::capture::frame::Timestamp;
use crate::http::HttpOutput;
use crate::http::exchange::{Exchange, HttpEvent, Note, Notes, Outcome};
use crate::http::h1::body::{Body, Skipped};
use crate::http::h1::reader::{Head, State, WholeHead, take_head};
use crate::http::h1::slop::{StatusLine, status_line};
use crate::http::h1::work::{InFlight, SPARE_WORKS, Work, announce, end_message};
use crate::http::headers::{HeaderList, list_elements};
use crate::http::message::Message;
use crate::http::protocol::{Protocol, Sniff, sniff, sniff_anywhere};
use crate::tcp::{Application, At, CloseCause, ConnectionInfo, Interest, Side, StreamEvent};

pub(super) use work::Room;

/// Bytes after which something that still does not look like a head is none: what begins a head
/// shows it sooner, but for blanks before it, which would be searched again with each segment.
const LONGEST_UNDECIDED: usize = 1024;

/// Reads one connection as HTTP/1.x.
pub struct Http1Connection {
    protocol: Protocol,
    /// The side that sends requests, once known.
    client: Option<Side>,
    /// Response bytes were lost while several requests waited.
    uncertain: bool,
    /// The client has closed or reset the connection.
    client_gone: bool,
    client_state: State,
    server_state: State,
    /// The latest time of the data so far.
    latest: Timestamp,
    work: Option<Box<Work>>,
}

impl Application for Http1Connection {
    type Output = HttpOutput;

    fn open(info: &ConnectionInfo) -> Self {
        // Without a handshake, the first bytes may be from the middle of anything.
        let start = if info.handshake {
            State::START
        } else {
            State::Lost
        };
        Self {
            protocol: Protocol::Silent,
            client: info.handshake.then_some(Side::Client),
            uncertain: false,
            client_gone: false,
            client_state: start,
            server_state: start,
            latest: Timestamp::MIN,
            work: None,
        }
    }

    fn on_event(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        event: StreamEvent<'_>,
        at: At,
        out: &mut HttpOutput,
    ) -> Interest {
        let interest = match event {
            StreamEvent::Data(bytes) => {
                let at = self.in_order(at, out);
                self.on_data(info, side, bytes, at, out)
            }
            StreamEvent::Gap { missing, cause } => {
                out.earliest = self.latest;
                self.on_gap(info, side, missing, cause, at, out);
                Interest::Keep
            }
            StreamEvent::Fin => {
                out.earliest = self.latest;
                match self.client {
                    Some(client) if client == side => self.client_gone = true,
                    Some(_) => self.on_server_fin(info, at, out),
                    None => {}
                }
                Interest::Keep
            }
        };
        if let Some(work) = &mut self.work {
            if work.is_done() {
                out.room.works.extend(self.work.take());
                out.room.works.truncate(SPARE_WORKS);
            } else {
                announce(work, out);
            }
        }
        interest
    }

    fn unfinished_bytes(&self) -> usize {
        self.work.as_ref().map_or(0, |work| work.memory())
    }

    fn on_close(&mut self, info: &ConnectionInfo, cause: CloseCause, at: At, out: &mut HttpOutput) {
        out.earliest = self.latest;
        let outcome = match cause {
            CloseCause::Failed(error) => {
                out.connect_failed(info, error, at);
                Outcome::Reset
            }
            CloseCause::Finished => Outcome::Closed,
            CloseCause::Reset(side) => {
                self.client_gone |= self.client == Some(side);
                Outcome::Reset
            }
            CloseCause::Superseded => Outcome::NotCaptured,
            CloseCause::CaptureEnded => Outcome::CaptureEnded,
            CloseCause::Idle | CloseCause::Evicted => Outcome::GivenUp,
        };
        self.finish_all(info, outcome, at, out);
        out.stats.count(self.protocol);
    }
}

impl Http1Connection {
    fn state(&mut self, side: Side) -> &mut State {
        match side {
            Side::Client => &mut self.client_state,
            Side::Server => &mut self.server_state,
        }
    }

    /// What is under way, with room for more.
    fn work(&mut self, out: &mut HttpOutput) -> &mut Work {
        self.work
            .get_or_insert_with(|| out.room.works.pop().unwrap_or_default())
    }

    /// When data was there for the other side. The capture may show a segment late: what comes after
    /// it in the conversation is then not earlier, though its frame is.
    fn in_order(&mut self, at: At, out: &mut HttpOutput) -> At {
        self.latest = self.latest.max(at.time);
        out.earliest = self.latest;
        if self.latest.since(at.time) > out.limits.reorder_time {
            // Not a late frame, but a clock that was set back.
            return at;
        }
        At {
            time: self.latest,
            ..at
        }
    }

    fn on_data(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        mut bytes: &[u8],
        at: At,
        out: &mut HttpOutput,
    ) -> Interest {
        if *self.state(side) == State::Lost && !self.resynchronise(side, bytes) {
            return match self.protocol {
                Protocol::Silent | Protocol::Http1 | Protocol::Other => Interest::Keep,
                _ => Interest::Drop,
            };
        }
        while !bytes.is_empty() {
            match *self.state(side) {
                State::Lost => return Interest::Keep,
                State::Body(mut body) => {
                    let skipped = body.skip(bytes);
                    *self.state(side) = State::Body(body);
                    let used = match skipped {
                        Skipped::All => bytes.len(),
                        Skipped::Ended(used) | Skipped::Broken(used) => used,
                    };
                    self.count_body(side, used as u64, at);
                    match skipped {
                        Skipped::All => return Interest::Keep,
                        Skipped::Ended(_) => {
                            *self.state(side) = State::START;
                            self.message_done(info, side, true, at, out);
                        }
                        Skipped::Broken(_) => {
                            out.stats.bodies_unreadable += 1;
                            self.lose(info, side, Outcome::Unreadable, at, out);
                            return Interest::Keep;
                        }
                    }
                    bytes = bytes.get(used..).unwrap_or_default();
                }
                State::Head { recognised } => {
                    if !recognised && self.client != Some(side) {
                        bytes = self.without_slop(side, bytes, out);
                    }
                    if !recognised
                        && let Some(interest) = self.check_beginning(info, side, bytes, at, out)
                    {
                        return interest;
                    }
                    let work = &mut self.work;
                    let begun = work.as_mut().map(|work| work.partial(side));
                    let head = match begun.filter(|partial| !partial.is_empty()) {
                        Some(partial) => partial.go_on(bytes, at, &out.limits),
                        None => take_head(bytes, at, &out.limits, || {
                            let spare = || out.room.works.pop().unwrap_or_default();
                            work.get_or_insert_with(spare).partial(side)
                        }),
                    };
                    match head {
                        Head::More => return Interest::Keep,
                        Head::TooLong => {
                            out.stats.heads_too_long += 1;
                            self.lose(info, side, Outcome::Unreadable, at, out);
                            return Interest::Keep;
                        }
                        Head::Whole(head) => {
                            let used = head.used;
                            let interest = if self.client == Some(side) {
                                self.on_request_head(info, side, head, at, out)
                            } else {
                                self.on_response_head(info, side, head, at, out)
                            };
                            if interest == Interest::Drop {
                                return interest;
                            }
                            bytes = bytes.get(used..).unwrap_or_default();
                        }
                    }
                }
            }
        }
        Interest::Keep
    }

    /// Looks whether a head begins here, where the place in the stream is not known.
    fn resynchronise(&mut self, side: Side, bytes: &[u8]) -> bool {
        let begins = sniff_anywhere(bytes);
        let client = match begins {
            Sniff::Request => side,
            Sniff::Response => side.other(),
            Sniff::Not(protocol) if self.protocol == Protocol::Silent => {
                self.protocol = protocol;
                return false;
            }
            _ => return false,
        };
        if *self.client.get_or_insert(client) != client {
            return false;
        }
        *self.state(side) = State::START;
        true
    }

    /// Passes over a few bytes before a status line, in what there is of a head and in `bytes`.
    fn without_slop<'b>(&mut self, side: Side, bytes: &'b [u8], out: &mut HttpOutput) -> &'b [u8] {
        let partial = self.work.as_mut().map(|work| work.partial(side));
        let Some(partial) = partial.filter(|partial| !partial.is_empty()) else {
            let blank = |b: &&u8| matches!(b, b'\r' | b'\n');
            let blanks = bytes.iter().take_while(blank).count();
            let beginning = bytes.get(blanks..).unwrap_or_default();
            return match status_line(beginning) {
                StatusLine::At(place) => beginning.get(place..).unwrap_or_default(),
                StatusLine::Undecided | StatusLine::None => beginning,
            };
        };
        match status_line(partial.beginning(bytes, &mut out.room.joined)) {
            StatusLine::At(place) => {
                let rest = place - partial.drop_first(place);
                bytes.get(rest..).unwrap_or_default()
            }
            StatusLine::Undecided | StatusLine::None => bytes,
        }
    }

    /// Looks whether what stands where a head should be begins like one; what to do where not.
    fn check_beginning(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        bytes: &[u8],
        at: At,
        out: &mut HttpOutput,
    ) -> Option<Interest> {
        let partial = self.work.as_mut().map(|work| work.partial(side));
        let partial = partial.filter(|partial| !partial.is_empty());
        let undecided_for_long = partial
            .as_ref()
            .is_some_and(|partial| partial.len() > LONGEST_UNDECIDED);
        let beginning = match partial {
            Some(partial) => partial.beginning(bytes, &mut out.room.joined),
            None => bytes,
        };
        let may_be_slop =
            self.client != Some(side) && status_line(beginning) == StatusLine::Undecided;
        let beginning = beginning.trim_ascii_start();
        let begins = if beginning.is_empty() {
            Sniff::Undecided
        } else {
            sniff(beginning)
        };
        let begins = match begins {
            Sniff::Undecided if undecided_for_long => Sniff::Not(Protocol::Other),
            begins => begins,
        };
        let expected = if self.client == Some(side) {
            Sniff::Request
        } else {
            Sniff::Response
        };
        if begins == expected {
            if self.protocol == Protocol::Silent {
                out.connected(info, at);
            }
            self.protocol = Protocol::Http1;
            *self.state(side) = State::Head { recognised: true };
            return None;
        }
        if begins == Sniff::Undecided {
            return None;
        }
        if may_be_slop {
            self.work(out).partial(side).collect(bytes, at);
            return Some(Interest::Keep);
        }
        if self.protocol == Protocol::Http1 {
            out.stats.heads_unreadable += 1;
            let outcome = match expected {
                Sniff::Response => Outcome::Garbled,
                _ => Outcome::Unreadable,
            };
            self.lose(info, side, outcome, at, out);
            return Some(Interest::Keep);
        }
        let protocol = match begins {
            Sniff::Not(protocol) => protocol,
            _ => Protocol::Other,
        };
        if self.protocol == Protocol::Silent {
            out.connected(info, at);
        }
        self.give_up_head(side);
        if expected == Sniff::Response && protocol == Protocol::Other {
            // A server may speak first; what the client says decides.
            return Some(Interest::Keep);
        }
        self.protocol = protocol;
        Some(Interest::Drop)
    }

    fn on_request_head(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        whole: WholeHead<'_>,
        at: At,
        out: &mut HttpOutput,
    ) -> Interest {
        let bytes = whole.bytes.as_slice();
        let Ok(parsed) = head::request(bytes, out.limits.header_lines, &mut out.room.memo) else {
            out.stats.heads_unreadable += 1;
            self.lose(info, side, Outcome::Unreadable, at, out);
            return Interest::Keep;
        };
        if self.work(out).in_flight.len() >= out.limits.requests_in_flight {
            out.stats.too_many_in_flight += 1;
            self.finish_all(info, Outcome::Unreadable, at, out);
            return Interest::Drop;
        }
        let mut notes = parsed.notes;
        note_named_in_connection(&parsed.head.headers, &mut notes);
        let framing = body::of_request(&parsed.head.headers, &mut notes);
        let id = out.next_id();
        let head = Arc::new(parsed.head);
        let message = message(whole, Arc::clone(&head), at);
        out.push(
            at,
            HttpEvent::Requested {
                id,
                connection: info_for(info, side),
                head,
                start: message.start,
                frames: message.frames.clone(),
            },
        );
        let in_flight = &mut self.work(out).in_flight;
        if in_flight.capacity() == 0 {
            // Most connections have one request at a time.
            in_flight.reserve_exact(1);
        }
        in_flight.push_back(InFlight {
            id,
            request: Some(message),
            response: None,
            request_done: false,
            response_done: false,
            announced: false,
            notes,
            lost: None,
            last: at,
        });
        self.begin_body(info, side, Body::new(framing), at, out);
        Interest::Keep
    }

    fn on_response_head(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        whole: WholeHead<'_>,
        at: At,
        out: &mut HttpOutput,
    ) -> Interest {
        let bytes = whole.bytes.as_slice();
        let Ok(parsed) = head::response(bytes, out.limits.header_lines, &mut out.room.memo) else {
            out.stats.heads_unreadable += 1;
            self.lose(info, side, Outcome::Garbled, at, out);
            return Interest::Keep;
        };
        let status = parsed.head.status;
        let mut notes = parsed.notes;
        if (100..200).contains(&status) && status != 101 {
            let mut in_flight = self.work(out).in_flight.iter_mut();
            if let Some(waiting) = in_flight.find(|e| e.response.is_none()) {
                waiting.notes.add(Note::InterimResponse);
            }
            *self.state(side) = State::START;
            return Interest::Keep;
        }
        let message = message(whole, Arc::new(parsed.head), at);
        let uncertain = std::mem::take(&mut self.uncertain);
        let in_flight = &mut self.work(out).in_flight;
        let position = in_flight.iter().position(|e| e.response.is_none());
        let index = position.unwrap_or_else(|| {
            out.stats.responses_without_request += 1;
            in_flight.push_back(InFlight {
                id: out.next_id(),
                request: None,
                response: None,
                request_done: true,
                response_done: false,
                announced: false,
                notes: Notes::default(),
                lost: None,
                last: at,
            });
            in_flight.len() - 1
        });
        let Some(exchange) = in_flight.get_mut(index) else {
            return Interest::Keep;
        };
        if uncertain && exchange.request.is_some() {
            notes.add(Note::PairingUncertain);
        }
        let method = exchange.request.as_ref().map(|r| r.head.method());
        let is_head = method == Some(b"HEAD");
        let switches = status == 101 || (method == Some(b"CONNECT") && status / 100 == 2);
        let headers = &message.head.headers;
        note_named_in_connection(headers, &mut notes);
        let framing = body::of_response(headers, status, parsed.minor, is_head, &mut notes);
        if switches {
            notes.add(Note::SwitchedProtocol);
        }
        exchange.notes.extend(notes);
        exchange.response = Some(message);
        exchange.last = at;
        if switches {
            exchange.request_done = true;
            self.message_done(info, side, true, at, out);
            self.finish_all(info, Outcome::Unreadable, at, out);
            return Interest::Drop;
        }
        self.begin_body(info, side, Body::new(framing), at, out);
        Interest::Keep
    }

    fn begin_body(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        body: Body,
        at: At,
        out: &mut HttpOutput,
    ) {
        if body.is_empty() {
            *self.state(side) = State::START;
            self.message_done(info, side, true, at, out);
        } else {
            *self.state(side) = State::Body(body);
        }
    }

    /// The exchange whose message a side is sending.
    fn current(&mut self, side: Side) -> Option<&mut InFlight> {
        let in_flight = &mut self.work.as_mut()?.in_flight;
        if self.client == Some(side) {
            in_flight.back_mut().filter(|e| !e.request_done)
        } else {
            in_flight
                .iter_mut()
                .find(|e| e.response.is_some() && !e.response_done)
        }
    }

    fn count_body(&mut self, side: Side, bytes: u64, at: At) {
        let is_client = self.client == Some(side);
        let Some(exchange) = self.current(side) else {
            return;
        };
        if is_client {
            if let Some(message) = &mut exchange.request {
                message.body_bytes += bytes;
                message.end = at.time;
            }
        } else if let Some(message) = &mut exchange.response {
            message.body_bytes += bytes;
            message.end = at.time;
            exchange.last = at;
        }
    }

    /// A side's message came to its end, or will not go on.
    fn message_done(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        complete: bool,
        at: At,
        out: &mut HttpOutput,
    ) {
        let is_client = self.client == Some(side);
        let Some(exchange) = self.current(side) else {
            return;
        };
        if is_client {
            exchange.request_done = true;
            if let Some(message) = &mut exchange.request {
                end_message(message, complete, at);
            }
        } else {
            exchange.response_done = true;
            if let Some(message) = &mut exchange.response {
                end_message(message, complete, at);
            }
        }
        self.finish_done(info, at, out);
    }

    /// Tells of the exchanges at the front that are done.
    fn finish_done(&mut self, info: &ConnectionInfo, at: At, out: &mut HttpOutput) {
        while let Some(work) = &mut self.work
            && let Some(front) = work.in_flight.front()
            && front.request_done
            && front.response_done
        {
            if let Some(exchange) = work.in_flight.pop_front() {
                let complete = exchange.response.as_ref().is_some_and(|r| r.complete);
                let lost = exchange.lost.unwrap_or(Outcome::NotCaptured);
                let outcome = if complete { Outcome::Complete } else { lost };
                self.finish(info, exchange, outcome, at, out);
            }
        }
    }

    /// Tells of all exchanges: nothing more will come of them.
    fn finish_all(
        &mut self,
        info: &ConnectionInfo,
        outcome: Outcome,
        at: At,
        out: &mut HttpOutput,
    ) {
        while let Some(exchange) = self.pop_in_flight() {
            let outcome = match (&exchange.response, outcome) {
                (Some(response), _) if response.complete => Outcome::Complete,
                (None, Outcome::Closed | Outcome::Reset) if self.client_gone => Outcome::Aborted,
                _ => outcome,
            };
            self.finish(info, exchange, outcome, at, out);
        }
    }

    fn pop_in_flight(&mut self) -> Option<InFlight> {
        self.work.as_mut()?.in_flight.pop_front()
    }

    fn finish(
        &self,
        info: &ConnectionInfo,
        exchange: InFlight,
        outcome: Outcome,
        at: At,
        out: &mut HttpOutput,
    ) {
        let client = self.client.unwrap_or(Side::Client);
        let finished = Exchange {
            id: exchange.id,
            connection: info_for(info, client),
            request: exchange.request,
            response: exchange.response,
            outcome,
            notes: exchange.notes,
        };
        out.stats.count_outcome(outcome);
        out.push(at, HttpEvent::Finished(Arc::new(finished)));
    }
}

/// Notes where Connection names a header that decides of CORS.
fn note_named_in_connection(headers: &HeaderList, notes: &mut Notes) {
    let decides = |name: &[u8]| {
        let name = name.to_ascii_lowercase();
        name == b"origin" || name == b"vary" || name.starts_with(b"access-control-")
    };
    let mut named = headers.values("connection").flat_map(list_elements);
    if named.any(decides) {
        notes.add(Note::NamedInConnection);
    }
}

/// The connection's ends, the sender of requests as the client.
fn info_for(info: &ConnectionInfo, client: Side) -> ConnectionInfo {
    match client {
        Side::Client => *info,
        Side::Server => ConnectionInfo {
            client: info.server,
            server: info.client,
            ..*info
        },
    }
}

/// The message whose head was just read.
fn message<H>(whole: WholeHead<'_>, head: Arc<H>, at: At) -> Message<H> {
    Message {
        head,
        frames: whole.frames,
        start: whole.start,
        head_end: at.time,
        end: at.time,
        body_bytes: 0,
        complete: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::ConnectionTable;

    #[test]
    fn an_idle_connection_is_small() {
        let bytes = ConnectionTable::<Http1Connection>::BYTES_OF_IDLE;
        assert!(bytes <= 232, "{bytes}");
    }
}
