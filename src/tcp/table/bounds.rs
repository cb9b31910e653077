//! Who is given up where connections are too many, or too much is in them.

use crate::capture::frame::Timestamp;
use crate::tcp::slot::{Phase, SlotRef};
use crate::tcp::{Application, CloseCause, ConnectionTable};

/// How many of the longest unattended connections are looked at to find one to evict.
const EVICTION_SAMPLE: usize = 16;

impl<A: Application> ConnectionTable<A> {
    /// Gives up connections with unfinished messages, those first that have been silent the longest,
    /// until what is left of them is within its bound.
    pub(super) fn keep_unfinished_within_bound(&mut self, out: &mut A::Output) {
        while self.unfinished_bytes > self.limits.unfinished_bytes
            && let Some((since, reference)) = self.unfinished.pop_front()
        {
            let Some(slot) = self.slots.get_mut(reference) else {
                continue;
            };
            let last_seen = slot.last_seen;
            let Some(connection) = &mut slot.connection else {
                continue;
            };
            if connection.unfinished_bytes() == 0 {
                connection.unfinished = false;
            } else if last_seen > since {
                self.unfinished.push_back((last_seen, reference));
            } else {
                self.stats.unfinished_overflows += 1;
                self.close(reference, CloseCause::Evicted, self.last, out);
            }
        }
    }

    /// Takes entries that count no more from a list that has become long by them.
    pub(super) fn tidy_unfinished(&mut self) {
        let open = self.expiry.count_of(Phase::Open);
        if self.unfinished.len() <= 2 * open + 1024 {
            return;
        }
        let slots = &mut self.slots;
        self.unfinished.retain(|(_, reference)| {
            let slot = slots.get_mut(*reference);
            let connection = slot.and_then(|slot| slot.connection.as_mut());
            connection.is_some_and(|connection| {
                connection.unfinished = connection.unfinished_bytes() > 0;
                connection.unfinished
            })
        });
    }

    /// Gives up one of the connections that have been silent the longest.
    pub(super) fn evict(&mut self, out: &mut A::Output) {
        if self.ended.forget_oldest() {
            return;
        }
        for phase in Phase::ALL {
            if phase == Phase::HalfOpen
                && let Some((key, syn)) = self.attempts.pop(self.latest())
            {
                self.stats.evicted += 1;
                self.end_attempt(&key, syn, CloseCause::Evicted, out);
                return;
            }
            let mut sample: Vec<(Timestamp, Timestamp, SlotRef)> = Vec::new();
            while sample.len() < EVICTION_SAMPLE {
                let Some((due, reference)) = self.expiry.pop(phase) else {
                    break;
                };
                let slot = self.slots.get_mut(reference);
                if let Some(slot) = slot.filter(|slot| slot.phase == phase) {
                    sample.push((slot.last_seen, due, reference));
                }
            }
            sample.sort_by_key(|(last_seen, ..)| std::cmp::Reverse(*last_seen));
            let oldest = sample.pop();
            for (_, due, reference) in sample {
                self.expiry.push(phase, (due, reference));
            }
            if let Some((_, _, reference)) = oldest {
                self.stats.evicted += 1;
                self.close(reference, CloseCause::Evicted, self.last, out);
                return;
            }
        }
    }
}
