//! Transactions that are not kept: asked for when they are looked at, and made again from their frames.

use std::ops::Range;
use std::sync::Arc;

use crate::cors::transaction::{Transaction, TransactionId};
use crate::ladder::{Ladder, Rung};
use crate::session::Row;
use crate::tui::app::{App, Effect};
use crate::tui::list::Entry;
use crate::tui::screen::Screen;
use crate::tui::texts::Texts;

/// Transactions that are kept of those that were read again.
const AGAIN: usize = 64;

impl App {
    /// The selected transaction, as far as it is at hand.
    #[must_use]
    pub fn transaction(&self) -> Option<&Arc<Transaction>> {
        self.list.selected().and_then(|entry| self.in_full(entry))
    }

    /// The transaction of a row, as far as it is at hand.
    #[must_use]
    pub fn in_full<'a>(&'a self, entry: &'a Entry) -> Option<&'a Arc<Transaction>> {
        let again = || self.again.get(&entry.row.id).and_then(Option::as_ref);
        entry.transaction.as_ref().or_else(again)
    }

    /// Whether the transaction of a row is gone for good.
    #[must_use]
    pub fn is_gone(&self, entry: &Entry) -> bool {
        matches!(self.again.get(&entry.row.id), Some(None))
    }

    /// The ladder of all marked transactions, or of the selected one.
    #[must_use]
    pub fn ladder(&self) -> Option<Ladder> {
        if self.list.marks() == 0 || self.alone {
            let transaction = self.transaction()?;
            return Some(Ladder::of([&**transaction]));
        }
        let marked = self.list.marked().into_iter();
        let marked = marked.filter_map(|entry| self.in_full(entry));
        Some(Ladder::of(marked.map(|transaction| &**transaction)))
    }

    /// A transaction that is marked or selected, as far as it is at hand.
    #[must_use]
    pub fn transaction_of(&self, id: TransactionId) -> Option<&Arc<Transaction>> {
        let mut entries = self.list.selected().into_iter().chain(self.list.marked());
        let entry = entries.find(|entry| entry.row.id == id)?;
        self.in_full(entry)
    }

    /// The two transactions to compare: those that are marked, or the marked one and the selected one.
    #[must_use]
    pub fn compared(&self) -> Option<[&Entry; 2]> {
        let mut marked = self.list.marked();
        if let [one] = *marked {
            let selected = self.list.selected()?;
            marked.extend((selected.row.id != one.row.id).then_some(selected));
        }
        marked.try_into().ok()
    }

    /// Says which lines of the ladder's text stand for something.
    pub fn set_rungs(&mut self, lines: Range<usize>) {
        self.texts_mut().choose_among(lines);
    }

    /// What the selected line of the ladder stands for.
    #[must_use]
    pub fn rung(&self, ladder: &Ladder) -> Option<Rung> {
        let chosen = self.texts().map_or(0, Texts::chosen);
        ladder.rungs().nth(chosen)
    }

    /// The rows that the screen shows in full.
    fn wanted(&self) -> Vec<&Entry> {
        let mut wanted: Vec<&Entry> = self.list.selected().into_iter().collect();
        if matches!(self.screen, Screen::Ladder | Screen::Compare) {
            wanted.extend(self.list.marked().into_iter().take(AGAIN / 2));
        }
        wanted
    }

    /// Asks for those of them that are not at hand.
    pub(super) fn ask_again(&mut self) {
        let is_missing = |entry: &&Entry| {
            entry.transaction.is_none()
                && !self.again.contains_key(&entry.row.id)
                && !self.asked.contains(&entry.row.id)
        };
        let missing = self.wanted().into_iter().filter(is_missing);
        let missing: Vec<Row> = missing.map(|entry| entry.row.clone()).collect();
        for row in missing {
            self.asked.insert(row.id);
            self.effects.push(Effect::Reread(Box::new(row)));
        }
    }

    /// Takes a transaction that was made again; `None` where it could not be.
    pub fn on_again(&mut self, id: TransactionId, transaction: Option<Arc<Transaction>>) {
        self.asked.remove(&id);
        if self.again.len() >= AGAIN {
            let wanted: Vec<TransactionId> = self.wanted().iter().map(|e| e.row.id).collect();
            self.again.retain(|id, _| wanted.contains(id));
        }
        self.again.insert(id, transaction);
    }
}
