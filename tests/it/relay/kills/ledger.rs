//! What the journal must hold: read after each kill from where the last look ended, every row checked against the one
//! before, and folded into the floor that every board must have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use callboard::floor::{Fact, Floor};
use callboard::journal::{Journal as _, JournalStore};

use super::load::{Fallen, marks};

#[derive(Default)]
pub(crate) struct Ledger {
    floor: Floor,
    /// The marks of notifications and the tickets of acts, with how often each is there.
    seen: BTreeMap<String, u32>,
    answered: BTreeSet<String>,
    /// How many boards were compared with the fold, at their own place.
    pub(crate) compared: u64,
}

impl Ledger {
    /// Reads what is new; boards that fell at a place on the way must have had the same floor there.
    pub(crate) async fn read(&mut self, folder: &Path, fallen: &[Fallen]) {
        let store = JournalStore::open(folder).unwrap();
        self.compare(fallen);
        loop {
            let rows = store.read(self.floor.head(), 1_000).await.unwrap();
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let entry = row.entry().unwrap();
                self.note(&entry.fact);
                self.floor.apply(&entry);
                self.compare(fallen);
            }
        }
        assert_eq!(self.floor.head(), store.head().cursor);
        for board in fallen {
            assert!(board.cursor <= self.floor.head(), "a board has seen {} and the journal has not", board.cursor);
        }
    }

    fn compare(&mut self, fallen: &[Fallen]) {
        let here: Vec<&Fallen> = fallen.iter().filter(|it| it.cursor == self.floor.head()).collect();
        if here.is_empty() {
            return;
        }
        let floor = self.floor.snapshot().pieces.concat();
        for board in here {
            assert!(board.floor == floor, "at entry {} a board differs from the journal", board.cursor);
            self.compared += 1;
        }
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Notification(it) => {
                for mark in marks(it.item().get()) {
                    *self.seen.entry(mark).or_default() += 1;
                }
            }
            Fact::Asked(it) => *self.seen.entry(it.ticket.0.to_string()).or_default() += 1,
            Fact::Answered(it) => {
                assert!(self.answered.insert(it.ticket.0.to_string()), "{} was answered twice", it.ticket.0);
            }
            Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => {}
        }
    }

    /// Everything that was acknowledged is there, and nothing is there twice.
    pub(crate) fn holds(&self, acknowledged: &BTreeSet<String>) {
        let lost: Vec<_> = acknowledged.iter().filter(|it| !self.seen.contains_key(*it)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let doubled: Vec<_> = self.seen.iter().filter(|(_, times)| **times > 1).collect();
        assert!(doubled.is_empty(), "there twice: {doubled:?}");
    }
}
