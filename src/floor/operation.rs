//! Operations and their proof (graph-contract.md, "Operations and their proof"): what was asked, what Graph said, and
//! what the call said afterwards.

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::entry::{Cursor, Ticket};
use crate::graph::{CallId, OperationId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// One act of an operator and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The number that people say aloud.
    pub number: OperationNumber,
    /// The mark that ties it together.
    pub ticket: Ticket,
    /// Who asked.
    pub by: Box<str>,
    /// What was asked.
    pub act: Act,
    /// The call.
    pub call: CallId,
    /// The participant, for acts on one.
    pub participant: Option<ParticipantId>,
    /// Whom or what it is about, as it was called when asked; untrusted text.
    pub target: Box<str>,
    /// The exact request.
    pub request: Box<str>,
    /// When the key was pressed.
    pub pressed: Timestamp,
    /// When it was journalled, and where.
    pub asked: (Timestamp, Cursor),
    /// When it was first sent.
    pub sent: Option<Timestamp>,
    /// How many times it was sent.
    pub tries: u8,
    /// When Graph's answer came.
    pub answered: Option<Timestamp>,
    /// Graph's status, if it answered.
    pub status: Option<u16>,
    /// Graph's own id of the operation.
    pub operation_id: Option<OperationId>,
    /// What the call said; it counts once the operation is accepted.
    pub proof: Option<Proof>,
    /// What Graph's operation failed with; it counts once the operation is accepted.
    pub failure: Option<Box<str>>,
    /// When the person was found gone, or the call ended; it counts once the operation is accepted.
    pub gone: Option<Timestamp>,
    /// Whether what was asked was already so.
    pub already: bool,
    /// Whether the call can still prove it: not when it was already so and the stream can show no change.
    pub provable: bool,
    /// How it stands, as far as facts tell; *unconfirmed* is derived from the deadline.
    pub outcome: OperationOutcome,
    /// After this, an accepted operation without proof is unconfirmed.
    pub deadline: Timestamp,
}

/// An operation's notification that came before the answer that names the operation.
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

/// What the call said afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When it came.
    pub at: Timestamp,
    /// What it was.
    pub evidence: ProofSource,
    /// The entry that brought it.
    pub cursor: Cursor,
}

/// What kind of evidence proves an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProofSource {
    /// A roster notification whose stream shows `serverMuted`: the stronger evidence.
    RosterServerMuted,
    /// A roster notification that shows `isMuted`, which is client *or* server mute; or, for removal, absence.
    Roster,
    /// A roster that the relay read from Graph after the ask.
    Read,
    /// The operation's own notification.
    Notice,
    /// An answer that is already final, where Graph sends nothing more.
    Answer,
    /// The call's `deleted` notification.
    CallEnded,
}

/// How an operation stands by the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationOutcome {
    /// Journalled; nothing sent yet, or no answer yet.
    Pending,
    /// Graph said 2xx.
    Accepted,
    /// The call itself said so.
    Confirmed,
    /// Graph's operation failed; with its code and words.
    Failed(Box<str>),
    /// Refused by the gate or by Graph; with the reason and the next step.
    Refused(Box<str>),
    /// The person left, or the call ended, before there was proof.
    Left,
    /// No answer came after it was sent.
    Unknown(Box<str>),
}

/// How an operation stands at a given time: what the ledger shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationStatus {
    /// Journalled, not sent.
    Asked,
    /// Sent, no answer yet.
    Sent,
    /// Accepted, no proof yet, within the budget.
    Accepted,
    /// Proved.
    Confirmed,
    /// Accepted; what was asked was already so, and no proof is possible.
    AlreadySo,
    /// Graph's operation failed.
    Failed,
    /// Refused.
    Refused,
    /// The person left first.
    Left,
    /// No proof within the budget; still confirmed if proof comes.
    Unconfirmed,
    /// Sent, and no answer came: it may or may not have happened.
    OutcomeUnknown,
}

impl Operation {
    /// How it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> OperationStatus {
        match &self.outcome {
            OperationOutcome::Pending if self.sent.is_some() => OperationStatus::Sent,
            OperationOutcome::Pending => OperationStatus::Asked,
            OperationOutcome::Accepted if self.already => OperationStatus::AlreadySo,
            OperationOutcome::Accepted if now > self.deadline => OperationStatus::Unconfirmed,
            OperationOutcome::Accepted => OperationStatus::Accepted,
            OperationOutcome::Confirmed => OperationStatus::Confirmed,
            OperationOutcome::Failed(_) => OperationStatus::Failed,
            OperationOutcome::Refused(_) => OperationStatus::Refused,
            OperationOutcome::Left => OperationStatus::Left,
            OperationOutcome::Unknown(_) => OperationStatus::OutcomeUnknown,
        }
    }

    /// From the key press to Graph's answer.
    #[must_use]
    pub fn accept_latency(&self) -> Option<Millis> {
        let accepted = !matches!(self.outcome, OperationOutcome::Refused(_) | OperationOutcome::Unknown(_));
        self.answered.filter(|_| accepted).map(|it| it.since(self.pressed))
    }

    /// From the key press to the proof.
    #[must_use]
    pub fn proof_latency(&self) -> Option<Millis> {
        let counts = self.outcome == OperationOutcome::Confirmed;
        self.proof.as_ref().filter(|_| counts).map(|it| it.at.since(self.pressed))
    }

    /// Whether proof may still come.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.outcome {
            OperationOutcome::Pending => true,
            OperationOutcome::Accepted | OperationOutcome::Unknown(_) => self.provable,
            OperationOutcome::Confirmed
            | OperationOutcome::Failed(_)
            | OperationOutcome::Refused(_)
            | OperationOutcome::Left => false,
        }
    }

    /// Why it was refused or failed.
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

impl OperationStatus {
    /// Whether the operation may still come to its end in time: it is asked, sent or accepted.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Asked | Self::Sent | Self::Accepted => true,
            Self::Confirmed
            | Self::AlreadySo
            | Self::Failed
            | Self::Refused
            | Self::Left
            | Self::Unconfirmed
            | Self::OutcomeUnknown => false,
        }
    }

    /// Whether the operation failed, was refused, or got no answer: it has a reason, and may be asked again.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Failed | Self::Refused | Self::OutcomeUnknown => true,
            Self::Asked
            | Self::Sent
            | Self::Accepted
            | Self::Confirmed
            | Self::AlreadySo
            | Self::Left
            | Self::Unconfirmed => false,
        }
    }

    /// The word that ledgers show.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Confirmed => "CONFIRMED",
            Self::AlreadySo => "ACCEPTED, was already so",
            Self::Failed => "FAILED",
            Self::Refused => "REFUSED",
            Self::Left => "LEFT",
            Self::Unconfirmed => "UNCONFIRMED",
            Self::OutcomeUnknown => "OUTCOME UNKNOWN",
        }
    }
}

impl ProofSource {
    /// The word that the ledger's proof column shows.
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
