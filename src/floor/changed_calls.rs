//! The calls that have changed since a view last asked, so that a view of very many calls need not look at all of them.

use std::collections::BTreeSet;

use crate::graph::CallId;

/// The calls that have changed. It says nothing of the floor, so two floors with different ones can be equal.
#[derive(Debug, Clone, Default)]
pub struct ChangedCalls {
    calls: BTreeSet<CallId>,
    all: bool,
}

/// The maximum number of calls that are named; if there are more, any call may have changed.
const MOST_NAMED: usize = 4_096;

impl ChangedCalls {
    /// Returns the calls that have changed, were added or have gone; `None` if any call may have.
    #[must_use]
    pub fn named(self) -> Option<BTreeSet<CallId>> {
        (!self.all).then_some(self.calls)
    }

    /// Adds a call.
    pub(super) fn add(&mut self, call: &CallId) {
        if !self.all && !self.calls.contains(call) {
            self.calls.insert(call.clone());
            self.all = self.calls.len() > MOST_NAMED;
        }
    }

    /// Notes that any call may have changed.
    pub(super) fn add_all(&mut self) {
        *self = Self { calls: BTreeSet::new(), all: true };
    }
}

impl PartialEq for ChangedCalls {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for ChangedCalls {}
