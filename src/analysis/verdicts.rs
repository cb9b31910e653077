//! The second half of an analysis: what the HTTP layer tells of → transactions with verdicts.

use crate::analysis::order::TimeOrder;
use crate::analysis::{Step, Update};
use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::browser::Assumptions;
use crate::cors::pairing::Pairing;
use crate::http::connecting::Connecting;
use crate::http::exchange::HttpEvent;
use crate::limits::Limits;
use crate::tcp::At;

/// HTTP events in, transactions out.
pub(crate) struct Verdicts {
    order: TimeOrder,
    pairing: Pairing,
    updates: Vec<Update>,
}

impl Verdicts {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            order: TimeOrder::new(limits),
            pairing: Pairing::new(limits),
            updates: Vec::new(),
        }
    }

    pub(super) fn assume(&mut self, assumptions: Assumptions) {
        self.pairing.assume(assumptions);
    }

    pub(super) fn tell_refusals(&mut self) {
        self.pairing.tell_refusals();
    }

    /// Takes the events of a frame, or of a silence.
    #[inline]
    pub(crate) fn take(&mut self, step: Step, events: impl Iterator<Item = (At, HttpEvent)>) {
        self.order.advance(step.over);
        self.order.take(step.frame, events);
        while let Some((time, event)) = self.order.next(step.frame) {
            self.on_http(time, event);
        }
        self.pairing.advance(step.over);
        if self.pairing.has_settled() {
            self.collect();
        }
    }

    /// Whether anything was found since the last call of `drain_updates`.
    pub(crate) fn has_updates(&self) -> bool {
        !self.updates.is_empty()
    }

    /// Takes the last events, and settles what is open.
    pub(crate) fn finish(&mut self, events: impl Iterator<Item = (At, HttpEvent)>) {
        self.order.take(FrameNumber(u64::MAX), events);
        while let Some((time, event)) = self.order.next_of_all() {
            self.on_http(time, event);
        }
        self.pairing.finish();
        self.collect();
    }

    /// Takes what was found since the last call, in the order in which it was settled.
    pub(crate) fn drain_updates(&mut self) -> std::vec::Drain<'_, Update> {
        self.updates.drain(..)
    }

    fn on_http(&mut self, time: Timestamp, event: HttpEvent) {
        self.pairing.advance(time);
        match event {
            HttpEvent::Requested {
                id,
                connection,
                head,
                start,
                frames,
            } => self
                .pairing
                .on_requested(id, &connection, head, start, frames),
            HttpEvent::Responded { id, head, time } => {
                self.pairing.on_responded(id, head, time);
            }
            HttpEvent::Finished(exchange) => {
                self.pairing.on_finished(&exchange);
                if self.pairing.has_settled() {
                    self.collect();
                }
                self.updates.push(Update::Exchange(exchange));
            }
            HttpEvent::Connecting(told) => {
                if let Connecting::Failed(failure) = &told {
                    self.pairing.on_connect_failed(failure);
                }
                self.updates.push(Update::Connecting(told));
            }
        }
    }

    fn collect(&mut self) {
        let refused = self.pairing.drain_refusals();
        self.updates.extend(refused.map(Update::Refusal));
        let settled = self.pairing.drain();
        self.updates.extend(settled.map(Update::Transaction));
    }
}
