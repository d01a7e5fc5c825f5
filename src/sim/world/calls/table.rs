//! The live calls by id, and the set of calls whose roster has changed since its last notification.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use crate::graph::{CallId, ParticipantId, Route};

use super::call::LiveCall;
use super::operation::CallOperation;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::entity::entity;

/// The calls that have not ended, in the order of their arrival.
#[derive(Debug, Default)]
pub(in crate::sim::world) struct LiveCalls {
    calls: IndexMap<CallId, LiveCall>,
    changed: BTreeSet<CallId>,
}

impl LiveCalls {
    /// Adds a call.
    pub(in crate::sim::world) fn insert(&mut self, call: LiveCall) {
        self.calls.insert(call.id.clone(), call);
    }

    /// Removes a call.
    pub(in crate::sim::world) fn remove(&mut self, id: &CallId) {
        self.calls.shift_remove(id);
    }

    /// Returns a call, even while it ends.
    pub(in crate::sim::world) fn get(&self, id: &CallId) -> Option<&LiveCall> {
        self.calls.get(id)
    }

    /// Returns a mutable call, even while it ends.
    pub(in crate::sim::world) fn get_mut(&mut self, id: &CallId) -> Option<&mut LiveCall> {
        self.calls.get_mut(id)
    }

    /// Returns a call unless it is ending; Graph answers 404 for an ending call.
    pub(in crate::sim::world) fn live(&mut self, id: &CallId) -> Option<&mut LiveCall> {
        self.calls.get_mut(id).filter(|it| !it.is_ending())
    }

    /// Returns the calls in the order of their arrival, including those that end.
    pub(in crate::sim::world) fn iter(&self) -> impl Iterator<Item = &LiveCall> {
        self.calls.values()
    }

    /// Returns the number of calls, including those that end.
    pub(in crate::sim::world) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Returns the call with this subject, unless it is ending.
    pub(in crate::sim::world) fn by_subject(&self, subject: &str) -> Option<&LiveCall> {
        self.iter().filter(|it| !it.is_ending()).find(|it| it.facts.subject.as_deref() == Some(subject))
    }

    /// Marks a call whose roster may have changed.
    pub(in crate::sim::world) fn mark_changed(&mut self, id: &CallId) {
        self.changed.insert(id.clone());
    }

    /// Removes the mark of a call that ends, so that its roster is not notified again.
    pub(in crate::sim::world) fn unmark(&mut self, id: &CallId) {
        self.changed.remove(id);
    }

    /// Takes the marked calls.
    pub(in crate::sim::world) fn take_changed(&mut self) -> BTreeSet<CallId> {
        std::mem::take(&mut self.changed)
    }

    /// Requires a call that is not ending.
    pub(in crate::sim::world) fn find(&mut self, id: &CallId) -> Result<&mut LiveCall, Refusal> {
        self.live(id).ok_or_else(Refusal::no_call)
    }

    /// Requires a group call. \[unverified\]: how Graph refuses a 1:1 call; the documentation says unsupported.
    pub(in crate::sim::world) fn group_call(&mut self, id: &CallId) -> Result<&mut LiveCall, Refusal> {
        let live = self.find(id)?;
        if live.is_group() {
            Ok(live)
        } else {
            Err(Refusal::invalid("This operation is supported for group calls only."))
        }
    }

    /// Requires a group call with this person in it.
    pub(in crate::sim::world) fn group_call_with(
        &mut self,
        id: &CallId,
        who: &ParticipantId,
    ) -> Result<&mut LiveCall, Refusal> {
        let live = self.group_call(id)?;
        live.roster.present(who).ok_or_else(|| Refusal::no_item("The participant"))?;
        Ok(live)
    }

    /// Adds an operation to its call, and returns the answer that contains it.
    pub(in crate::sim::world) fn accept(
        &mut self,
        id: &CallId,
        status: u16,
        operation: CallOperation,
    ) -> Result<WorldAnswer, Refusal> {
        let body = Value::Object(entity(&operation.whole()));
        let location = Some(Route::Operation(id.clone(), operation.id.clone()));
        self.find(id)?.operations.add(operation);
        Ok(WorldAnswer { location, ..WorldAnswer::entity(status, None, body) })
    }
}
