//! A filter over transactions that are not kept: they are read again, beside the screen.

use crate::capture::frame::FrameNumber;
use crate::cors::transaction::TransactionId;
use crate::filter::{Filter, Lints};
use crate::tui::app::{App, Effect};

/// Which transactions to read again, and what for.
#[derive(Debug)]
pub struct RefilterOrder {
    /// Its number: what is found for an earlier one is of no use any more.
    pub run: u64,
    /// What they must match.
    pub filter: Filter,
    /// The advice that it looks at.
    pub lints: Lints,
    /// The last frame of the last one.
    pub last: FrameNumber,
}

/// What was found so far.
#[derive(Debug)]
pub struct Refiltered {
    /// The number of the order.
    pub run: u64,
    /// Those that match, beside the ones that were told before.
    pub matching: Vec<TransactionId>,
    /// The frame that was reached; `None` where that is all.
    pub reached: Option<FrameNumber>,
}

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Refilter {
    run: u64,
    /// Rows that are not shown yet, with their places, in the order of their numbers; none while nothing is under way.
    rows: Vec<(TransactionId, u32)>,
    reached: FrameNumber,
    last: FrameNumber,
}

impl App {
    /// Has the transactions of these rows read again, as the filter cannot be applied to the rows alone.
    pub(super) fn refilter(&mut self, places: &[u32]) {
        self.end_refilter();
        let entries = self.list.entries();
        let rows = places.iter().filter_map(|place| {
            let row = &entries.get(*place as usize)?.row;
            Some((row, *place))
        });
        let Some(last) = rows.clone().map(|(row, _)| row.last_frame).max() else {
            return;
        };
        let mut rows: Vec<_> = rows.map(|(row, place)| (row.id, place)).collect();
        rows.sort_unstable();
        let (filter, lints) = self.filtering.parts();
        let state = &mut self.refilter;
        state.rows = rows;
        state.last = last;
        state.reached = FrameNumber::default();
        let order = RefilterOrder {
            run: state.run,
            filter,
            lints,
            last,
        };
        self.effects.push(Effect::Refilter(Some(Box::new(order))));
    }

    /// Ends it, as another filter is wanted.
    pub(super) fn end_refilter(&mut self) {
        self.refilter.run += 1;
        if !self.refilter.rows.is_empty() {
            self.refilter.rows.clear();
            self.effects.push(Effect::Refilter(None));
        }
    }

    /// Takes what was found.
    pub fn on_refiltered(&mut self, found: &Refiltered) {
        let state = &mut self.refilter;
        if found.run != state.run {
            return;
        }
        let place_of = |id: &TransactionId| {
            let at = state.rows.binary_search_by_key(id, |(id, _)| *id).ok()?;
            state.rows.get(at).map(|(_, place)| *place)
        };
        let places: Vec<u32> = found.matching.iter().filter_map(place_of).collect();
        match found.reached {
            Some(reached) => state.reached = reached,
            None => state.rows.clear(),
        }
        self.list.show_too(&places);
    }

    /// How much of it is done, of a hundred; `None` where nothing is under way.
    #[must_use]
    pub fn refiltered(&self) -> Option<u64> {
        let state = &self.refilter;
        let is_running = !state.rows.is_empty();
        is_running.then(|| state.reached.0.min(state.last.0) * 100 / state.last.0.max(1))
    }
}
