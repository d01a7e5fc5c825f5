//! Calls (graph-contract.md, "Creating a call", "Types" and "States of a call"). Notifications carry partial calls:
//! merge, never replace.

use serde::{Deserialize, Serialize};

use super::lenient;
use super::{
    CallDirection, CallId, CallState, CallTranscriptionState, Identity, IdentitySet, InvitationParticipantInfo,
    MediaState, Modality, ParticipantId, ParticipantInfo, ResultInfo, RoutingMode, RoutingType, Tone,
};

/// A call, or the part of it that a notification carries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.call", rename_all = "camelCase")]
pub struct Call {
    /// The call's id; notifications may leave it to `resourceUrl`.
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub id: Option<CallId>,
    /// The state of the call, for example `established`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CallState>,
    /// Incoming or outgoing, as the application sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<CallDirection>,
    /// The subject of the call; untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Box<str>>,
    /// The tenant that the application's token must be for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Box<str>>,
    /// Where this call's notifications go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_uri: Option<Box<str>>,
    /// One id for all legs of a conference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_chain_id: Option<Box<str>>,
    /// The application's own participant.
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub my_participant_id: Option<ParticipantId>,
    /// The caller of an incoming call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ParticipantInfo>,
    /// The people, bots or numbers that the call is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<InvitationParticipantInfo>>,
    /// The participant who answered (beta, but printed in v1.0 too).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<ParticipantInfo>,
    /// The requested media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_modalities: Option<Vec<Modality>>,
    /// The media in use (beta, but printed in v1.0 too).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_modalities: Option<Vec<Modality>>,
    /// Whether audio flows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_state: Option<CallMediaState>,
    /// Where the media are handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_config: Option<MediaConfig>,
    /// The meeting's chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_info: Option<ChatInfo>,
    /// The meeting that the call belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting_info: Option<MeetingInfo>,
    /// The options the call was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_options: Option<CallOptions>,
    /// How the call was routed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_routes: Option<Vec<CallRoute>>,
    /// The context of an incoming call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoming_context: Option<IncomingContext>,
    /// How the call ended, or why a transfer failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_info: Option<ResultInfo>,
    /// A telephone key that was pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone_info: Option<ToneInfo>,
    /// Whether the call is transcribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcription: Option<CallTranscriptionInfo>,
    /// How long to ring, in seconds (beta).
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub ringing_timeout_in_seconds: Option<i64>,
}

/// Whether a call's audio flows; separate from the call's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.callMediaState")]
pub struct CallMediaState {
    /// Active or inactive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<MediaState>,
}

/// Where the media are handled: the union of the service-hosted and the app-hosted form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaConfig {
    /// Which form: required, because the declared type is abstract.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<Box<str>>,
    /// App-hosted: the media platform's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<Box<str>>,
    /// Service-hosted: prompts to fetch ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_fetch_media: Option<Vec<MediaInfo>>,
    /// Keeps the application out of the default audio group (beta, but printed in v1.0 too).
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub remove_from_default_audio_group: Option<bool>,
}

/// A media file: WAV, mono, 16 bit, 16 kHz.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaInfo {
    /// The type name, which `mediaPrompt` examples carry.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<Box<str>>,
    /// Where the file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<Box<str>>,
    /// The cache key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Box<str>>,
}

/// A meeting's chat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.chatInfo", rename_all = "camelCase")]
pub struct ChatInfo {
    /// For example `19:meeting_…@thread.v2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<Box<str>>,
    /// `0` for the meeting itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Box<str>>,
    /// The reply chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_chain_message_id: Option<Box<str>>,
}

/// A meeting: the union of the organizer, the join-id and the token form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingInfo {
    /// Which form: required in requests, because the declared type is abstract.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<Box<str>>,
    /// The organizer of the meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer: Option<IdentitySet>,
    /// Whether others may talk before the organizer is there.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub allow_conversation_without_host: Option<bool>,
    /// The id that people type to join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_meeting_id: Option<Box<str>>,
    /// The passcode for `join_meeting_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<Box<str>>,
    /// The join token, in the token form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Box<str>>,
}

/// The options of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallOptions {
    /// Outgoing or incoming: required in requests, because the declared type is abstract.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<Box<str>>,
    /// Hides the application after it has added people.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub hide_bot_after_escalation: Option<bool>,
    /// Asks for notifications of content sharing.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub is_content_sharing_notification_enabled: Option<bool>,
    /// Asks for delta rosters.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub is_delta_roster_enabled: Option<bool>,
    /// Filters the delta roster by interactivity.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub is_interactive_roster_enabled: Option<bool>,
}

