//! When a transaction is told of: once nothing more can come, or as long as one waits for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::capture::frame::Timestamp;
use crate::cors::pairing::Pairing;
use crate::cors::pairing::slots::Place;
use crate::cors::transaction::Half;

/// How often, in capture time, unanswered preflights are looked at.
const SWEEP: Duration = Duration::from_secs(1);

impl Pairing {
    /// Lets capture time pass.
    #[inline]
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        if self.now > self.next_due {
            self.settle_due(self.now);
        }
        while self.open_bytes > self.limits.open_transaction_bytes
            && let Some(oldest) = self.oldest()
        {
            self.settle(oldest);
        }
    }

    /// Settles what has waited long enough.
    fn settle_due(&mut self, now: Timestamp) {
        loop {
            let due = |queue: &VecDeque<(Timestamp, Place)>| {
                let front = queue.front().copied();
                front.filter(|(due, _)| *due < now)
            };
            let (due, place) = match (due(&self.refused), due(&self.waiting)) {
                (Some(refused), Some(waiting)) if refused < waiting => {
                    self.refused.pop_front();
                    refused
                }
                (_, Some(waiting)) => {
                    self.waiting.pop_front();
                    waiting
                }
                (Some(refused), None) => {
                    self.refused.pop_front();
                    refused
                }
                (None, None) => break,
            };
            if let Some(open) = self.open.get_mut(place)
                && open.deadline == Some(due)
            {
                open.deadline = None;
                self.settle_if_done(place);
            }
        }
        if self.now > self.next_sweep {
            self.next_sweep = self.now.plus(SWEEP);
            self.give_up_unanswered();
        }
        let fronts = [&self.refused, &self.waiting].map(|queue| queue.front().map(|(due, _)| *due));
        let dues = fronts.into_iter().flatten();
        self.next_due = dues.fold(self.next_sweep, Timestamp::min);
    }

    /// Settles preflights that have waited for a response longer than any browser does.
    fn give_up_unanswered(&mut self) {
        while let Some((due, place)) = self.unanswered.front().copied() {
            let waits = self.open.get(place).is_some_and(|open| {
                let preflight = open.preflight.as_ref().filter(|_| open.actual.is_none());
                preflight.is_some_and(|half| half.response.is_none())
            });
            if waits && due >= self.now {
                return;
            }
            self.unanswered.pop_front();
            if waits {
                self.settle(place);
            }
        }
    }

    /// Settles everything: nothing more will come.
    pub fn finish(&mut self) {
        while let Some(oldest) = self.oldest() {
            self.settle(oldest);
        }
    }

    /// The transaction that began first of those that are open, to be settled.
    pub(super) fn oldest(&mut self) -> Option<Place> {
        loop {
            let oldest = self.begun.pop_front()?;
            if self.open.contains(oldest) {
                return Some(oldest);
            }
        }
    }

    /// Gives a transaction a while to be continued.
    pub(super) fn wait(&mut self, place: Place, refused: bool) {
        let (queue, wait) = if refused {
            (&mut self.refused, self.limits.refused_wait)
        } else {
            (&mut self.waiting, self.limits.actual_wait)
        };
        let due = self.now.plus(wait);
        self.next_due = self.next_due.min(due);
        if let Some(open) = self.open.get_mut(place) {
            open.deadline = Some(due);
            queue.push_back((due, place));
        }
        if queue.len() > 2 * self.open.len() + 1024 {
            // Capture time may stand still: dates that count no more must not pile up.
            let open = &self.open;
            queue.retain(|(due, place)| {
                let open = open.get(*place);
                open.is_some_and(|open| open.deadline == Some(*due))
            });
        }
    }

    /// Notes what a transaction takes, after something was added to it.
    pub(super) fn weigh(&mut self, place: Place) {
        if let Some(open) = self.open.get_mut(place) {
            self.open_bytes -= open.weight;
            open.weight = open.memory();
            self.open_bytes += open.weight;
        }
    }

    /// Settles a transaction that has nothing to wait for.
    pub(super) fn settle_if_done(&mut self, place: Place) {
        let done = self.open.get(place).is_some_and(|open| {
            let over = |half: &Option<Half>| half.as_ref().is_none_or(|h| h.exchange.is_some());
            open.deadline.is_none() && over(&open.preflight) && over(&open.actual)
        });
        if done {
            self.settle(place);
        }
    }

    pub(super) fn settle(&mut self, place: Place) {
        let Some(open) = self.open.remove(place) else {
            return;
        };
        self.open_bytes -= open.weight;
        if let Some(hop) = open.next_hop
            && self.next_hops.get(&hop) == Some(&place)
        {
            self.next_hops.remove(&hop);
        }
        let transaction = open.into_transaction(place.id, &mut self.judgements);
        self.settled.push(Arc::new(transaction));
    }
}
