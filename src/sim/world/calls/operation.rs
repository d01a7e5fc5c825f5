//! Operations that a call remembers, and how they read on the wire. Decides nothing.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::graph::{
    CommsOperation, CommsOperationStatus, IdentityKind, IdentitySet, OperationId, OperationKind, ParticipantId,
    ResultInfo,
};
use crate::time::Timestamp;

/// An operation that a client started, and its result.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct CallOperation {
    /// The operation's id.
    pub(in crate::sim::world) id: OperationId,
    /// Which action it performs.
    pub(in crate::sim::world) kind: OperationKind,
    /// The `clientContext` of its request.
    pub(in crate::sim::world) context: Option<Box<str>>,
    /// The participant that it concerns: the application's own one where it names no other.
    pub(in crate::sim::world) whom: Option<ParticipantId>,
    /// Its progress, for example `running`.
    pub(in crate::sim::world) status: CommsOperationStatus,
    /// Its result, once it has ended.
    pub(in crate::sim::world) result: Option<ResultInfo>,
    /// The people that it invites.
    pub(in crate::sim::world) invited: Vec<InvitedGuest>,
    /// The further members of prompts, recordings and tones.
    pub(in crate::sim::world) media: MediaTrace,
}

/// The further members of an operation that is a prompt, a recording or tones.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct MediaTrace {
    /// The keys that end a recording.
    pub(in crate::sim::world) stops: Vec<Box<str>>,
    /// How a recording ends that nothing cuts short.
    pub(in crate::sim::world) end: Option<(ResultInfo, &'static str)>,
    /// The `completionReason` of its notification.
    pub(in crate::sim::world) reason: Option<&'static str>,
    /// The recorded file.
    pub(in crate::sim::world) file: Option<RecordedFile>,
}

/// One recorded file, as its operation names it.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct RecordedFile {
    /// Its address; empty when nothing was recorded.
    pub(in crate::sim::world) location: Box<str>,
    /// The token that fetches it, worth nothing outside the simulator.
    pub(in crate::sim::world) token: Box<str>,
}

/// A person that an invitation names.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct InvitedGuest {
    /// The `participantId` that the client gave, or a new one.
    pub(in crate::sim::world) id: ParticipantId,
    /// The identity that the invitation names.
    pub(in crate::sim::world) identity: IdentitySet,
    /// Whether the client gave the id, which answers then repeat.
    pub(in crate::sim::world) has_own_id: bool,
    /// The call that they leave for this one. Only the first guest's is read.
    pub(in crate::sim::world) replaces: Option<Box<str>>,
}

/// The operations that a call remembers.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct OperationLog {
    /// The oldest first; at most [`Self::MOST`], then the oldest that is done is dropped, or the oldest of all where
    /// each still runs.
    entries: VecDeque<CallOperation>,
    /// When the last running hold or release is done.
    pub(in crate::sim::world) holds_settle: Timestamp,
}

impl OperationLog {
    /// The most operations that a call remembers.
    pub(in crate::sim::world) const MOST: usize = 64;

    /// Remembers an operation.
    pub(in crate::sim::world) fn remember(&mut self, operation: CallOperation) {
        if self.entries.len() >= Self::MOST {
            let done = self.entries.iter().position(|it| !it.is_running());
            self.entries.remove(done.unwrap_or_default());
        }
        self.entries.push_back(operation);
    }

    /// An operation, by id.
    pub(in crate::sim::world) fn get_mut(&mut self, id: &OperationId) -> Option<&mut CallOperation> {
        self.entries.iter_mut().find(|it| it.id == *id)
    }

    /// The operations, the oldest first.
    pub(in crate::sim::world) fn iter(&self) -> impl Iterator<Item = &CallOperation> {
        self.entries.iter()
    }

    /// The operations that run, the oldest first.
    pub(in crate::sim::world) fn running_mut(&mut self) -> impl Iterator<Item = &mut CallOperation> {
        self.entries.iter_mut().filter(|it| it.is_running())
    }

    /// How many operations run.
    pub(in crate::sim::world) fn running(&self) -> usize {
        self.entries.iter().filter(|it| it.is_running()).count()
    }
}

