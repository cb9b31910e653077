//! The rows: which are shown, in which order, which is selected and which are marked.
//!
//! Whatever changes the order, the selected transaction stays selected. `sorting` puts rows in order, a piece at a
//! time; `memory` forgets what is too much.

mod column;
mod memory;
mod sorting;

use std::cmp::Ordering;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::cors::transaction::{Transaction, TransactionId};
use crate::limits::Limits;
use crate::session::Row;
use sorting::{Sorting, sort_in};

pub use column::Column;

/// A row with its transaction.
#[derive(Debug)]
pub struct Entry {
    /// What the list shows.
    pub row: Row,
    /// All about it; `None` where it was forgotten, and can be read again.
    pub transaction: Option<Arc<Transaction>>,
}

/// The list.
#[derive(Debug)]
pub struct List {
    entries: Vec<Entry>,
    /// Those that are shown, in their order, as places in `entries`.
    order: Vec<u32>,
    column: Column,
    reversed: bool,
    /// Those that will be shown, while they are being sorted.
    sorting: Option<Sorting>,
    /// Those to be shown too that came meanwhile.
    late: Vec<u32>,
    /// Place in `order`.
    cursor: usize,
    /// The selected one while it is not shown, to be selected again when it is.
    wished: Option<u32>,
    /// Place in `order` of the first row on the screen.
    top: usize,
    /// Rows on the screen.
    height: usize,
    marks: BTreeSet<TransactionId>,
    /// Those that are kept in full, oldest first: their places, and about how many bytes they take.
    full: VecDeque<(u32, usize)>,
    full_bytes: usize,
    /// Rows that were forgotten.
    forgotten: u64,
    max_rows: usize,
    max_bytes: usize,
    /// Whether the selection moves on to new rows.
    pub follow: bool,
}

