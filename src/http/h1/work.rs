//! What is kept of a connection while a message is under way.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::http::HttpOutput;
use crate::http::exchange::{ExchangeId, HttpEvent, Notes, Outcome};
use crate::http::h1::memo::Memo;
use crate::http::h1::reader::Partial;
use crate::http::h1::slop::Slop;
use crate::http::message::{Message, RequestHead, ResponseHead};
use crate::tcp::{At, Side};

/// An exchange under way.
pub(super) struct InFlight {
    pub(super) id: ExchangeId,
    pub(super) request: Option<Message<RequestHead>>,
    pub(super) response: Option<Message<ResponseHead>>,
    pub(super) request_done: bool,
    pub(super) response_done: bool,
    /// The response's head was told of.
    pub(super) announced: bool,
    pub(super) notes: Notes,
    /// Why the response is not whole, where its bytes were lost.
    pub(super) lost: Option<Outcome>,
    /// Where the latest bytes of the response came from.
    pub(super) last: At,
}

impl InFlight {
    /// The memory that its messages take.
    pub(super) fn messages(&self) -> usize {
        let request = self.request.as_ref().map(|m| m.head.memory());
        let response = self.response.as_ref().map(|m| m.head.memory());
        request.unwrap_or_default() + response.unwrap_or_default()
    }
}

/// What a connection holds while a message is under way: nothing of it between exchanges, when most
/// connections do nothing.
#[derive(Default)]
pub(in crate::http) struct Work {
    pub(super) in_flight: VecDeque<InFlight>,
    pub(super) client_partial: Partial,
    pub(super) server_partial: Partial,
    /// What stood before the response that is to come.
    pub(super) slop: Slop,
    /// The memory that it was last found to take.
    memory: usize,
}

impl Work {
    pub(super) fn is_done(&self) -> bool {
        self.in_flight.is_empty()
            && self.client_partial.is_empty()
            && self.server_partial.is_empty()
    }

    /// The memory that it takes, with all that hangs on it, as it was last counted.
    #[inline]
    pub(super) fn memory(&self) -> usize {
        self.memory
    }

    /// Counts what it takes, after something was added to it or taken from it.
    pub(super) fn count_memory(&mut self) {
        /// What an allocator needs for the allocations of this one and of a head begun.
        const ALLOCATIONS: usize = 32;
        let heads = self.client_partial.capacity() + self.server_partial.capacity();
        let exchanges = self.in_flight.capacity() * size_of::<InFlight>();
        let messages: usize = self.in_flight.iter().map(InFlight::messages).sum();
        self.memory = size_of::<Self>() + ALLOCATIONS + heads + exchanges + messages;
    }

    pub(super) fn partial(&mut self, side: Side) -> &mut Partial {
        match side {
            Side::Client => &mut self.client_partial,
            Side::Server => &mut self.server_partial,
        }
    }
}

/// Room that connections use in turn, kept to spare allocations.
pub(in crate::http) struct Room {
    #[expect(clippy::vec_box, reason = "connections hold them boxed")]
    pub(super) works: Vec<Box<Work>>,
    /// For the pieces of a head's beginning.
    pub(super) joined: Vec<u8>,
    pub(super) memo: Memo,
}

impl Room {
    /// With a memory of so many header lists.
    pub(in crate::http) fn new(remembered_heads: usize) -> Self {
        Self {
            works: Vec::new(),
            joined: Vec::new(),
            memo: Memo::new(remembered_heads),
        }
    }
}

/// How many unused [`Work`]s are kept: as many as exchanges begin and end between two that last.
pub(super) const SPARE_WORKS: usize = 64;

/// Tells of response heads whose message is not over yet.
pub(super) fn announce(work: &mut Work, out: &mut HttpOutput) {
    for exchange in &mut work.in_flight {
        if exchange.announced {
            continue;
        }
        let Some(response) = &exchange.response else {
            break;
        };
        exchange.announced = true;
        let event = HttpEvent::Responded {
            id: exchange.id,
            head: Arc::clone(&response.head),
            time: response.head_end,
        };
        let at = At {
            frame: response.frames.last().copied().unwrap_or_default(),
            time: response.head_end,
        };
        out.push(at, event);
    }
}

pub(super) fn end_message<H>(message: &mut Message<H>, complete: bool, at: At) {
    message.complete = complete;
    message.end = at.time;
    if message.frames.last() != Some(&at.frame) {
        message.frames.push(at.frame);
    }
}
