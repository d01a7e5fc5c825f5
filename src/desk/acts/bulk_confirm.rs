//! The confirm of a bulk act: everyone it names, and everyone it leaves out, with the reason.

use crate::desk::vocab::{ActTarget, Denied, ParticipantRef};
use crate::floor::Ticket;
use crate::graph::{CallId, GraphAction, ParticipantId};

/// The lists in the confirm of a bulk act.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkConfirm {
    items: Vec<BulkItem>,
    left_out: Vec<(String, Denied)>,
}

/// One person of a bulk act that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    action: GraphAction,
    ticket: Ticket,
    name: String,
    called: String,
    target: ActTarget,
}

impl BulkItem {
    /// Makes an item; `names` are the one with id and call, and the name alone.
    pub(in crate::desk) fn new(
        action: GraphAction,
        ticket: Ticket,
        names: (String, String),
        target: ActTarget,
    ) -> Self {
        let (name, called) = names;
        Self { action, ticket, name, called, target }
    }

    /// Returns the action that Graph is asked to perform.
    #[must_use]
    pub const fn action(&self) -> &GraphAction {
        &self.action
    }

    /// Returns the ticket of this person's act.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Returns the person with id and call; untrusted text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the person's name alone; untrusted text.
    #[must_use]
    pub fn called(&self) -> &str {
        &self.called
    }

    pub(in crate::desk) const fn target(&self) -> &ActTarget {
        &self.target
    }

    /// Replaces the ids of its call and its person. The action keeps its ids, because it was sent already.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        self.target.call = call(&self.target.call);
        if let Some(ParticipantRef::Person(id)) = &mut self.target.who {
            *id = person(id);
        }
    }

    /// Replaces the names.
    pub(in crate::desk) fn relabel(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        name.clone_into(&mut self.called);
    }
}

impl BulkConfirm {
    /// Adds a person for whom the act is sent after a yes.
    pub(in crate::desk) fn include(&mut self, item: BulkItem) {
        self.items.push(item);
    }

    /// Adds a person whom the act leaves out, with the reason.
    pub(in crate::desk) fn leave_out(&mut self, name: String, reason: Denied) {
        self.left_out.push((name, reason));
    }

    /// Returns the people for whom the act is sent after a yes, in this order.
    #[must_use]
    pub fn items(&self) -> &[BulkItem] {
        &self.items
    }

    /// Returns the people whom it leaves out, each with the reason; untrusted text.
    #[must_use]
    pub fn left_out(&self) -> &[(String, Denied)] {
        &self.left_out
    }
}
