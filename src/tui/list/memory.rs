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

/// Takes room for all rows at once, when they have become many: room that nothing was written to costs no
/// memory, but growing would hold all of them twice.
pub(super) fn take_room<T>(rows: &mut Vec<T>, max: usize) {
    if rows.len() == rows.capacity() && rows.len() >= MANY {
        rows.reserve_exact(max.saturating_sub(rows.len()) + MANY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_copied_once() {
        const MAX: usize = 10 * MANY;
        let mut rows = Vec::new();
        let mut copied = 0;
        for row in 0..MAX {
            let before = rows.capacity();
            take_room(&mut rows, MAX);
            rows.push(row);
            copied += usize::from(row >= MANY && rows.capacity() != before);
        }
        assert_eq!(copied, 1);
        assert!(rows.capacity() <= MAX + MANY, "{}", rows.capacity());
    }
}
