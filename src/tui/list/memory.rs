//! Forgetting what is too much: the oldest transactions first, their rows much later.

use crate::tui::list::List;
use crate::tui::list::sorting::Sorting;

/// Rows that may be copied as they become more.
const MANY: usize = 1 << 16;

impl List {
    /// Rows that were forgotten, as there were too many.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Takes room for all rows at once, when they have become many: room that nothing was written to costs no
    /// memory, but growing would hold all of them twice.
    pub(super) fn take_room(&mut self) {
        let len = self.entries.len();
        if len == self.entries.capacity() && len >= MANY {
            let more = self.max_rows.saturating_sub(len) + MANY;
            self.entries.reserve_exact(more);
        }
    }

    /// Forgets the oldest rows, some more than must be, so that it is done seldom.
    pub(super) fn forget_rows(&mut self) {
        let Some(beyond) = self
            .entries
            .len()
            .checked_sub(self.max_rows)
            .filter(|n| *n > 0)
        else {
            return;
        };
        let gone = (beyond + self.max_rows / 16).min(self.entries.len());
        let selected = self.selected_place();
        self.forgotten += gone as u64;
        for entry in self.entries.drain(..gone) {
            self.marks.remove(&entry.row.id);
        }
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        let shift = |place: &mut u32| {
            let stays = *place >= gone;
            *place = place.saturating_sub(gone);
            stays
        };
        self.order.retain_mut(shift);
        self.late.retain_mut(shift);
        if let Some(sorting) = self.sorting.take() {
            let mut places = sorting.into_places();
            places.retain_mut(shift);
            self.sorting = Some(Sorting::new(places));
        }
        while self.full.front().is_some_and(|(place, _)| *place < gone) {
            self.full_bytes -= self.full.pop_front().map_or(0, |(_, bytes)| bytes);
        }
        for (place, _) in &mut self.full {
            *place -= gone;
        }
        self.wished = None;
        self.select_place(selected.and_then(|place| place.checked_sub(gone)));
    }

    /// Forgets the oldest transactions, but not their rows.
    pub(super) fn forget_transactions(&mut self) {
        while self.full_bytes > self.max_bytes {
            let Some((place, bytes)) = self.full.pop_front() else {
                return;
            };
            self.full_bytes -= bytes;
            if let Some(entry) = self.entries.get_mut(place as usize) {
                entry.transaction = None;
            }
        }
    }
}
