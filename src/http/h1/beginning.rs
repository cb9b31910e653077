//! Whether a message begins where one should, and where reading can go on after a loss.

use crate::http::HttpOutput;
use crate::http::exchange::Outcome;
use crate::http::h1::Http1Connection;
use crate::http::h1::reader::State;
use crate::http::h1::slop::{StatusLine, status_line};
use crate::http::protocol::{Protocol, Sniff, sniff, sniff_anywhere};
use crate::tcp::{At, ConnectionInfo, Interest, Side};

/// Bytes after which something that still does not look like a head is none: what begins a head
/// shows it sooner, but for blanks before it, which would be searched again with each segment.
const LONGEST_UNDECIDED: usize = 1024;

impl Http1Connection {
    /// Looks whether a head begins here, where the place in the stream is not known.
    pub(super) fn resynchronise(&mut self, side: Side, bytes: &[u8]) -> bool {
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
    pub(super) fn without_slop<'b>(
        &mut self,
        side: Side,
        bytes: &'b [u8],
        out: &mut HttpOutput,
    ) -> &'b [u8] {
        let partial = self.work.as_mut().map(|work| work.partial(side));
        let Some(partial) = partial.filter(|partial| !partial.is_empty()) else {
            let blank = |b: &&u8| matches!(b, b'\r' | b'\n');
            let blanks = bytes.iter().take_while(blank).count();
            let beginning = bytes.get(blanks..).unwrap_or_default();
            let place = match status_line(beginning) {
                StatusLine::At(place) => place,
                StatusLine::Undecided | StatusLine::None => 0,
            };
            let (slop, rest) = bytes.split_at(blanks + place);
            if !slop.is_empty()
                && let Some(work) = &mut self.work
            {
                work.slop.pass_over(slop);
            }
            return rest;
        };
        let beginning = partial.beginning(bytes, &mut out.room.joined);
        match status_line(beginning) {
            StatusLine::At(place) => {
                let slop = beginning.get(..place).unwrap_or_default();
                let rest = place - partial.drop_first(place);
                if let Some(work) = &mut self.work {
                    work.slop.pass_over(slop);
                }
                bytes.get(rest..).unwrap_or_default()
            }
            StatusLine::Undecided | StatusLine::None => bytes,
        }
    }

    /// A head begins like one: the connection is HTTP.
    pub(super) fn is_http(&mut self, info: &ConnectionInfo, at: At, out: &mut HttpOutput) {
        if self.protocol == Protocol::Silent {
            out.connected(info, at);
        }
        self.protocol = Protocol::Http1;
    }

    /// Looks whether what stands where a head should be begins like one; what to do where not.
    pub(super) fn check_beginning(
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
        } else if self.client == Some(side.other()) && status_line(beginning) == StatusLine::At(0) {
            Sniff::Response
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
            self.is_http(info, at, out);
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
}
