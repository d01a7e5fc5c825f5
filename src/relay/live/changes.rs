//! The calls that entries have changed since they were last taken. Pure; does not know who takes them.

use std::collections::BTreeSet;

use crate::floor::ChangedCalls;
use crate::graph::CallId;

/// The calls that changed since the last time.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::relay) enum RecentChanges {
    /// Only these; at most [`MOST_CHANGED`].
    Calls(BTreeSet<CallId>),
    /// Possibly all. The reader looks over the whole floor.
    All,
}

/// The maximum number of remembered calls. A look over the whole floor costs about as much as one over this many calls.
const MOST_CHANGED: usize = 8_192;

impl RecentChanges {
    /// Adds the calls of an entry.
    pub(in crate::relay) fn add(&mut self, changed: ChangedCalls) {
        let Self::Calls(calls) = self else { return };
        match changed {
            ChangedCalls::None => {}
            ChangedCalls::One(call) => {
                calls.insert(call);
                if calls.len() > MOST_CHANGED {
                    *self = Self::All;
                }
            }
            ChangedCalls::All => *self = Self::All,
        }
    }
}

impl Default for RecentChanges {
    fn default() -> Self {
        Self::Calls(BTreeSet::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: usize) -> ChangedCalls {
        ChangedCalls::One(CallId::new(&format!("call-{number}")).unwrap())
    }

    #[test]
    fn changes_are_named_until_there_are_too_many() {
        let mut changes = RecentChanges::default();
        for number in [1, 2, 1] {
            changes.add(one(number));
        }
        changes.add(ChangedCalls::None);
        let RecentChanges::Calls(calls) = &changes else { panic!("{changes:?}") };
        assert_eq!(calls.len(), 2);
        (0..=MOST_CHANGED).for_each(|it| changes.add(one(it)));
        assert_eq!(changes, RecentChanges::All);
        changes.add(one(3));
        assert_eq!(changes, RecentChanges::All);

        let mut changes = RecentChanges::default();
        changes.add(ChangedCalls::All);
        assert_eq!(changes, RecentChanges::All);
    }
}
