//! The calls that have changed since a reader last asked, so that a reader of very many calls need not look at all of them.

use std::collections::BTreeSet;

use crate::graph::CallId;

/// The calls that have changed, with their people and operations. It says nothing of the floor, so two floors with different ones can be equal.
#[derive(Debug, Clone, Default)]
pub struct ChangedCalls {
    calls: BTreeSet<CallId>,
    all: bool,
}

/// The maximum number of calls that are named; if there are more, any call may have changed.
const MOST_NAMED: usize = 4_096;

impl ChangedCalls {
    /// Returns that any call may have changed.
    #[must_use]
    pub const fn all() -> Self {
        Self { calls: BTreeSet::new(), all: true }
    }

    /// Adds later changes.
    pub fn extend(&mut self, later: &Self) {
        if later.all {
            self.add_all();
        }
        for call in &later.calls {
            self.add(call);
        }
    }

    /// Returns whether a call may have changed.
    #[must_use]
    pub fn may_name(&self, call: &CallId) -> bool {
        self.all || self.calls.contains(call)
    }

    /// Returns the calls that have changed, were added or have gone; `None` if any call may have.
    #[must_use]
    pub fn named(self) -> Option<BTreeSet<CallId>> {
        (!self.all).then_some(self.calls)
    }

    /// Adds a call.
    pub(super) fn add(&mut self, call: &CallId) {
        if !self.all && !self.calls.contains(call) {
            self.calls.insert(call.clone());
            if self.calls.len() > MOST_NAMED {
                self.add_all();
            }
        }
    }

    /// Notes that any call may have changed.
    pub(super) fn add_all(&mut self) {
        *self = Self::all();
    }
}

impl PartialEq for ChangedCalls {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for ChangedCalls {}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: usize) -> CallId {
        CallId::new(&format!("call-{number}")).unwrap()
    }

    #[test]
    fn changes_are_named_until_there_are_too_many() {
        let mut changes = ChangedCalls::default();
        for number in [1, 2, 1] {
            changes.add(&call(number));
        }
        let mut later = ChangedCalls::default();
        later.add(&call(3));
        changes.extend(&later);
        assert!(changes.may_name(&call(3)) && !changes.may_name(&call(4)));
        assert_eq!(changes.clone().named().unwrap().len(), 3);
        (0..=MOST_NAMED).for_each(|it| changes.add(&call(it)));
        assert!(changes.clone().named().is_none() && changes.may_name(&call(9_999)));
        let mut changes = ChangedCalls::default();
        changes.extend(&ChangedCalls::all());
        assert!(changes.named().is_none());
    }
}
