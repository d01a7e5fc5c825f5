//! Operations: the progress and result of an action, as Graph reports them (graph-contract.md, "Types" and
//! "Operations as Graph reports them").

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::lenient;
use super::open_enum::open_enum;
use super::{CommsOperationStatus, InvitationParticipantInfo, OperationId};

open_enum! {
    /// The action of an operation, from its `@odata.type`.
    OperationKind {
        MuteParticipant = "#microsoft.graph.muteParticipantOperation",
        UnmuteParticipant = "#microsoft.graph.unmuteParticipantOperation",
        StartHoldMusic = "#microsoft.graph.startHoldMusicOperation",
        StopHoldMusic = "#microsoft.graph.stopHoldMusicOperation",
        InviteParticipants = "#microsoft.graph.inviteParticipantsOperation",
        PlayPrompt = "#microsoft.graph.playPromptOperation",
        Record = "#microsoft.graph.recordOperation",
        CancelMediaProcessing = "#microsoft.graph.cancelMediaProcessingOperation",
        SubscribeToTone = "#microsoft.graph.subscribeToToneOperation",
        SendDtmfTones = "#microsoft.graph.sendDtmfTonesOperation",
        UpdateRecordingStatus = "#microsoft.graph.updateRecordingStatusOperation",
        AddLargeGalleryView = "#microsoft.graph.addLargeGalleryViewOperation",
        StartRecording = "#microsoft.graph.startRecordingOperation",
        StopRecording = "#microsoft.graph.stopRecordingOperation",
        StartTranscription = "#microsoft.graph.startTranscriptionOperation",
        StopTranscription = "#microsoft.graph.stopTranscriptionOperation",
        MuteParticipants = "#microsoft.graph.muteParticipantsOperation",
        Plain = "#microsoft.graph.commsOperation",
    }
}

/// An operation, as an answer or a notification gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommsOperation {
    /// The action that it performs.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OperationKind>,
    /// The operation's id; several documented notifications leave it to `resourceUrl`.
    #[serde(default, deserialize_with = "lenient::id", skip_serializing_if = "Option::is_none")]
    pub id: Option<OperationId>,
    /// Its progress, for example `running`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CommsOperationStatus>,
    /// The caller's text, by which the caller recognises its operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<Box<str>>,
    /// Its result, once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_info: Option<ResultInfo>,
    /// The invited people (invite only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<Invited>>,
    /// The reason why it ended (prompts, tones, recordings).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_reason: Option<Box<str>>,
    /// The address of the recorded file (recordings).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_location: Option<Box<str>>,
    /// The token that fetches it (recordings); a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_access_token: Option<Box<str>>,
}

/// A person that an operation names: an invitation, or (beta `muteAll`) only an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Invited {
    /// A participant's id.
    Id(Box<str>),
    /// An invitation with the person's identity.
    Info(Box<InvitationParticipantInfo>),
}

impl<'de> Deserialize<'de> for Invited {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Invited;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a participant's id, or an invitation")
            }
            fn visit_str<E: de::Error>(self, id: &str) -> Result<Invited, E> {
                Ok(Invited::Id(id.into()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, members: A) -> Result<Invited, A::Error> {
                Deserialize::deserialize(de::value::MapAccessDeserializer::new(members)).map(Invited::Info)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// How a call or an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.resultInfo", rename_all = "camelCase")]
pub struct ResultInfo {
    /// An HTTP status; `0` also means success in older payloads.
    #[serde(default, deserialize_with = "lenient::number")]
    pub code: Option<i64>,
    /// The detail; examples spell it `subCode` too.
    #[serde(default, alias = "subCode", deserialize_with = "lenient::number")]
    pub subcode: Option<i64>,
    /// A sentence; untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<str>>,
}

impl ResultInfo {
    /// Returns whether it is a success: 2xx, or 0 as older payloads have it.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code.is_none_or(|code| code == 0 || (200..300).contains(&code))
    }
}

impl fmt::Display for ResultInfo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.code.unwrap_or_default())?;
        if let Some(subcode) = self.subcode {
            write!(out, "/{subcode}")?;
        }
        match self.message.as_deref() {
            Some(message) if !message.is_empty() => write!(out, " {message}"),
            _ => Ok(()),
        }
    }
}

/// The caller's mark on an operation: at most 256 characters, echoed in answers and notifications.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClientContext(Box<str>);

/// A client context of more than 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("clientContext has {length} characters; Graph takes at most {}", ClientContext::MOST)]
pub struct ClientContextTooLong {
    /// The number of characters.
    pub length: usize,
}

impl ClientContext {
    /// The maximum number of characters that Graph accepts.
    pub const MOST: usize = 256;

    /// Checks a text's length and keeps it.
    ///
    /// Fails if the text has more than 256 characters.
    pub(crate) fn new(text: &str) -> Result<Self, ClientContextTooLong> {
        let length = text.chars().count();
        if length > Self::MOST {
            return Err(ClientContextTooLong { length });
        }
        Ok(Self(text.into()))
    }

    /// Returns the text, as Graph receives and echoes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_info_reads_numbers_and_strings() {
        for text in [
            r#"{"code":200,"subcode":5001}"#,
            r#"{"code":"200","subcode":"5001","message":null}"#,
            r##"{"@odata.type":"#microsoft.graph.resultInfo","code":"200","subCode":5001,"novel":1}"##,
        ] {
            let info: ResultInfo = serde_json::from_str(text).unwrap();
            assert_eq!((info.code, info.subcode), (Some(200), Some(5001)), "{text}");
            assert!(info.is_success());
        }
        assert!(serde_json::from_str::<ResultInfo>(r#"{"code":"0"}"#).unwrap().is_success());
        assert!(!serde_json::from_str::<ResultInfo>(r#"{"code":400,"subcode":8508}"#).unwrap().is_success());
    }

    #[test]
    fn client_context_is_limited_in_characters() {
        assert!(ClientContext::new(&"é".repeat(256)).is_ok());
        assert_eq!(ClientContext::new(&"é".repeat(257)), Err(ClientContextTooLong { length: 257 }));
    }
}
