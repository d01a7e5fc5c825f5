//! The acts of operators: the request of each, and the time budget of its proof.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::{CallId, GraphAction, ParticipantId};
use crate::time::Millis;

/// An act that an operator can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// Mute a participant.
    Mute,
    /// Mute the application itself.
    MuteSelf,
    /// Unmute the application itself.
    UnmuteSelf,
    /// Put a participant on hold.
    Hold,
    /// Release a participant from hold.
    Release,
    /// Remove a participant.
    Remove,
    /// End the application's leg.
    HangUp,
}

impl Act {
    /// Returns the act of a request to Graph; `None` for reads and keepAlive.
    #[must_use]
    pub const fn of(action: &GraphAction) -> Option<Self> {
        match action {
            GraphAction::MuteParticipant(..) => Some(Self::Mute),
            GraphAction::MuteSelf(_) => Some(Self::MuteSelf),
            GraphAction::UnmuteSelf(_) => Some(Self::UnmuteSelf),
            GraphAction::StartHoldMusic(..) => Some(Self::Hold),
            GraphAction::StopHoldMusic(..) => Some(Self::Release),
            GraphAction::RemoveParticipant(..) => Some(Self::Remove),
            GraphAction::HangUp(_) => Some(Self::HangUp),
            GraphAction::KeepAlive(_)
            | GraphAction::GetCall(_)
            | GraphAction::ListParticipants(_)
            | GraphAction::GetParticipant(..)
            | GraphAction::GetOperation(..) => None,
        }
    }

    /// Returns the request to Graph, or `None` if the act needs a participant and there is none.
    #[must_use]
    pub fn action(self, call: CallId, participant: Option<ParticipantId>) -> Option<GraphAction> {
        Some(match self {
            Self::Mute => GraphAction::MuteParticipant(call, participant?),
            Self::MuteSelf => GraphAction::MuteSelf(call),
            Self::UnmuteSelf => GraphAction::UnmuteSelf(call),
            Self::Hold => GraphAction::StartHoldMusic(call, participant?),
            Self::Release => GraphAction::StopHoldMusic(call, participant?),
            Self::Remove => GraphAction::RemoveParticipant(call, participant?),
            Self::HangUp => GraphAction::HangUp(call),
        })
    }

    /// Returns how long the proof may take before the operation counts as unconfirmed.
    #[must_use]
    pub const fn budget(self) -> Millis {
        match self {
            Self::Mute | Self::MuteSelf | Self::UnmuteSelf => Millis::seconds(3),
            Self::Hold | Self::Release | Self::Remove | Self::HangUp => Millis::seconds(10),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Mute => "mute",
            Self::MuteSelf => "mute application",
            Self::UnmuteSelf => "unmute application",
            Self::Hold => "hold",
            Self::Release => "release hold",
            Self::Remove => "remove",
            Self::HangUp => "hang up",
        })
    }
}
