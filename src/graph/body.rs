//! The bodies of actions on calls and participants, as one type: each action takes some of the members
//! (graph-contract.md, "Endpoints"). This module only reads them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient;
use super::{
    CallOptions, InvitationParticipantInfo, Invited, MediaConfig, MediaInfo, Modality, ParticipantInfo,
    RejectCallReason, ScreenSharingRole, Tone,
};

/// The body of any action.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "actionBody", rename_all = "camelCase")]
pub struct ActionBody {
    /// The caller's mark, by which it recognises its operation (most actions).
    #[serde(default)]
    pub client_context: Option<Box<str>>,
    /// The address for further notifications (answer, redirect).
    #[serde(default)]
    pub callback_uri: Option<Box<str>>,
    /// The media that the application accepts (answer).
    #[serde(default)]
    pub accepted_modalities: Option<Vec<Modality>>,
    /// The configuration of the media (answer).
    #[serde(default)]
    pub media_config: Option<MediaConfig>,
    /// The options of the call (answer).
    #[serde(default)]
    pub call_options: Option<CallOptions>,
    /// The number of people that the application can record (answer).
    #[serde(default, deserialize_with = "lenient::number")]
    pub participant_capacity: Option<i64>,
    /// The reason why the application refuses the call (reject).
    #[serde(default)]
    pub reason: Option<RejectCallReason>,
    /// The new targets of the call (redirect).
    #[serde(default)]
    pub targets: Option<Vec<InvitationParticipantInfo>>,
    /// For example `disableForwarding` (redirect, beta).
    #[serde(default)]
    pub routing_policies: Option<Vec<Box<str>>>,
    /// The person or number that receives the call (transfer).
    #[serde(default)]
    pub transfer_target: Option<InvitationParticipantInfo>,
    /// The participant that is transferred, in a group call (transfer).
    #[serde(default)]
    pub transferee: Option<ParticipantInfo>,
    /// The people that the action applies to (invite, mute all).
    #[serde(default)]
    pub participants: Option<Vec<Invited>>,
    /// The files to play (playPrompt, recordResponse).
    #[serde(default)]
    pub prompts: Option<Vec<Prompt>>,
    /// The music for the participant on hold (startHoldMusic).
    #[serde(default)]
    pub custom_prompt: Option<Prompt>,
    /// Whether the prompts repeat (playPrompt, beta).
    #[serde(rename = "loop", default, deserialize_with = "lenient::flag")]
    pub repeats: Option<bool>,
    /// Whether the prompt ends when the caller speaks (recordResponse).
    #[serde(default, deserialize_with = "lenient::flag")]
    pub barge_in_allowed: Option<bool>,
    /// How long to wait for the first word, in seconds (recordResponse).
    #[serde(default, deserialize_with = "lenient::number")]
    pub initial_silence_timeout_in_seconds: Option<i64>,
    /// The length of a pause that ends the recording, in seconds (recordResponse).
    #[serde(default, deserialize_with = "lenient::number")]
    pub max_silence_timeout_in_seconds: Option<i64>,
    /// The longest recording, in seconds (recordResponse).
    #[serde(default, deserialize_with = "lenient::number")]
    pub max_record_duration_in_seconds: Option<i64>,
    /// Whether a beep begins the recording (recordResponse).
    #[serde(default, deserialize_with = "lenient::flag")]
    pub play_beep: Option<bool>,
    /// The keys that end the recording (recordResponse).
    #[serde(default)]
    pub stop_tones: Option<Vec<Box<str>>>,
    /// The keys to press (sendDtmfTones).
    #[serde(default)]
    pub tones: Option<Vec<Tone>>,
    /// The pause between them, in milliseconds (sendDtmfTones).
    #[serde(default, deserialize_with = "lenient::number")]
    pub delay_between_tones_ms: Option<i64>,
    /// The recording's state (updateRecordingStatus); the documentation also prints all three at once.
    #[serde(default)]
    pub status: Option<Box<str>>,
    /// The application's part (changeScreenSharingRole).
    #[serde(default)]
    pub role: Option<ScreenSharingRole>,
    /// For example `en-US` (transfer, beta).
    #[serde(default)]
    pub language_id: Option<Box<str>>,
    /// For example `amer` (transfer, beta).
    #[serde(default)]
    pub region: Option<Box<str>>,
    /// A device's measurements (logTeleconferenceDeviceQuality).
    #[serde(default)]
    pub quality: Option<Box<RawValue>>,
    /// The volume at which each participant hears each other (configureMixer, beta).
    #[serde(default)]
    pub participant_mixer_levels: Option<Box<RawValue>>,
}

/// A prompt: a file that Graph plays into the call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename = "mediaPrompt", rename_all = "camelCase")]
pub struct Prompt {
    /// Which form: required, because the declared type is abstract.
    #[serde(rename = "@odata.type", default)]
    pub odata_type: Option<Box<str>>,
    /// The file to play.
    #[serde(default)]
    pub media_info: Option<MediaInfo>,
    /// How often the file is played (beta).
    #[serde(rename = "loop", default, deserialize_with = "lenient::number")]
    pub times: Option<i64>,
}
