//! One TCP connection's bytes → HTTP/1.x exchanges.
//!
//! Requests wait in order for their responses (RFC 9112 §9.3.2). A response that comes while none
//! waits is an exchange without a request. The TCP layer hands on a response only after the request
//! that it acknowledges, so order is all that pairing needs; after lost bytes it is marked as
//! uncertain.

mod beginning;
mod body;
mod declared;
mod dialect;
mod exchanges;
mod head;
mod losses;
mod memo;
mod mended;
mod reader;
mod slop;
mod strict;
mod work;

use crate::capture::frame::Timestamp;
use crate::http::HttpOutput;
use crate::http::exchange::Outcome;
use crate::http::h1::body::Skipped;
use crate::http::h1::reader::{Head, State, take_head};
use crate::http::h1::work::{SPARE_WORKS, Work, announce};
use crate::http::protocol::Protocol;
use crate::tcp::{Application, At, CloseCause, ConnectionInfo, Interest, Side, StreamEvent};

pub(super) use work::Room;

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

    #[inline]
    fn pass_over(&mut self, side: Side, bytes: usize, at: At, out: &mut HttpOutput) -> bool {
        let bytes = bytes as u64;
        if let State::Body(body) = self.state(side)
            && body.pass_over(bytes)
        {
            let at = self.in_order(at, out);
            self.count_body(side, bytes, at);
            return true;
        }
        false
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
                work.count_memory();
            }
        }
        interest
    }

    #[inline]
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

    /// Whether there is a part of a side's head.
    fn has_begun_head(&mut self, side: Side) -> bool {
        let work = self.work.as_mut();
        work.is_some_and(|work| !work.partial(side).is_empty())
    }

    /// When data was there for the other side. The capture may show a segment late: what comes after
    /// it in the conversation is then not earlier, though its frame is.
    #[inline]
    fn in_order(&mut self, at: At, out: &mut HttpOutput) -> At {
        self.latest = self.latest.max(at.time);
        out.earliest = self.latest;
        if self.latest == at.time || self.latest.since(at.time) > out.limits.reorder_time {
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
                    if !self.has_begun_head(side)
                        && let Some((used, interest)) =
                            self.on_plain_head(info, side, bytes, at, out)
                    {
                        if interest == Interest::Drop {
                            return interest;
                        }
                        bytes = bytes.get(used..).unwrap_or_default();
                        continue;
                    }
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
                            let (used, interest) = self.on_head(info, side, head, at, out);
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::ConnectionTable;

    #[test]
    fn an_idle_connection_is_small() {
        let bytes = ConnectionTable::<Http1Connection>::BYTES_OF_IDLE;
        assert!(bytes <= 216, "{bytes}");
    }
}
