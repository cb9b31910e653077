//! What waits in a connection goes on, or its waiting ends: when its turn comes, when it has waited
//! for longer than a capture can reorder frames, when too much waits.

use crate::tcp::connection::{Connection, Context, State};
use crate::tcp::direction::{Direction, Presence};
use crate::tcp::lateness::Lateness;
use crate::tcp::{Application, At, GapCause, Side, StreamEvent};

impl<A: Application> Connection<A> {
    /// Hands on whatever can go on, in both directions.
    pub(super) fn drain(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        if self.undecided {
            return;
        }
        loop {
            let client = self.drain_side(Side::Client, at, cx);
            let server = self.drain_side(Side::Server, at, cx);
            if !client && !server {
                return;
            }
        }
    }

    pub(super) fn drain_side(
        &mut self,
        side: Side,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) -> bool {
        let mut progress = false;
        loop {
            let direction = self.direction(side);
            if !direction.started {
                return progress;
            }
            let next = direction.next;
            let Some((offset, stored)) = direction.first_waiting() else {
                break;
            };
            let acknowledged = stored.acknowledgement;
            if offset > next || !self.peer_has_come_to(side, acknowledged) {
                break;
            }
            if let Some((offset, stored)) = self.direction(side).take_first() {
                self.deliver(side, offset, &stored.bytes, stored.cut, stored.at, cx);
                progress = true;
            }
        }
        let direction = self.direction(side);
        if !direction.finished && direction.fin() == Some(direction.next) {
            direction.finish();
            self.hand_on(side, StreamEvent::Fin, at, cx);
            progress = true;
        }
        progress
    }

    pub(super) fn update_stuck(&mut self, at: At) {
        self.client.update_stuck(at, self.undecided);
        self.server.update_stuck(at, self.undecided);
    }

    /// Keeps the bytes of one direction that wait within their bound.
    pub(super) fn enforce_bound(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        for side in [Side::Client, Side::Server] {
            while self.direction(side).waiting_bytes() > cx.limits.out_of_order_bytes {
                cx.stats.out_of_order_overflows += 1;
                self.give_up(side, at, cx);
            }
        }
    }

    /// Gives up what the fullest direction waits for.
    pub(in crate::tcp) fn shed(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        cx.stats.out_of_order_overflows += 1;
        for side in [Side::Client, Side::Server] {
            while self.direction(side).waiting_bytes() > 0 {
                self.give_up(side, at, cx);
            }
        }
        // What held them is not needed any more.
        self.update_stuck(at);
    }

    /// Makes the first waiting segment of a side go on, whatever it waits for.
    pub(super) fn give_up(&mut self, side: Side, at: At, cx: &mut Context<'_, A::Output>) {
        self.decide();
        self.give_up_hole(side.other(), true, at, cx);
        self.give_up_hole(side, false, at, cx);
        self.drain(at, cx);
        let direction = self.direction(side);
        if direction.waiting_bytes() > cx.limits.out_of_order_bytes
            && let Some((offset, stored)) = direction.take_first()
        {
            direction.next = direction.next.max(offset);
            self.deliver(side, offset, &stored.bytes, stored.cut, stored.at, cx);
        }
    }

    pub(super) fn give_up_hole(
        &mut self,
        side: Side,
        evidence: bool,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        let missing = self.direction(side).give_up_hole(evidence);
        if missing > 0 {
            cx.stats.gaps += 1;
            cx.stats.gap_bytes += missing;
            let cause = GapCause::Lost;
            self.hand_on(side, StreamEvent::Gap { missing, cause }, at, cx);
        }
    }

    /// Ends the waiting of those directions that have been stuck for longer than a capture can
    /// reorder frames.
    pub(in crate::tcp) fn settle(
        &mut self,
        lateness: &Lateness,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) -> State {
        let undecided = self.undecided;
        for side in [Side::Client, Side::Server] {
            let direction = self.direction(side);
            let stuck_since = direction.stuck_since();
            let expired = stuck_since.is_some_and(|since| lateness.is_over(since));
            if !expired {
                continue;
            }
            if direction.presence == Presence::Unseen {
                direction.presence = Presence::Absent;
            }
            self.decide();
            let direction = self.direction(side);
            if direction.reset().is_some() {
                self.flush(at, cx);
                return State::Reset(side);
            }
            if !undecided {
                // Where the beginning was waited for, the waiting for a hole begins now.
                self.give_up_hole(side, true, at, cx);
            }
            self.drain(at, cx);
        }
        self.update_stuck(at);
        self.state()
    }

    /// Hands on everything that waits, with its gaps.
    pub(super) fn flush(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        self.decide();
        loop {
            for side in [Side::Client, Side::Server] {
                self.give_up_hole(side, true, at, cx);
            }
            self.drain(at, cx);
            let first = |d: &Direction| d.first_waiting().map(|(_, stored)| stored.at.frame);
            let side = match (first(&self.client), first(&self.server)) {
                (None, None) => return,
                (Some(client), Some(server)) if server < client => Side::Server,
                (Some(_), _) => Side::Client,
                (None, Some(_)) => Side::Server,
            };
            self.give_up_hole(side, false, at, cx);
            if let Some((offset, stored)) = self.direction(side).take_first() {
                self.deliver(side, offset, &stored.bytes, stored.cut, stored.at, cx);
            }
        }
    }
}
