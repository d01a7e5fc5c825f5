//! The data of one live call, and its JSON form. It holds no rules.

use serde_json::{Value, json};

use crate::graph::{
    AudioRoutingGroup, Call, CallId, CallMediaState, CallState, ContentSharingSession, MediaState, OperationKind,
    ParticipantId,
};
use crate::sim::scenario::{PlannedCallKind, PlannedDirection};
use crate::time::{Millis, Timestamp};

use super::member::Presence;
use super::operation::{CallOperation, OperationLog};
use super::recording_policy::PolicyRecorder;
use super::roster::CallRoster;
use crate::sim::world::api::answer::Refusal;
use crate::sim::world::entity::entity;

/// The members of a call that documented answers print as `null` when they are absent.
const ABSENT_AS_NULL: [&str; 11] = [
    "subject",
    "ringingTimeoutInSeconds",
    "terminationReason",
    "mediaState",
    "resultInfo",
    "answeredBy",
    "chatInfo",
    "meetingInfo",
    "meetingCapability",
    "transcription",
    "toneInfo",
];
/// The members of a call that documented answers print as an empty list when they are absent.
const ABSENT_AS_EMPTY: [&str; 4] = ["targets", "callRoutes", "activeModalities", "routingPolicies"];
/// The members within a member of a call that documented answers print as `null` when they are absent.
const ABSENT_WITHIN: [(&str, &str); 3] =
    [("source", "region"), ("source", "languageId"), ("chatInfo", "replyChainMessageId")];

/// A call that has not ended.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct LiveCall {
    /// The call's id.
    pub(in crate::sim::world) id: CallId,
    /// The kind of call.
    pub(in crate::sim::world) kind: PlannedCallKind,
    /// Whether the application called or was called.
    pub(in crate::sim::world) direction: PlannedDirection,
    /// Its state, for example `established`.
    pub(in crate::sim::world) state: CallState,
    /// The call as `GET` returns it, except id, state and result.
    pub(in crate::sim::world) facts: Call,
    /// The address that receives its notifications; `None` means the scenario's address.
    pub(in crate::sim::world) callback: Option<Box<str>>,
    /// The people of the call.
    pub(in crate::sim::world) roster: CallRoster,
    /// The newest operations of its clients.
    pub(in crate::sim::world) operations: OperationLog,
    /// When and how it ends.
    pub(in crate::sim::world) lifetime: CallLifetime,
    /// The state of its transfer.
    pub(in crate::sim::world) transfer: CallTransfer,
    /// Its prompts, tones, routing and shared content.
    pub(in crate::sim::world) media: CallMedia,
    /// Its recording policy, if it is a recorder's call.
    pub(in crate::sim::world) recorder: Option<PolicyRecorder>,
}

/// When and how a call ends.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct CallLifetime {
    /// When it ends unless a keepAlive arrives; `None` for a scenario's call, which the scenario's bot keeps alive.
    pub(in crate::sim::world) kept_until: Option<Timestamp>,
    /// The time between `terminating` and `terminated`.
    pub(in crate::sim::world) clears: Millis,
    /// The mean time between two random activities; `None` in a call without them.
    pub(in crate::sim::world) activity_every: Option<Millis>,
    /// Whether a client must answer it.
    pub(in crate::sim::world) rings: bool,
    /// Whether it counts as background traffic.
    pub(in crate::sim::world) is_background: bool,
    /// Whether its last notification is suppressed.
    pub(in crate::sim::world) ends_silently: bool,
}

/// A transfer of a call.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct CallTransfer {
    /// Whether a transfer is accepted and has not failed. Becomes true before the notification of `transferring`.
    pub(in crate::sim::world) is_accepted: bool,
    /// The other call that a consultative transfer replaces.
    pub(in crate::sim::world) consults: Option<CallId>,
}

/// One step of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::world) enum TransferStep {
    /// The transfer begins.
    Begins {
        /// Whether it names another call that does not exist.
        consulted_is_missing: bool,
    },
    /// The transfer target accepts it.
    Accepted,
    /// It fails, with this subcode.
    Fails(i64),
    /// The transfer target has taken over the call.
    Done,
}

