//! Heads and bodies → exchanges: which response answers which request, and when an exchange is over.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::http::HttpOutput;
use crate::http::exchange::{Exchange, HttpEvent, Note, Notes, Outcome};
use crate::http::h1::Http1Connection;
use crate::http::h1::body::Body;
use crate::http::h1::head::{self, Parsed};
use crate::http::h1::reader::{Seen, State, WholeHead};
use crate::http::h1::strict;
use crate::http::h1::work::{InFlight, end_message};
use crate::http::message::{Message, RequestHead, ResponseHead};
use crate::tcp::{At, ConnectionInfo, Interest, Side};

impl Http1Connection {
    /// Takes the head that begins here, if it is in good order and whole in its segment, and says
    /// how many of the bytes belong to it.
    pub(super) fn on_plain_head(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        bytes: &[u8],
        at: At,
        out: &mut HttpOutput,
    ) -> Option<(usize, Interest)> {
        let (lines, memo) = (out.limits.header_lines, &mut out.room.memo);
        if self.client == Some(side) {
            let (parsed, used) = strict::request(bytes, lines, memo)?;
            self.is_http(info, at, out);
            let interest = self.on_request_head(info, side, (parsed, Seen::at(at)), at, out);
            Some((used, interest))
        } else {
            let (parsed, used) = strict::response(bytes, lines, memo)?;
            self.is_http(info, at, out);
            let interest = self.on_response_head(info, side, (parsed, Seen::at(at)), at, out);
            Some((used, interest))
        }
    }

    /// Takes a head that begins like one.
    pub(super) fn on_head(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        mut whole: WholeHead<'_>,
        at: At,
        out: &mut HttpOutput,
    ) -> (usize, Interest) {
        let (lines, memo) = (out.limits.header_lines, &mut out.room.memo);
        let (whole, is_request) = (&mut whole, self.client == Some(side));
        let interest = if is_request && let Ok(parsed) = head::request(whole, lines, memo) {
            let seen = std::mem::take(&mut whole.seen);
            self.on_request_head(info, side, (parsed, seen), at, out)
        } else if !is_request && let Ok(parsed) = head::response(whole, lines, memo) {
            let seen = std::mem::take(&mut whole.seen);
            self.on_response_head(info, side, (parsed, seen), at, out)
        } else {
            out.stats.heads_unreadable += 1;
            let outcome = if is_request {
                Outcome::Unreadable
            } else {
                Outcome::Garbled
            };
            self.lose(info, side, outcome, at, out);
            Interest::Keep
        };
        (whole.used, interest)
    }

    fn on_request_head(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        (parsed, seen): (Parsed<RequestHead>, Seen),
        at: At,
        out: &mut HttpOutput,
    ) -> Interest {
        if self.work(out).in_flight.len() >= out.limits.requests_in_flight {
            out.stats.too_many_in_flight += 1;
            self.finish_all(info, Outcome::Unreadable, at, out);
            return Interest::Drop;
        }
        let mut notes = parsed.notes;
        let framing = parsed.declared.of_request(&mut notes);
        let id = out.next_id();
        out.push(
            at,
            HttpEvent::Requested {
                id,
                connection: info_for(info, side),
                head: Arc::clone(&parsed.head),
                start: seen.start,
                frames: SmallVec::from_slice(&seen.frames),
            },
        );
        let in_flight = &mut self.work(out).in_flight;
        if in_flight.capacity() == 0 {
            // Most connections have one request at a time.
            in_flight.reserve_exact(1);
        }
        in_flight.push_back(InFlight {
            id,
            request: Some(message(parsed.head, seen, at)),
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
        (parsed, seen): (Parsed<ResponseHead>, Seen),
        at: At,
        out: &mut HttpOutput,
    ) -> Interest {
        let (status, minor, declared) = (parsed.head.status, parsed.minor, parsed.declared);
        let mut notes = parsed.notes;
        if (100..200).contains(&status) {
            let work = self.work(out);
            let mut in_flight = work.in_flight.iter_mut();
            let waiting = in_flight.find(|e| e.response.is_none());
            // Nobody switches who did not ask for it (RFC 9110 §15.2.2).
            let asked = waiting.as_ref().is_none_or(|waiting| {
                let request = waiting.request.as_ref();
                request.is_none_or(|request| request.head.headers.contains("upgrade"))
            });
            if status != 101 || !asked {
                if let Some(waiting) = waiting {
                    waiting.notes.add(Note::InterimResponse);
                }
                if status == 101 {
                    work.slop.pass_over_switch();
                }
                *self.state(side) = State::START;
                return Interest::Keep;
            }
        }
        let slop = self
            .work
            .as_mut()
            .map(|work| std::mem::take(&mut work.slop));
        let mut refused_by = slop.unwrap_or_default().refused_by();
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
        let framing = declared.of_response((status, minor), is_head, &mut refused_by, &mut notes);
        let mut head = parsed.head;
        if !refused_by.is_empty() {
            Arc::make_mut(&mut head).refused_by.extend(refused_by);
        }
        if switches {
            notes.add(Note::SwitchedProtocol);
        }
        exchange.notes.extend(notes);
        exchange.response = Some(message(head, seen, at));
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

    pub(super) fn begin_body(
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
    pub(super) fn current(&mut self, side: Side) -> Option<&mut InFlight> {
        let in_flight = &mut self.work.as_mut()?.in_flight;
        if self.client == Some(side) {
            in_flight.back_mut().filter(|e| !e.request_done)
        } else {
            in_flight
                .iter_mut()
                .find(|e| e.response.is_some() && !e.response_done)
        }
    }

    pub(super) fn count_body(&mut self, side: Side, bytes: u64, at: At) {
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
    pub(super) fn message_done(
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
    pub(super) fn finish_done(&mut self, info: &ConnectionInfo, at: At, out: &mut HttpOutput) {
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
    pub(super) fn finish_all(
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

    pub(super) fn pop_in_flight(&mut self) -> Option<InFlight> {
        self.work.as_mut()?.in_flight.pop_front()
    }

    pub(super) fn finish(
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
fn message<H>(head: Arc<H>, seen: Seen, at: At) -> Message<H> {
    Message {
        head,
        frames: seen.frames,
        start: seen.start,
        head_end: at.time,
        end: at.time,
        body_bytes: 0,
        complete: false,
    }
}
