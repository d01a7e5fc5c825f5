//! The recording policy of a call (graph-contract.md, "Delivery and the reply"), and its recorder's replies.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::graph::ParticipantId;

use super::call_body::callback_at;

/// The further state of a recorder's call.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct PolicyRecorder {
    /// How many people under the policy it records at most: `participantCapacity`, or the one of the call.
    pub(in crate::sim::world) capacity: usize,
    /// The people that it records. Bounded: people of the call.
    pub(in crate::sim::world) recorded: BTreeSet<ParticipantId>,
    /// The people who come at a planned time. Bounded: people of the plan.
    later: BTreeSet<ParticipantId>,
    /// The people that it has yet to reply about. Bounded: people of the call.
    pub(in crate::sim::world) asked: BTreeSet<ParticipantId>,
}

impl PolicyRecorder {
    /// A recorder of one person; these others come at a planned time.
    pub(in crate::sim::world) fn of(observed: ParticipantId, later: BTreeSet<ParticipantId>) -> Self {
        Self { capacity: 1, recorded: BTreeSet::from([observed]), later, asked: BTreeSet::new() }
    }

    /// Whether a person comes at a planned time, not when the call is answered.
    pub(in crate::sim::world) fn awaits(&self, who: &ParticipantId) -> bool {
        self.later.contains(who)
    }

    /// Whether it can record one person more.
    pub(in crate::sim::world) fn has_room(&self) -> bool {
        self.recorded.len() + self.asked.len() < self.capacity
    }
}

/// A recorder's decision about a person.
pub(in crate::sim::world) enum RecorderDecision {
    /// It records them too.
    Accept,
    /// It does not record them.
    Reject,
    /// Another bot records them, at this address or where registered.
    InviteNewBot(Option<Box<str>>),
}

impl RecorderDecision {
    /// Reads a reply. Anything but the documented three is a rejection.
    pub(in crate::sim::world) fn read(body: &[u8]) -> Self {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        let kind = said.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        match kind.rsplit('.').next() {
            Some("acceptJoinResponse") => Self::Accept,
            Some("inviteNewBotResponse") => {
                let address = said.get("inviteUri").and_then(Value::as_str);
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