/// The prompts, tones, routing and shared content of a call.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct CallMedia {
    /// When the last queued prompt or recording ends.
    pub(in crate::sim::world) busy_until: Option<Timestamp>,
    /// Whether the client subscribed to pressed keys.
    pub(in crate::sim::world) tones_subscribed: bool,
    /// The number of notifications of pressed keys.
    pub(in crate::sim::world) tones_notified: i64,
    /// The audio routing groups; at most [`Self::MAX_ROUTING_GROUPS`].
    pub(in crate::sim::world) routing: Vec<AudioRoutingGroup>,
    /// The content that is shared now.
    pub(in crate::sim::world) sharing: Option<ContentSharingSession>,
}

impl CallMedia {
    /// The maximum number of audio routing groups of a call. \[unverified\]
    pub(in crate::sim::world) const MAX_ROUTING_GROUPS: usize = 64;

    /// Queues a prompt or recording of this length behind those already queued, and returns when it ends.
    pub(in crate::sim::world) fn enqueue(&mut self, now: Timestamp, length: Millis) -> Timestamp {
        let ends = self.busy_until.filter(|it| *it > now).unwrap_or(now) + length;
        self.busy_until = Some(ends);
        ends
    }
}

impl LiveCall {
    /// Returns whether a participant other than `who` is on hold, or a hold of one is running.
    pub(in crate::sim::world) fn holds_other_than(&self, who: &ParticipantId) -> bool {
        let is_starting = |operation: &CallOperation| {
            let starts = operation.kind == OperationKind::StartHoldMusic && operation.is_running();
            starts && operation.participant.as_ref().is_some_and(|it| it != who)
        };
        self.roster.held.as_ref().is_some_and(|it| it != who) || self.operations.iter().any(is_starting)
    }

    /// Returns whether it has a roster.
    pub(in crate::sim::world) fn is_group(&self) -> bool {
        self.kind != PlannedCallKind::OneToOne
    }

    /// Returns whether it has begun to end. Graph answers 404 for such a call.
    pub(in crate::sim::world) const fn is_ending(&self) -> bool {
        matches!(self.state, CallState::Terminating | CallState::Terminated)
    }

    /// Requires that the call is established. \[unverified\]: how Graph answers an action on a call
    /// that is still being set up.
    pub(in crate::sim::world) fn established(&mut self) -> Result<&mut Self, Refusal> {
        // The application comes first in its roster; as a guest it may still be in the lobby.
        let application_is_here = self.roster.members.first().is_none_or(|it| it.presence == Presence::Here);
        if self.state == CallState::Established && application_is_here {
            Ok(self)
        } else {
            Err(Self::not_established(&self.state))
        }
    }

    /// Returns the refusal of an action on a call in another state than `established`.
    pub(in crate::sim::world) fn not_established(state: &CallState) -> Refusal {
        Refusal::new(409, "conflict", format!("The call is {state}, not established."))
    }

    /// Sets whether audio flows.
    pub(in crate::sim::world) fn set_audio(&mut self, state: MediaState) {
        self.facts.media_state = Some(CallMediaState { audio: Some(state) });
    }

    /// Returns whether its client asked for delta rosters.
    pub(in crate::sim::world) fn wants_delta(&self) -> bool {
        self.facts.call_options.as_ref().is_some_and(|it| it.is_delta_roster_enabled == Some(true))
    }

    /// Returns the call as `GET` returns it.
    pub(in crate::sim::world) fn whole(&self) -> Call {
        Call {
            id: Some(self.id.clone()),
            state: Some(self.state.clone()),
            my_participant_id: Some(self.roster.me.clone()),
            ..self.facts.clone()
        }
    }

    /// Returns the call as JSON, with the `null` members that documented answers contain.
    pub(in crate::sim::world) fn printed(&self) -> Value {
        let mut whole = entity(&self.whole());
        for member in ABSENT_AS_NULL {
            whole.entry(member).or_insert(Value::Null);
        }
        for member in ABSENT_AS_EMPTY {
            whole.entry(member).or_insert_with(|| json!([]));
        }
        for (object, member) in ABSENT_WITHIN {
            if let Some(Value::Object(members)) = whole.get_mut(object) {
                members.entry(member).or_insert(Value::Null);
            }
        }
        let has_passcode = |it: &Value| it.get("joinMeetingId").is_some();
        if let Some(Value::Object(meeting)) = whole.get_mut("meetingInfo").filter(|it| has_passcode(it)) {
            meeting.entry("passcode").or_insert(Value::Null);
        }
        Value::Object(whole)
    }
}