/// How a call was routed on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.callRoute", rename_all = "camelCase")]
pub struct CallRoute {
    /// The reason, for example `forwarded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_type: Option<RoutingType>,
    /// The identity that was called first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<IdentitySet>,
    /// The identity that the call reached in the end.
    #[serde(rename = "final", default, skip_serializing_if = "Option::is_none")]
    pub last: Option<IdentitySet>,
}

/// The context of an incoming call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.incomingContext", rename_all = "camelCase")]
pub struct IncomingContext {
    /// The participant who called.
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub source_participant_id: Option<ParticipantId>,
    /// The participant that is observed (policy recording).
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub observed_participant_id: Option<ParticipantId>,
    /// The identity on whose behalf the call is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<IdentitySet>,
    /// The person who transferred the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transferor: Option<IdentitySet>,
}

/// A telephone key that was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.toneInfo", rename_all = "camelCase")]
pub struct ToneInfo {
    /// Orders the tones of one call.
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub sequence_id: Option<i64>,
    /// The key that was pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
}

/// Whether a call is transcribed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.callTranscriptionInfo", rename_all = "camelCase")]
pub struct CallTranscriptionInfo {
    /// The state of the transcription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CallTranscriptionState>,
    /// When it last changed: an RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_date_time: Option<Box<str>>,
}

/// Routes the audio of some participants to others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.audioRoutingGroup", rename_all = "camelCase")]
pub struct AudioRoutingGroup {
    /// The group's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
    /// One to one, or multicast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_mode: Option<RoutingMode>,
    /// Participants who are heard.
    #[serde(default, deserialize_with = "lenient::list")]
    pub sources: Vec<ParticipantId>,
    /// Participants who hear.
    #[serde(default, deserialize_with = "lenient::list")]
    pub receivers: Vec<ParticipantId>,
}

/// A session of shared content.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.contentSharingSession", rename_all = "camelCase")]
pub struct ContentSharingSession {
    /// The session's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
    /// The participant who presents (beta).
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub presenter_participant_id: Option<ParticipantId>,
}

impl Call {
    /// Returns whether the call has a roster: a meeting, or a call with several targets. `None` when this part of the
    /// call does not show it (graph-contract.md, "Creating a call": one target, no meeting, is a 1:1 call). A thread
    /// without `@thread` is no proof: 1:1 calls to a bot were seen with one (graph-contract.md, "Seen in the field").
    #[must_use]
    pub fn is_group(&self) -> Option<bool> {
        let thread = self.chat_info.as_ref().and_then(|it| it.thread_id.as_deref());
        if self.meeting_info.is_some() || thread.is_some_and(|it| it.contains("@thread")) {
            return Some(true);
        }
        self.targets.as_ref().filter(|it| !it.is_empty()).map(|it| it.len() > 1)
    }

    /// Returns the people of a 1:1 call, which has no roster: its source and its targets, with their names.
    pub fn parties(&self) -> impl Iterator<Item = &IdentitySet> {
        let source = self.source.iter().filter_map(|it| it.identity.as_ref());
        let targets = self.targets.iter().flatten().filter_map(|it| it.identity.as_ref());
        source.chain(targets)
    }
}

impl From<Identity> for IdentitySet {
    /// Creates the identity set of a directory user.
    fn from(user: Identity) -> Self {
        Self { user: Some(user.into()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_alone_proves_a_roster_only_with_its_suffix() {
        let call = |text: &str| serde_json::from_str::<Call>(text).unwrap().is_group();
        for (text, expected) in [
            (r#"{"chatInfo": {"threadId": "19:meeting_x@thread.v2"}, "targets": [{}]}"#, Some(true)),
            (r#"{"chatInfo": {"threadId": "19:0ca11000-0000-4000-8000-0000000000aa"}}"#, None),
            (r#"{"chatInfo": {"threadId": "19:0ca11000-0000-4000-8000-0000000000aa"}, "targets": [{}]}"#, Some(false)),
            (r#"{"chatInfo": null, "targets": [{}, {}]}"#, Some(true)),
            (r#"{"meetingInfo": {"joinMeetingId": "1"}, "targets": []}"#, Some(true)),
            (r#"{"state": "established"}"#, None),
        ] {
            let text = text.replacen('{', r##"{"@odata.type": "#microsoft.graph.call", "##, 1);
            assert_eq!(call(&text), expected, "{text}");
        }
    }
}
