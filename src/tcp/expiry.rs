//! When connections are forgotten that have been silent for too long.
//!
//! Each slot is on one queue, by its phase: half-open or open. All entries of a queue live equally
//! long, so its front is the next to fall due; one that was active since is put back with a new date.

use std::time::Duration;

use crate::capture::frame::Timestamp;
use crate::limits::Limits;
use crate::tcp::chunks::Chunks;
use crate::tcp::slot::{Phase, SlotRef};

/// The dates of all slots.
pub(super) struct Expiry {
    /// In the order of [`Phase::ALL`].
    queues: [Chunks<Date>; Phase::ALL.len()],
    /// How many slots are in each phase.
    counts: [usize; Phase::ALL.len()],
    lifetimes: [Duration; Phase::ALL.len()],
    /// No queue has anything that is due before.
    next_due: Timestamp,
}

/// When a slot falls due, unless it was active since.
pub(super) type Date = (Timestamp, SlotRef);

impl Expiry {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            queues: [const { Chunks::new() }; Phase::ALL.len()],
            counts: Default::default(),
            lifetimes: Phase::ALL.map(|phase| match phase {
                Phase::HalfOpen => limits.half_open,
                Phase::Open => limits.idle,
            }),
            next_due: Timestamp::MAX,
        }
    }

    /// A slot that was last active then comes into a phase.
    pub(super) fn enter(&mut self, phase: Phase, last_seen: Timestamp, reference: SlotRef) {
        self.count(phase, 1);
        let due = self.due(phase, last_seen);
        self.next_due = self.next_due.min(due);
        self.push(phase, (due, reference));
    }

    /// A slot leaves a phase; its date stays, and counts no more.
    pub(super) fn leave(&mut self, phase: Phase) {
        self.count(phase, -1);
    }

    fn count(&mut self, phase: Phase, change: isize) {
        if let Some(count) = self.counts.get_mut(phase as usize) {
            *count = count.saturating_add_signed(change);
        }
    }

    /// How many slots are in a phase.
    pub(super) fn count_of(&self, phase: Phase) -> usize {
        self.counts.get(phase as usize).copied().unwrap_or_default()
    }

    /// When a slot falls due that was last active then.
    pub(super) fn due(&self, phase: Phase, last_seen: Timestamp) -> Timestamp {
        let lifetime = self.lifetimes.get(phase as usize).copied();
        last_seen.plus(lifetime.unwrap_or_default())
    }

    /// Whether something may be due.
    #[inline]
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        now > self.next_due
    }

    /// Something else falls due then.
    pub(super) fn remember(&mut self, due: Timestamp) {
        self.next_due = self.next_due.min(due);
    }

    /// Looks again what falls due next: the fronts of the queues, or one of these.
    pub(super) fn look_ahead(&mut self, others: [Option<Timestamp>; 2]) {
        let fronts = self.queues.iter().map(Chunks::front);
        let dues = fronts.map(|front| front.map(|(due, _)| *due));
        let next = dues.chain(others).flatten().min();
        self.next_due = next.unwrap_or(Timestamp::MAX);
    }

    /// Takes the first date of a phase, if it is over.
    pub(super) fn pop_due(&mut self, phase: Phase, now: Timestamp) -> Option<Date> {
        let queue = self.queues.get_mut(phase as usize)?;
        let (due, _) = queue.front()?;
        if *due < now { queue.pop_front() } else { None }
    }

    /// Takes the first date of a phase.
    pub(super) fn pop(&mut self, phase: Phase) -> Option<Date> {
        self.queues.get_mut(phase as usize)?.pop_front()
    }

    /// Puts a date at the end of a phase's queue.
    pub(super) fn push(&mut self, phase: Phase, date: Date) {
        if let Some(queue) = self.queues.get_mut(phase as usize) {
            queue.push_back(date);
        }
    }

    /// Takes the dates that count no more from queues that have become long by them: capture time may
    /// stand still, and then none of them falls due.
    pub(super) fn tidy(&mut self, mut phase_of: impl FnMut(SlotRef) -> Option<Phase>) {
        for ((queue, count), phase) in self.queues.iter_mut().zip(self.counts).zip(Phase::ALL) {
            if queue.len() > 2 * count + 1024 {
                queue.retain(|(_, reference)| phase_of(*reference) == Some(phase));
            }
        }
    }

    /// The longest queue.
    #[cfg(test)]
    pub(super) fn longest(&self) -> usize {
        let lengths = self.queues.iter().map(Chunks::len);
        lengths.max().unwrap_or_default()
    }
}
