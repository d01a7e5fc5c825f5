//! Folding a change into a floor with many calls, compared with few calls.

use std::hint::black_box;

use callboard::floor::{Cursor, Entry, Fact, Floor, ReceivedItem, Sum};
use callboard::time::Timestamp;
use serde_json::value::RawValue;

use crate::decode::roster;
use crate::rounds::compare;

/// Returns a floor with this many calls of four people, and changes that mute and unmute everyone in turn.
pub(crate) struct Crowd {
    pub(crate) floor: Floor,
    changes: Vec<Box<RawValue>>,
    at: usize,
}

impl Crowd {
    pub(crate) fn of(calls: usize) -> Self {
        let mut crowd = Self { floor: Floor::default(), changes: Vec::new(), at: 0 };
        for call in 0..calls {
            let item = raw(roster(call as u128 + 1, 4, false));
            crowd.floor.apply(&entry(&crowd.floor, item));
        }
        // A thousand changes over the whole floor, so that the caches behave as with a floor of this size.
        crowd.changes =
            (0..1_000_usize).map(|at| raw(roster((at * 7_919 % calls) as u128 + 1, 4, at % 2 == 0))).collect();
        crowd
    }

    pub(crate) fn change(&mut self) {
        black_box(self.next_entry());
    }

    /// Folds the next change, and returns its entry.
    pub(crate) fn next_entry(&mut self) -> Entry {
        let item = self.changes[self.at % self.changes.len()].clone();
        self.at += 1;
        let entry = entry(&self.floor, item);
        black_box(self.floor.apply(&entry));
        entry
    }
}

fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).expect("the fixture is JSON")
}

fn entry(floor: &Floor, item: Box<RawValue>) -> Entry {
    let cursor = Cursor(floor.head().0 + 1);
    let at = Timestamp(i64::try_from(cursor.0).unwrap_or_default());
    let fact = Fact::Notification(ReceivedItem::new(item, None, 0));
    Entry { cursor, after: floor.head(), sum: Sum(cursor.0), at, fact }
}

const CALLS: [usize; 2] = [100, 100_000];

#[divan::bench(args = CALLS)]
fn one_change(bencher: divan::Bencher<'_, '_>, calls: usize) {
    let mut crowd = Crowd::of(calls);
    bencher.bench_local(|| crowd.change());
}

/// The relay holds the floor's read lock for this long, and no entry is folded meanwhile.
#[divan::bench(args = [5_000, 50_000], sample_count = 5)]
fn whole_snapshot(bencher: divan::Bencher<'_, '_>, calls: usize) {
    let floor = Crowd::of(calls).floor;
    bencher.bench_local(|| black_box(floor.snapshot()));
}

pub(crate) fn ratios() {
    let [mut few, mut many] = CALLS.map(Crowd::of);
    compare("fold a roster of 4 into 100,000 calls (vs 100)", 3.0, || few.change(), || many.change());
}
