//! The recording policy of a call, and the replies of its recorder (graph-contract.md, "Delivery and the reply").

use std::collections::BTreeSet;

use serde_json::Value;

use crate::graph::ParticipantId;

use super::call_body::callback_at;

/// The state of a call to a recorder.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct PolicyRecorder {
    /// The maximum number of people that it records: `participantCapacity`, or 1 before the reply.
    pub(in crate::sim::world) capacity: usize,
    /// The people that it records. Bounded: people of the call.
    pub(in crate::sim::world) recorded: BTreeSet<ParticipantId>,
    /// The people who join at a planned time, not when the call is answered. Bounded: people of the plan.
    later: BTreeSet<ParticipantId>,
    /// The people about whom the recorder has not replied yet. Bounded: people of the call.
    pub(in crate::sim::world) asked: BTreeSet<ParticipantId>,
}

impl PolicyRecorder {
    /// Creates a recorder of one person. The people in `later` join at a planned time.
    pub(in crate::sim::world) fn of(observed: ParticipantId, later: BTreeSet<ParticipantId>) -> Self {
        Self { capacity: 1, recorded: BTreeSet::from([observed]), later, asked: BTreeSet::new() }
    }

    /// Returns whether a person joins at a planned time, not when the call is answered.
    pub(in crate::sim::world) fn joins_later(&self, who: &ParticipantId) -> bool {
        self.later.contains(who)
    }

    /// Returns whether it can record one more person.
    pub(in crate::sim::world) fn has_room(&self) -> bool {
        self.recorded.len() + self.asked.len() < self.capacity
    }
}

/// The decision of a recorder about a person who joins.
pub(in crate::sim::world) enum RecorderDecision {
    /// It records them too.
    Accept,
    /// It does not record them.
    Reject,
    /// Another bot records them. It is invited at this address, or at its registered address if there is no other.
    InviteNewBot(Option<Box<str>>),
}

impl RecorderDecision {
    /// Reads a reply. Anything but the documented three is a rejection.
    pub(in crate::sim::world) fn read(body: &[u8]) -> Self {
        let reply: Value = serde_json::from_slice(body).unwrap_or_default();
        let kind = reply.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        match kind.rsplit('.').next() {
            Some("acceptJoinResponse") => Self::Accept,
            Some("inviteNewBotResponse") => {
                let address = reply.get("inviteUri").and_then(Value::as_str);
                match address.map(callback_at) {
                    None => Self::InviteNewBot(None),
                    Some(Ok(address)) => Self::InviteNewBot(Some(address)),
                    Some(Err(_)) => Self::Reject,
                }
            }
            _ => Self::Reject,
        }
    }
}