impl List {
    /// An empty one that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            entries: Vec::new(),
            order: Vec::new(),
            column: Column::default(),
            reversed: false,
            sorting: None,
            late: Vec::new(),
            cursor: 0,
            wished: None,
            top: 0,
            height: 0,
            marks: BTreeSet::new(),
            full: VecDeque::new(),
            full_bytes: 0,
            forgotten: 0,
            max_rows: limits.rows.max(1),
            max_bytes: limits.transaction_bytes,
            follow: false,
        }
    }

    /// Adds transactions, those of them shown that `shows` wants.
    pub fn add(
        &mut self,
        new: impl IntoIterator<Item = (Row, Arc<Transaction>)>,
        shows: impl Fn(&Entry) -> bool,
    ) {
        let selected = self.selected_place();
        let before = self.order.len();
        for (row, transaction) in new {
            let bytes = transaction.weight();
            let transaction = Some(transaction);
            let entry = Entry { row, transaction };
            if let Some(shown) = self.shown_early(&entry) {
                *shown = entry;
                continue;
            }
            let Ok(place) = u32::try_from(self.entries.len()) else {
                return;
            };
            self.full.push_back((place, bytes));
            self.full_bytes += bytes;
            if shows(&entry) {
                self.order.push(place);
            }
            memory::take_room(&mut self.entries, self.max_rows);
            self.entries.push(entry);
        }
        if let Some(new) = self.order.get(before..).filter(|_| self.sorting.is_some()) {
            self.late.extend(new);
        } else if self.order.len() > before && self.sort_in(before) <= self.cursor {
            self.select_place(selected);
        }
        self.forget_rows();
        self.forget_transactions();
        if self.follow {
            self.move_to(usize::MAX);
        }
    }

    /// The row of the same transaction, where it was shown before its client went on in spite of a
    /// refused preflight.
    fn shown_early(&mut self, entry: &Entry) -> Option<&mut Entry> {
        /// More transactions than settle while one waits.
        const RECENT: usize = 4096;
        let transaction = entry.transaction.as_ref()?;
        let preflight = transaction.preflight.as_ref();
        if preflight.is_none_or(|preflight| preflight.passes) || transaction.actual.is_none() {
            return None;
        }
        let recent = self.entries.iter_mut().rev().take(RECENT);
        recent
            .into_iter()
            .find(|shown| shown.row.id == transaction.id)
    }

    /// Shows those at these places, and only them, as soon as they are sorted.
    pub fn show(&mut self, places: Vec<u32>) {
        self.late.clear();
        self.sorting = Some(Sorting::new(places));
        self.go_on();
    }

    /// Shows those at these places too.
    pub fn show_too(&mut self, places: &[u32]) {
        if self.sorting.is_some() {
            self.late.extend(places);
            return;
        }
        let selected = self.selected_place();
        let before = self.order.len();
        self.order.extend(places);
        self.sort_in(before);
        self.select_place(selected);
    }

    /// Sorts by a column.
    pub fn sort_by(&mut self, column: Column, reversed: bool) {
        self.column = column;
        self.reversed = reversed;
        let places = match self.sorting.take() {
            Some(sorting) => sorting.into_places(),
            None => self.order.clone(),
        };
        self.sorting = Some(Sorting::new(places));
        self.go_on();
    }

    /// The column that is sorted by, and whether in reverse.
    #[must_use]
    pub fn sorted_by(&self) -> (Column, bool) {
        (self.column, self.reversed)
    }

    /// Whether rows are still being sorted: until then they are shown as they were.
    #[must_use]
    pub fn is_sorting(&self) -> bool {
        self.sorting.is_some()
    }

    /// Goes on sorting for a piece; whether there is more to do.
    pub fn go_on(&mut self) -> bool {
        let Some(mut sorting) = self.sorting.take() else {
            return false;
        };
        if !sorting.go_on(self.order_of_rows()) {
            self.sorting = Some(sorting);
            return true;
        }
        let selected = self.selected_place();
        self.order = sorting.into_places();
        let before = self.order.len();
        self.order.append(&mut self.late);
        self.sort_in(before);
        self.select_place(selected);
        if self.follow {
            self.move_to(usize::MAX);
        }
        false
    }

    /// How the rows at two places stand to each other.
    fn order_of_rows(&self) -> impl Fn(&u32, &u32) -> Ordering {
        let (entries, column, reversed) = (&self.entries, self.column, self.reversed);
        move |a: &u32, b: &u32| {
            let (Some(a), Some(b)) = (entries.get(*a as usize), entries.get(*b as usize)) else {
                return Ordering::Equal;
            };
            let order = column.compare(&a.row, &b.row);
            if reversed { order.reverse() } else { order }
        }
    }

    /// Sorts in what was added at the end, from place `added` on; gives the first place that changed.
    fn sort_in(&mut self, added: usize) -> usize {
        let mut order = std::mem::take(&mut self.order);
        let changed = sort_in(&mut order, added, self.order_of_rows());
        self.order = order;
        changed
    }

    /// Every transaction, shown or not.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether none is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The shown one at a place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&Entry> {
        let place = *self.order.get(place)?;
        self.entries.get(place as usize)
    }

    /// The shown ones in their order.
    pub fn shown(&self) -> impl Iterator<Item = &Entry> {
        self.order
            .iter()
            .filter_map(|place| self.entries.get(*place as usize))
    }

    /// Those of the screen, with their places.
    pub fn window(&self) -> impl Iterator<Item = (usize, &Entry)> {
        let places = self.top..self.order.len().min(self.top + self.height);
        places.filter_map(|place| Some((place, self.get(place)?)))
    }

    /// The place of the selected one.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The place of the first one on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The selected one.
    #[must_use]
    pub fn selected(&self) -> Option<&Entry> {
        self.get(self.cursor)
    }

    fn selected_place(&self) -> Option<u32> {
        self.order.get(self.cursor).copied()
    }

    fn select_place(&mut self, wanted: Option<u32>) {
        let wanted = self.wished.take().or(wanted);
        let found = wanted.and_then(|wanted| self.order.iter().position(|place| *place == wanted));
        let distance = self.cursor.saturating_sub(self.top);
        if let Some(place) = found {
            self.cursor = place;
            self.top = place.saturating_sub(distance);
        } else {
            self.wished = wanted;
            self.cursor = self.cursor.min(self.order.len().saturating_sub(1));
        }
        self.scroll();
    }

    /// Selects a transaction; `false` where it is not shown.
    pub fn select(&mut self, id: TransactionId) -> bool {
        let found = self.shown().position(|entry| entry.row.id == id);
        if let Some(place) = found {
            self.move_to(place);
        }
        found.is_some()
    }

    /// Selects the one at a place, or the last one.
    pub fn move_to(&mut self, place: usize) {
        self.wished = None;
        self.cursor = place.min(self.order.len().saturating_sub(1));
        self.scroll();
    }

    /// Moves the selection.
    pub fn move_by(&mut self, by: isize) {
        self.move_to(self.cursor.saturating_add_signed(by));
    }

    /// Says how many rows the screen has.
    pub fn resize(&mut self, height: usize) {
        if self.height != height {
            self.height = height;
            self.scroll();
        }
    }

    /// Rows on the screen.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Moves the rows so that the selected one is on the screen.
    fn scroll(&mut self) {
        let height = self.height.max(1);
        let last_top = self.order.len().saturating_sub(height);
        self.top = self
            .top
            .clamp((self.cursor + 1).saturating_sub(height), self.cursor)
            .min(last_top);
    }

    /// Moves the rows, and the selection where it would leave the screen.
    pub fn scroll_by(&mut self, by: isize) {
        let last_top = self.order.len().saturating_sub(self.height);
        self.top = self.top.saturating_add_signed(by).min(last_top);
        let last = self.top + self.height.max(1) - 1;
        self.move_to(self.cursor.clamp(self.top, last));
    }

    /// Marks a transaction, or takes its mark away.
    pub fn mark(&mut self, id: TransactionId) {
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
    }

    /// Takes all marks away.
    pub fn unmark(&mut self) {
        self.marks.clear();
    }

    /// Whether a transaction is marked.
    #[must_use]
    pub fn is_marked(&self, id: TransactionId) -> bool {
        self.marks.contains(&id)
    }

    /// The marked ones, in the order of their numbers.
    #[must_use]
    pub fn marked(&self) -> Vec<&Entry> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let entries = self.entries.iter();
        let mut marked: Vec<&Entry> = entries.filter(|e| self.is_marked(e.row.id)).collect();
        marked.sort_by_key(|entry| entry.row.id);
        marked
    }

    /// How many are marked.
    #[must_use]
    pub fn marks(&self) -> usize {
        self.marks.len()
    }
}
