//! Participants and their media streams (graph-contract.md, "Types", "Rosters" and "Mute and hold"). Graph
//! has no hold property.

use serde::{Deserialize, Serialize};

use super::lenient;
use super::{EndpointType, IdentitySet, MediaDirection, Modality, ParticipantId, RecordingStatus};

/// The label of the audio stream that mute and hold act on.
pub const MAIN_AUDIO: &str = "main-audio";

/// One participant of a call, as rosters and answers give it; every member may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.participant", rename_all = "camelCase")]
pub struct Participant {
    /// The participant's id; documented examples also print `null`.
    #[serde(default, deserialize_with = "lenient::id_of_person", skip_serializing_if = "Option::is_none")]
    pub id: Option<ParticipantId>,
    /// Identity, endpoint and region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<ParticipantInfo>,
    /// The media streams.
    #[serde(default, deserialize_with = "lenient::list", skip_serializing_if = "Vec::is_empty")]
    pub media_streams: Vec<MediaStream>,
    /// Muted by the client *or* by the server.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub is_muted: Option<bool>,
    /// Waiting in the lobby.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub is_in_lobby: Option<bool>,
    /// Free text of the client, often JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Box<str>>,
    /// Whether this participant records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_info: Option<Box<RecordingInfo>>,
    /// Present when the participant has left (delta rosters only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_state: Option<RemovedState>,
    /// The restrictions of the participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted_experience: Option<Box<RestrictedExperience>>,
    /// The roster sequence in which the participant last changed (delta rosters only).
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub roster_sequence_number: Option<i64>,
    /// Overrides the display name (beta).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_display_name: Option<Box<str>>,
    /// The role in the meeting, where the payload names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting_role: Option<Box<str>>,
    /// The members that could not be read and were left out: `isMuted`, `info/region`, or `everything`.
    #[serde(skip)]
    pub unreadable: Vec<Box<str>>,
}

impl Participant {
    /// Returns the participant's id, from either place where a payload may have it.
    #[must_use]
    pub fn identity_id(&self) -> Option<&ParticipantId> {
        self.id.as_ref().or_else(|| self.info.as_ref()?.participant_id.as_ref())
    }

    /// Returns the stream that mute and hold act on: the one labelled `main-audio`, else the first audio stream. `None` if a
    /// stream was unreadable, because it may have been the one.
    #[must_use]
    pub fn main_audio(&self) -> Option<&MediaStream> {
        if self.unreadable.iter().any(|it| it.starts_with("mediaStreams")) {
            return None;
        }
        let labelled = self.media_streams.iter().find(|it| it.label.as_deref() == Some(MAIN_AUDIO));
        labelled.or_else(|| self.media_streams.iter().find(|it| it.media_type == Some(Modality::Audio)))
    }
}

/// A participant's identity, endpoint and region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.participantInfo", rename_all = "camelCase")]
pub struct ParticipantInfo {
    /// The person, application or phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentitySet>,
    /// The kind of endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_type: Option<EndpointType>,
    /// The country, as an ISO 3166 alpha-2 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<Box<str>>,
    /// For example `en-US`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_id: Option<Box<str>>,
    /// For example `westus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Box<str>>,
    /// The participant's id, again.
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<ParticipantId>,
    /// The endpoint's id, in newer payloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_id: Option<Box<str>>,
}

/// A person to invite, or a target of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.invitationParticipantInfo", rename_all = "camelCase")]
pub struct InvitationParticipantInfo {
    /// The person, application or phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentitySet>,
    /// Whether the participant is hidden from others.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// The participant's id.
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<ParticipantId>,
    /// Keeps the participant out of the default audio routing group.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub remove_from_default_audio_routing_group: Option<bool>,
    /// The call that this invitation replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces_call_id: Option<Box<str>>,
}

/// One media stream of a participant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.mediaStream", rename_all = "camelCase")]
pub struct MediaStream {
    /// Audio, video or another medium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<Modality>,
    /// For example `main-audio`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Box<str>>,
    /// A decimal number, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Box<str>>,
    /// The direction of the media; `inactive` on `main-audio` is a hint of a hold, not a proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<MediaDirection>,
    /// Muted by the server; often left out.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub server_muted: Option<bool>,
}

/// Whether a participant records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.recordingInfo", rename_all = "camelCase")]
pub struct RecordingInfo {
    /// The state of the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_status: Option<RecordingStatus>,
    /// The person who started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiator: Option<IdentitySet>,
}

/// The reason why a participant is gone: free text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.removedState", rename_all = "camelCase")]
pub struct RemovedState {
    /// For example "Participant has left the meeting call."
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
}

/// The restrictions of a participant in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.onlineMeetingRestricted", rename_all = "camelCase")]
pub struct RestrictedExperience {
    /// The reason why content sharing is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sharing_disabled: Option<Box<str>>,
    /// The reason why video is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_disabled: Option<Box<str>>,
}

/// A roster of only the participants that changed since the last one (opt-in per call).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.deltaParticipants", rename_all = "camelCase")]
pub struct DeltaParticipants {
    /// Orders the rosters of one call.
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub sequence_number: Option<i64>,
    /// The participants that changed; those with `removedState` have left.
    #[serde(default, deserialize_with = "lenient::list")]
    pub participants: Vec<Participant>,
}
