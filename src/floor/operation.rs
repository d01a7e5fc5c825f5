//! Operations (graph-contract.md, "Operations and their proof"): the request, Graph's answer, and the proof.

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::entry::Cursor;
use super::ticket::Ticket;
use crate::graph::{CallId, OperationId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// One act of an operator, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The short number for people.
    pub number: OperationNumber,
    /// The idempotency key that ties the request, the answer and the proof together.
    pub ticket: Ticket,
    /// The name of the operator who requested it.
    pub by: Box<str>,
    /// The requested act.
    pub act: Act,
    /// The call that it acts on.
    pub call: CallId,
    /// The participant, for an act on a participant.
    pub participant: Option<ParticipantId>,
    /// The display name of its target at the time of the request; untrusted text.
    pub target: Box<str>,
    /// The exact request: method, path and body.
    pub request: Box<str>,
    /// When the key was pressed.
    pub pressed: Timestamp,
    /// The time and the cursor of the `asked` entry in the journal.
    pub asked: (Timestamp, Cursor),
    /// When it was first sent.
    pub sent: Option<Timestamp>,
    /// How many attempts were sent.
    pub tries: u8,
    /// When Graph's answer came.
    pub answered: Option<Timestamp>,
    /// The HTTP status of Graph's answer.
    pub status: Option<u16>,
    /// Graph's own id of the operation.
    pub operation_id: Option<OperationId>,
    /// The proof. It may arrive before Graph's answer; it takes effect only once the operation is accepted.
    pub proof: Option<Proof>,
    /// The reason why Graph's operation failed. It may arrive before Graph's answer; it takes effect only once the
    /// operation is accepted.
    pub failure: Option<Box<str>>,
    /// When the person left or the call ended. This may be before Graph's answer; it takes effect only once the
    /// operation is accepted.
    #[serde(rename = "gone")]
    pub target_gone: Option<Timestamp>,
    /// Whether the target already was in the wanted state.
    #[serde(rename = "already")]
    pub was_already_so: bool,
    /// Whether a later roster can prove it. It cannot if the target already was in the wanted state.
    pub provable: bool,
    /// The outcome so far. `Unconfirmed` is not stored: `standing` derives it from the deadline.
    pub outcome: OperationOutcome,
    /// Whether the gate refused it because it arrived too late after its key press. Nothing was sent to Graph.
    #[serde(default, skip_serializing_if = "super::entry::is_false")]
    pub expired: bool,
    /// The time after which an accepted operation without proof is unconfirmed.
    pub deadline: Timestamp,
}

/// A notification of an operation that arrived before the answer with the operation's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EarlyNotice {
    pub(super) id: OperationId,
    pub(super) at: Timestamp,
    pub(super) cursor: Cursor,
    pub(super) failure: Option<Box<str>>,
}

/// The short number of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationNumber(pub u32);

/// The evidence that an operation took effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The time of the entry that brought it.
    pub at: Timestamp,
    /// Where the proof comes from.
    pub evidence: ProofSource,
    /// The entry that brought it.
    pub cursor: Cursor,
}

/// The source of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProofSource {
    /// A roster notification whose stream shows `serverMuted`: the stronger evidence.
    RosterServerMuted,
    /// A roster notification that shows `isMuted`, which is client *or* server mute; or, for removal, absence.
    Roster,
    /// A roster that the relay read from Graph after the request.
    Read,
    /// The operation's own notification.
    Notice,
    /// A final answer, after which Graph sends no notification.
    Answer,
    /// The call's `deleted` notification.
    CallEnded,
}

/// The outcome of an operation so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationOutcome {
    /// Journalled; not sent yet, or not answered yet.
    Pending,
    /// Graph answered 2xx.
    Accepted,
    /// Evidence from the call has proved it.
    Confirmed,
    /// Graph's operation failed, with its code and message.
    Failed(Box<str>),
    /// Refused by the gate or by Graph; with the reason and the next step.
    Refused(Box<str>),
    /// The person left, or the call ended, before there was proof.
    Left,
    /// It was sent, and no answer arrived.
    Unknown(Box<str>),
}

/// The status of an operation at a given time, as the list of operations shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationStatus {
    /// Journalled, not sent.
    Asked,
    /// Sent, no answer yet.
    Sent,
    /// Accepted, no proof yet, before the deadline.
    Accepted,
    /// Evidence from the call has proved it.
    Confirmed,
    /// Accepted; the target already was in the wanted state, so no proof is possible.
    AlreadySo,
    /// Graph's operation failed.
    Failed,
    /// The gate or Graph refused the request.
    Refused,
    /// The gate refused it because it arrived too late after its key press. Nothing was sent to Graph.
    Expired,
    /// The person left or the call ended first.
    Left,
    /// No proof before the deadline. A later proof still confirms it.
    Unconfirmed,
    /// Sent without an answer: it may or may not have happened.
    OutcomeUnknown,
}

