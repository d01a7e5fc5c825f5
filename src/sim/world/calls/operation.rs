//! The data of a call's operations, and their JSON form. It holds no rules.

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
    /// The action that it performs.
    pub(in crate::sim::world) kind: OperationKind,
    /// The `clientContext` of its request.
    pub(in crate::sim::world) context: Option<Box<str>>,
    /// The participant that it acts on; the application's own participant if its request names no other.
    pub(in crate::sim::world) participant: Option<ParticipantId>,
    /// Its progress, for example `running`.
    pub(in crate::sim::world) status: CommsOperationStatus,
    /// Its result, once it has ended.
    pub(in crate::sim::world) result: Option<ResultInfo>,
    /// The people that it invites; empty unless it is an invitation.
    pub(in crate::sim::world) invited: Vec<InvitedGuest>,
    /// The additional members of prompts, recordings and tones.
    pub(in crate::sim::world) media: MediaTrace,
}

/// The additional members of prompts, recordings and tones.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct MediaTrace {
    /// The keys that end a recording.
    pub(in crate::sim::world) stops: Vec<Box<str>>,
    /// The result and `completionReason` of a recording that is not cut short.
    pub(in crate::sim::world) end: Option<(ResultInfo, &'static str)>,
    /// The `completionReason` of its notification.
    pub(in crate::sim::world) reason: Option<&'static str>,
    /// The address below which its client can fetch a recorded file.
    pub(in crate::sim::world) origin: Box<str>,
    /// The recorded file.
    pub(in crate::sim::world) file: Option<RecordedFile>,
}

/// A recorded file, as its operation reports it.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct RecordedFile {
    /// Its address; empty when nothing was recorded.
    pub(in crate::sim::world) location: Box<str>,
    /// The token that fetches it. Only the simulator accepts it.
    pub(in crate::sim::world) token: Box<str>,
}

/// A person in an invitation.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct InvitedGuest {
    /// The `participantId` that the client gave, or a new one.
    pub(in crate::sim::world) id: ParticipantId,
    /// The identity in the invitation.
    pub(in crate::sim::world) identity: IdentitySet,
    /// Whether the client chose the id; answers contain the id only then.
    pub(in crate::sim::world) has_own_id: bool,
    /// The call that they leave for this one. Only the first guest's counts.
    pub(in crate::sim::world) replaces: Option<Box<str>>,
}

/// The operations that a call remembers.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct OperationLog {
    /// The oldest first. Bounded by [`Self::MAX`]: a new operation evicts the oldest finished one, or the oldest if all
    /// of them run.
    entries: VecDeque<CallOperation>,
    /// When the last running hold or release ends.
    pub(in crate::sim::world) holds_settle: Timestamp,
}

impl OperationLog {
    /// The maximum number of operations that a call remembers.
    pub(in crate::sim::world) const MAX: usize = 64;

    /// Adds an operation.
    pub(in crate::sim::world) fn add(&mut self, operation: CallOperation) {
        if self.entries.len() >= Self::MAX {
            let finished = self.entries.iter().position(|it| !it.is_running());
            self.entries.remove(finished.unwrap_or_default());
        }
        self.entries.push_back(operation);
    }

    /// Returns the operation with this id.
    pub(in crate::sim::world) fn get_mut(&mut self, id: &OperationId) -> Option<&mut CallOperation> {
        self.entries.iter_mut().find(|it| it.id == *id)
    }

    /// Returns the operations, the oldest first.
    pub(in crate::sim::world) fn iter(&self) -> impl Iterator<Item = &CallOperation> {
        self.entries.iter()
    }

    /// Returns the operations that run, the oldest first.
    pub(in crate::sim::world) fn running_mut(&mut self) -> impl Iterator<Item = &mut CallOperation> {
        self.entries.iter_mut().filter(|it| it.is_running())
    }

    /// Returns how many operations run.
    pub(in crate::sim::world) fn running(&self) -> usize {
        self.entries.iter().filter(|it| it.is_running()).count()
    }
}

impl CallOperation {
    /// Creates a running operation.
    pub(in crate::sim::world) fn running(
        id: OperationId,
        kind: OperationKind,
        participant: &ParticipantId,
        context: Option<Box<str>>,
    ) -> Self {
        let (participant, status) = (Some(participant.clone()), CommsOperationStatus::Running);
        Self { id, kind, context, participant, status, result: None, invited: Vec::new(), media: MediaTrace::default() }
    }

    /// Completes the operation, for actions that finish before their answer.
    pub(in crate::sim::world) fn completed(self) -> Self {
        Self { status: CommsOperationStatus::Completed, ..self }
    }

    /// Returns whether it runs.
    pub(in crate::sim::world) fn is_running(&self) -> bool {
        self.status == CommsOperationStatus::Running
    }

    /// Returns whether it ends as media operations do; the large gallery is one of them.
    pub(in crate::sim::world) const fn is_media(&self) -> bool {
        matches!(
            self.kind,
            OperationKind::PlayPrompt
                | OperationKind::Record
                | OperationKind::SendDtmfTones
                | OperationKind::AddLargeGalleryView
        )
    }

    /// Returns the operation as an answer contains it.
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

    /// Returns the members that notifications of media operations have in addition, as documented for each kind.
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
    /// Returns the guests as the notification of their operation lists them.
    pub(in crate::sim::world) fn notified(guests: &[Self]) -> Value {
        guests
            .iter()
            .map(|it| json!({ "@odata.type": "#microsoft.graph.invitationParticipantInfo", "identity": it.identity }))
            .collect()
    }

    /// Returns the guests as answers list them: with the ids that the client chose, and the call to replace.
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

    /// Returns whether the guest has this identity.
    pub(in crate::sim::world) fn is(&self, identity: &IdentitySet) -> bool {
        identity_key(&self.identity) == identity_key(identity)
    }
}

/// Returns the kind and the lower-case id that together identify a person.
pub(in crate::sim::world) fn identity_key(identity: &IdentitySet) -> Option<(IdentityKind, Option<String>)> {
    identity.principal().map(|(kind, it)| (kind, it.id.as_deref().map(str::to_lowercase)))
}

/// Creates the result of a call or an operation.
pub(in crate::sim::world) fn result(code: i64, subcode: i64, message: &str) -> ResultInfo {
    ResultInfo { code: Some(code), subcode: Some(subcode), message: Some(message.into()) }
}
