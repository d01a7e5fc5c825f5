//! The order of the rows while keys are being pressed: no row moves within 1.5 s after a key, so that the row that a
//! key is meant for is still where the operator saw it.

use std::collections::BTreeMap;

use crate::desk::board::call_list::CallRows;
use crate::floor::CallNumber;
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// Holds the order of the rows for a while after each key.
#[derive(Debug, Default)]
pub(in crate::desk) struct RowHold {
    rows: Option<HeldRows>,
    /// The end of the hold, in wall time.
    until: Timestamp,
}

/// The rows as they stood when the first of the keys was pressed.
#[derive(Debug, Default)]
pub(in crate::desk) struct HeldRows {
    /// The calls that were shown.
    pub(in crate::desk) calls: CallRows,
    /// The newest call at that time; later ones are placed below the others.
    pub(in crate::desk) newest: CallNumber,
    /// Everyone who waited.
    pub(in crate::desk) waiting: Vec<(CallId, ParticipantId)>,
    /// The people of a call.
    pub(in crate::desk) people: Option<(CallId, Vec<ParticipantId>)>,
}

impl RowHold {
    /// How long rows stay where they are after a key.
    const AFTER_KEY: Millis = Millis(1_500);

    /// Holds the rows from now on; those that are held already stay as they are.
    pub(in crate::desk) fn hold(&mut self, wall: Timestamp, rows: Option<HeldRows>) {
        self.until = wall + Self::AFTER_KEY;
        self.rows = self.rows.take().or(rows);
    }

    /// Whether the next key has to supply the rows.
    pub(in crate::desk) const fn is_free(&self) -> bool {
        self.rows.is_none()
    }

    /// Releases the rows, because the operator asked for another order.
    pub(in crate::desk) fn release(&mut self) {
        self.rows = None;
    }

    /// Releases the rows once the hold is over.
    pub(in crate::desk) fn expire(&mut self, wall: Timestamp) {
        if wall >= self.until {
            self.rows = None;
        }
    }

    /// The rows that are held.
    pub(in crate::desk) const fn rows(&self) -> Option<&HeldRows> {
        self.rows.as_ref()
    }
}

impl HeldRows {
    /// Sorts rows into the held order; those that came later follow in their own order.
    pub(in crate::desk) fn arrange<T, K: Ord>(mut rows: Vec<T>, held: &[K], id: impl Fn(&T) -> Option<K>) -> Vec<T> {
        let places: BTreeMap<&K, usize> = held.iter().zip(0..).collect();
        rows.sort_by_cached_key(|row| id(row).and_then(|it| places.get(&it).copied()).unwrap_or(held.len()));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_held_until_a_while_after_the_last_key() {
        let mut hold = RowHold::default();
        hold.hold(Timestamp(1_000), Some(HeldRows::default()));
        hold.expire(Timestamp(2_499));
        assert!(!hold.is_free());
        hold.hold(Timestamp(2_400), Some(HeldRows::default()));
        hold.expire(Timestamp(3_899));
        assert!(!hold.is_free(), "each key makes it longer");
        hold.expire(Timestamp(3_900));
        assert!(hold.is_free());
    }

    #[test]
    fn what_came_later_stands_below() {
        assert_eq!(HeldRows::arrange(vec![1, 2, 3, 4], &[3, 9, 1], |it| Some(*it)), [3, 1, 2, 4]);
    }
}