impl CallOperation {
    /// An operation that begins to run.
    pub(in crate::sim::world) fn running(
        id: OperationId,
        kind: OperationKind,
        whom: &ParticipantId,
        context: Option<Box<str>>,
    ) -> Self {
        let (whom, status) = (Some(whom.clone()), CommsOperationStatus::Running);
        Self { id, kind, context, whom, status, result: None, invited: Vec::new(), media: MediaTrace::default() }
    }

    /// The same operation, finished when it is answered.
    pub(in crate::sim::world) fn completed(self) -> Self {
        Self { status: CommsOperationStatus::Completed, ..self }
    }

    /// Whether it runs.
    pub(in crate::sim::world) fn is_running(&self) -> bool {
        self.status == CommsOperationStatus::Running
    }

    /// Whether it settles as media do, the large gallery included.
    pub(in crate::sim::world) const fn is_media(&self) -> bool {
        matches!(
            self.kind,
            OperationKind::PlayPrompt
                | OperationKind::Record
                | OperationKind::SendDtmfTones
                | OperationKind::AddLargeGalleryView
        )
    }

    /// How it reads in an answer.
    pub(in crate::sim::world) fn whole(&self) -> CommsOperation {
        CommsOperation {
            kind: Some(self.kind.clone()),
            id: Some(self.id.clone()),
            status: Some(self.status.clone()),
            client_context: self.context.clone(),
            result_info: self.result.clone(),
            completion_reason: self.media.reason.map(Into::into),
            recording_location: self.media.file.as_ref().map(|it| it.location.clone()),
            recording_access_token: self.media.file.as_ref().map(|it| it.token.clone()),
            ..CommsOperation::default()
        }
    }

    /// The members that only media have in a notification, as documented for each kind.
    pub(in crate::sim::world) fn media_members(&self, path: &str, etag: &str) -> Map<String, Value> {
        let mut members = Map::new();
        if self.kind != OperationKind::SendDtmfTones {
            members.insert("@odata.id".into(), json!(path));
        }
        if matches!(self.kind, OperationKind::PlayPrompt | OperationKind::Record) {
            members.insert("@odata.etag".into(), json!(etag));
        }
        if matches!(self.kind, OperationKind::SendDtmfTones | OperationKind::Record) {
            members.insert("id".into(), json!(self.id));
            members.insert("completionReason".into(), json!(self.media.reason));
        }
        if let Some(file) = &self.media.file {
            members.insert("recordingLocation".into(), json!(file.location));
            members.insert("recordingAccessToken".into(), json!(file.token));
        }
        members
    }
}

impl InvitedGuest {
    /// The guests, as the notification of their operation lists them.
    pub(in crate::sim::world) fn notified(guests: &[Self]) -> Value {
        guests
            .iter()
            .map(|it| json!({ "@odata.type": "#microsoft.graph.invitationParticipantInfo", "identity": it.identity }))
            .collect()
    }

    /// The guests, as answers list them: with the ids that the client gave, and the call that is replaced.
    pub(in crate::sim::world) fn answered(guests: &[Self]) -> Value {
        let listed = guests.iter().map(|it| {
            let mut whole = json!({
                "@odata.type": "#microsoft.graph.invitationParticipantInfo",
                "endpointType": null,
                "replacesCallId": it.replaces,
                "identity": it.identity,
            });
            if let Value::Object(members) = &mut whole
                && it.has_own_id
            {
                members.insert("participantId".into(), json!(it.id));
            }
            whole
        });
        listed.collect()
    }

    /// Whether this identity is the guest's.
    pub(in crate::sim::world) fn is(&self, identity: &IdentitySet) -> bool {
        identity_key(&self.identity) == identity_key(identity)
    }
}

/// The kind and lower-case id that identify a person.
pub(in crate::sim::world) fn identity_key(identity: &IdentitySet) -> Option<(IdentityKind, Option<String>)> {
    identity.principal().map(|(kind, it)| (kind, it.id.as_deref().map(str::to_lowercase)))
}

/// A result of a call or an operation.
pub(in crate::sim::world) fn result(code: i64, subcode: i64, message: &str) -> ResultInfo {
    ResultInfo { code: Some(code), subcode: Some(subcode), message: Some(message.into()) }
}
