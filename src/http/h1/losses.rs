//! Holes and ends of a stream: which messages they cut, and where reading goes on.

use crate::http::HttpOutput;
use crate::http::exchange::{Note, Outcome};
use crate::http::h1::Http1Connection;
use crate::http::h1::body::Body;
use crate::http::h1::reader::State;
use crate::http::h1::work::{Work, announce};
use crate::tcp::{At, ConnectionInfo, GapCause, Side};

impl Http1Connection {
    pub(super) fn on_gap(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        missing: u64,
        cause: GapCause,
        at: At,
        out: &mut HttpOutput,
    ) {
        let state = self.state(side);
        if let State::Body(mut body) = *state
            && body.skip_missing(missing)
        {
            *state = State::Body(body);
            self.count_body(side, missing, at);
            if let Some(exchange) = self.current(side) {
                exchange.notes.add(match cause {
                    GapCause::Lost => Note::GapInBody,
                    GapCause::Cut => Note::BodyCut,
                });
            }
            if body.is_empty() {
                *self.state(side) = State::START;
                self.message_done(info, side, true, at, out);
            }
            return;
        }
        let outcome = match cause {
            GapCause::Lost => Outcome::NotCaptured,
            GapCause::Cut => Outcome::CutBySnapLength,
        };
        self.lose(info, side, outcome, at, out);
    }

    /// Gives up what there is of a side's head, and its place in the stream.
    pub(super) fn give_up_head(&mut self, side: Side) {
        *self.state(side) = State::Lost;
        if let Some(work) = &mut self.work {
            work.partial(side).clear();
        }
    }

    /// A side's place in its stream is lost: its message ends here, whatever is left of it.
    pub(super) fn lose(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        outcome: Outcome,
        at: At,
        out: &mut HttpOutput,
    ) {
        let work = self.work.as_mut();
        let in_head = work.is_some_and(|work| !work.partial(side).is_empty());
        let was_lost = *self.state(side) == State::Lost;
        self.give_up_head(side);
        if self.client == Some(side) {
            out.stats.request_heads_lost += u64::from(in_head);
            self.message_done(info, side, false, at, out);
            return;
        }
        if self.client.is_none() {
            return;
        }
        if let Some(exchange) = self.current(side) {
            exchange.lost = Some(outcome);
            self.message_done(info, side, false, at, out);
            return;
        }
        let waits =
            |work: &Option<Box<Work>>| work.as_ref().is_some_and(|w| !w.in_flight.is_empty());
        if was_lost && !waits(&self.work) {
            return;
        }
        // The lost bytes held at least the beginning of the oldest answer that is waited for.
        if let Some(exchange) = self.pop_in_flight() {
            self.finish(info, exchange, outcome, at, out);
        }
        self.uncertain = waits(&self.work);
    }

    /// The server will send no more: its last message ends here, and nothing else is answered.
    pub(super) fn on_server_fin(&mut self, info: &ConnectionInfo, at: At, out: &mut HttpOutput) {
        let Some(client) = self.client else {
            return;
        };
        let side = client.other();
        let until_close = *self.state(side) == State::Body(Body::UntilClose);
        if *self.state(side) == (State::Head { recognised: true })
            && let Some(work) = &mut self.work
            && let Some(head) = work.partial(side).take_cut()
        {
            // Browsers take what there is of a head when the connection closes.
            self.on_head(info, side, head, at, out);
            if let Some(work) = &mut self.work {
                announce(work, out);
            }
        }
        self.give_up_head(side);
        if until_close && let Some(last) = self.current(side).map(|exchange| exchange.last) {
            // The message ended with its last byte, not with the FIN.
            self.message_done(info, side, true, last, out);
        }
        self.finish_all(info, Outcome::Closed, at, out);
    }
}