impl Operation {
    /// Returns the status at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> OperationStatus {
        match &self.outcome {
            OperationOutcome::Pending if self.sent.is_some() => OperationStatus::Sent,
            OperationOutcome::Pending => OperationStatus::Asked,
            OperationOutcome::Accepted if self.was_already_so => OperationStatus::AlreadySo,
            OperationOutcome::Accepted if now > self.deadline => OperationStatus::Unconfirmed,
            OperationOutcome::Accepted => OperationStatus::Accepted,
            OperationOutcome::Confirmed => OperationStatus::Confirmed,
            OperationOutcome::Failed(_) => OperationStatus::Failed,
            OperationOutcome::Refused(_) if self.expired => OperationStatus::Expired,
            OperationOutcome::Refused(_) => OperationStatus::Refused,
            OperationOutcome::Left => OperationStatus::Left,
            OperationOutcome::Unknown(_) => OperationStatus::OutcomeUnknown,
        }
    }

    /// Returns the time from the key press to Graph's answer, if Graph accepted the request.
    #[must_use]
    pub fn accept_latency(&self) -> Option<Millis> {
        let is_accepted = !matches!(self.outcome, OperationOutcome::Refused(_) | OperationOutcome::Unknown(_));
        self.answered.filter(|_| is_accepted).map(|it| it.since(self.pressed))
    }

    /// Returns the time from the key press to the proof, if the operation is confirmed.
    #[must_use]
    pub fn proof_latency(&self) -> Option<Millis> {
        let is_confirmed = self.outcome == OperationOutcome::Confirmed;
        self.proof.as_ref().filter(|_| is_confirmed).map(|it| it.at.since(self.pressed))
    }

    /// Returns whether a proof may still arrive.
    #[must_use]
    pub const fn may_still_be_proved(&self) -> bool {
        match self.outcome {
            OperationOutcome::Pending => true,
            OperationOutcome::Accepted | OperationOutcome::Unknown(_) => self.provable,
            OperationOutcome::Confirmed
            | OperationOutcome::Failed(_)
            | OperationOutcome::Refused(_)
            | OperationOutcome::Left => false,
        }
    }

    /// Returns why it was refused, failed, or got no answer.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match &self.outcome {
            OperationOutcome::Failed(why) | OperationOutcome::Refused(why) | OperationOutcome::Unknown(why) => {
                Some(why)
            }
            OperationOutcome::Pending
            | OperationOutcome::Accepted
            | OperationOutcome::Confirmed
            | OperationOutcome::Left => None,
        }
    }
}

impl Operation {
    /// Moves all its times by `by`, after the clock was set back.
    pub(super) fn move_times(&mut self, by: Millis) {
        let times = [&mut self.sent, &mut self.answered, &mut self.target_gone].into_iter().flatten();
        let proof = self.proof.as_mut().map(|it| &mut it.at);
        for at in times.chain(proof).chain([&mut self.pressed, &mut self.asked.0, &mut self.deadline]) {
            *at = *at + by;
        }
    }
}

impl OperationStatus {
    /// Returns whether the operation may still complete in time: it is asked, sent or accepted.
    #[must_use]
    pub const fn is_in_progress(self) -> bool {
        match self {
            Self::Asked | Self::Sent | Self::Accepted => true,
            Self::Confirmed
            | Self::AlreadySo
            | Self::Failed
            | Self::Refused
            | Self::Expired
            | Self::Left
            | Self::Unconfirmed
            | Self::OutcomeUnknown => false,
        }
    }

    /// Returns whether the operation failed, was refused or got no answer. It then has a reason, and
    /// can be requested again.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Failed | Self::Refused | Self::Expired | Self::OutcomeUnknown => true,
            Self::Asked
            | Self::Sent
            | Self::Accepted
            | Self::Confirmed
            | Self::AlreadySo
            | Self::Left
            | Self::Unconfirmed => false,
        }
    }

    /// Returns the word that the list of operations shows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Confirmed => "CONFIRMED",
            Self::AlreadySo => "ACCEPTED, already so",
            Self::Failed => "FAILED",
            Self::Refused => "REFUSED",
            Self::Expired => "EXPIRED",
            Self::Left => "LEFT",
            Self::Unconfirmed => "UNCONFIRMED",
            Self::OutcomeUnknown => "OUTCOME UNKNOWN",
        }
    }
}

impl ProofSource {
    /// Returns the word of the proof column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RosterServerMuted | Self::Roster => "roster",
            Self::Read => "read",
            Self::Notice => "notice",
            Self::Answer => "answer",
            Self::CallEnded => "ended",
        }
    }
}
