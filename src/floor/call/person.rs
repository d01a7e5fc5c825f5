//! A person in a call.

use serde::{Deserialize, Serialize};

use crate::floor::lane::{HoldKind, Lane, LaneHistory, LaneState, MicState};
use crate::floor::operation::OperationNumber;
use crate::floor::start_time::StartTime;
use crate::graph::{IdentityKind, MediaDirection, ParticipantId};
use crate::time::Timestamp;

/// A participant of a call with a roster, as the last rosters and operations show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Graph's id of the participant.
    pub id: ParticipantId,
    /// The place among the people of the call, in the order in which rosters first showed them: 1 for the first. It
    /// never changes, so a list stays in its order under other names; 0 in a floor of an earlier version.
    #[serde(default)]
    pub ordinal: u32,
    /// The display name; untrusted text, may be empty.
    pub name: Box<str>,
    /// The kind of the identity.
    pub kind: Option<IdentityKind>,
    /// Muted, by the client or by the server.
    pub muted: bool,
    /// Whether the server muted the main audio stream; `None` until a stream has shown it.
    pub server_muted: Option<bool>,
    /// When the mute was first seen; `None` when not muted.
    pub muted_since: Option<StartTime>,
    /// Since when the person waits in the lobby; `None` when admitted.
    pub lobby: Option<StartTime>,
    /// Which way the main audio flows.
    pub audio: Option<MediaDirection>,
    /// The hold, from our own operations or inferred from the audio direction. Boxed, because few people are on hold.
    pub hold: Option<Box<Hold>>,
    /// When the person joined, or was first seen.
    pub joined: StartTime,
    /// When a roster, or the end of the call, showed that the person had left.
    pub left: Option<Timestamp>,
    /// The last confirmed mute by an operator, until the person unmutes.
    pub muted_by: Option<OperationNumber>,
    /// What of the last roster could not be read about the person, `isMuted`; what it said is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Box<str>>,
    /// The changes of microphone and hold over time.
    #[serde(default, skip_serializing_if = "Lane::is_blank")]
    pub lane: Lane,
}

/// A person of a 1:1 call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The display name; untrusted text, may be empty.
    pub name: Box<str>,
    /// The kind of the identity.
    pub kind: IdentityKind,
}

/// A hold. Graph has no hold property: it is known from our own operations or inferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The evidence that the person is on hold.
    pub source: HoldSource,
    /// When the hold began.
    pub since: StartTime,
}

/// The evidence that a person is on hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldSource {
    /// An operation of this journal.
    Ours {
        /// The hold operation.
        operation: OperationNumber,
        /// The operator who asked for it.
        by: Box<str>,
    },
    /// The main audio is inactive: the person may have put the call on hold on their own phone.
    Inferred,
    /// A hold was sent and its outcome is unknown.
    Unknown,
}

impl Person {
    /// Returns the person's states in order, including the first one if it is known.
    #[must_use]
    pub fn lane_history(&self) -> LaneHistory {
        self.lane.history(self.joined)
    }

    /// Returns the present state, as the lane records it.
    pub(super) fn lane_state(&self) -> LaneState {
        let mic = self.mic();
        let hold = self.hold.as_ref().filter(|_| mic != MicState::Left);
        let (holding, by) = match hold.map(|it| &it.source) {
            None => (None, None),
            Some(HoldSource::Ours { operation, .. }) => (Some(HoldKind::Ours), Some(*operation)),
            Some(HoldSource::Inferred) => (Some(HoldKind::Inferred), None),
            Some(HoldSource::Unknown) => (Some(HoldKind::Unknown), None),
        };
        let muted_by = self.muted_by.filter(|_| mic == MicState::MutedServer);
        LaneState::new(mic, holding, by.or(muted_by))
    }

    /// Returns the microphone's state, as the board names it.
    #[must_use]
    pub const fn mic(&self) -> MicState {
        match self {
            Self { left: Some(_), .. } => MicState::Left,
            Self { lobby: Some(_), .. } => MicState::Lobby,
            // After a mute of ours that the roster confirmed, the person is server-muted even if
            // the stream does not show it.
            Self { server_muted: Some(true), .. } | Self { muted: true, muted_by: Some(_), .. } => {
                MicState::MutedServer
            }
            Self { muted: true, .. } => MicState::MutedSelf,
            _ => MicState::Live,
        }
    }
}
