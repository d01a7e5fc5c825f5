//! One live call of the world and everyone in it: facts and how they read on the wire. Decides nothing.

use std::collections::VecDeque;

use crate::graph::{AudioRoutingGroup, CallMediaState, ContentSharingSession, MediaState};
use crate::graph::{
    Call, CallId, CallState, CommsOperation, CommsOperationStatus, EndpointType, Identity, IdentitySet, MAIN_AUDIO,
    MediaDirection, MediaStream, Modality, OperationId, OperationKind, Participant, ParticipantId, ParticipantInfo,
    ResultInfo,
};
use crate::sim::scenario::{PersonKind, PersonReaction, PlannedCallKind, PlannedDirection};
use crate::time::{Millis, Timestamp};

/// A call that has not ended.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(in crate::sim::world) struct LiveCall {
    /// Its id.
    pub(in crate::sim::world) id: CallId,
    /// What kind of call it is.
    pub(in crate::sim::world) kind: PlannedCallKind,
    /// Who called whom.
    pub(in crate::sim::world) direction: PlannedDirection,
    /// Where it is in its life.
    pub(in crate::sim::world) state: CallState,
    /// The application's own participant.
    pub(in crate::sim::world) me: ParticipantId,
    /// What reading it gives, except id, state and result.
    pub(in crate::sim::world) facts: Call,
    /// Where its notifications go; the scenario's address when absent.
    pub(in crate::sim::world) callback: Option<Box<str>>,
    /// The application, then everyone else who is or was there.
    pub(in crate::sim::world) members: Vec<CallMember>,
    /// Who is on hold by startHoldMusic. Invariant: one at most.
    pub(in crate::sim::world) held: Option<ParticipantId>,
    /// When the last hold or release that is under way is done.
    pub(in crate::sim::world) holds_settle: Timestamp,
    /// What was asked lately, the oldest first; at most [`Self::MOST_OPERATIONS`], then the oldest that is done is
    /// forgotten, or the oldest of all where none is.
    pub(in crate::sim::world) operations: VecDeque<CallOperation>,
    /// The roster that was notified last.
    pub(in crate::sim::world) shown: Vec<Participant>,
    /// Until when it lives without a keepAlive; a scenario's calls are kept by the bot that they belong to.
    pub(in crate::sim::world) kept_until: Option<Timestamp>,
    /// How long it stays `terminating`.
    pub(in crate::sim::world) clears: Millis,
    /// The mean time between two things that people here do of themselves, in calls that live by chance.
    pub(in crate::sim::world) stirs: Option<Millis>,
    /// Prompts and tones.
    pub(in crate::sim::world) media: crate::sim::world::media::CallMedia,
    /// Who hears whom, beyond the default; at most [`Self::MOST_GROUPS`].
    pub(in crate::sim::world) routing: Vec<AudioRoutingGroup>,
    /// The content that is shared now.
    pub(in crate::sim::world) sharing: Option<ContentSharingSession>,
    /// How many delta rosters were told.
    pub(in crate::sim::world) roster_sequence: i64,
    /// Whether it waits for a client's answer.
    pub(in crate::sim::world) rings: bool,
    /// Whether a transfer was accepted that has not failed: before `transferring` is told, too.
    pub(in crate::sim::world) transfers: bool,
    /// The call that a transfer which was accepted consults.
    pub(in crate::sim::world) consults: Option<CallId>,
    /// What a recording policy asks of it, if it is a recorder's.
    pub(in crate::sim::world) recorder: Option<super::recorder::PolicyRecorder>,
    /// Whether the call counts as background traffic.
    pub(in crate::sim::world) traffic: bool,
    /// Whether it ends without a word.
    pub(in crate::sim::world) unheard: bool,
}

/// Someone of a call.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(in crate::sim::world) struct CallMember {
    /// The participant's id.
    pub(in crate::sim::world) id: ParticipantId,
    /// Who it is.
    pub(in crate::sim::world) identity: IdentitySet,
    /// What kind of identity it is.
    pub(in crate::sim::world) kind: PersonKind,
    /// Whether they are there.
    pub(in crate::sim::world) presence: Presence,
    /// Muted by their own client.
    pub(in crate::sim::world) muted: bool,
    /// Muted by the service.
    pub(in crate::sim::world) server_muted: bool,
    /// Holding the call on their own phone.
    pub(in crate::sim::world) away: bool,
    /// Whether they come no further than the lobby until they are let in.
    pub(in crate::sim::world) waits: bool,
    /// Which way they share a screen, if they do.
    pub(in crate::sim::world) screen: Option<MediaDirection>,
    /// The number of their audio stream.
    pub(in crate::sim::world) source: u32,
    /// What they do when something is done to them.
    pub(in crate::sim::world) reactions: Vec<PersonReaction>,
}

/// Whether someone is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::world) enum Presence {
    /// Not yet.
    Expected,
    /// In the lobby.
    Lobby,
    /// In the call.
    Here,
    /// Not any more.
    Gone,
}

/// What was asked, and what became of it.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct CallOperation {
    /// Its id.
    pub(in crate::sim::world) id: OperationId,
    /// Which action.
    pub(in crate::sim::world) kind: OperationKind,
    /// The caller's mark.
    pub(in crate::sim::world) context: Option<Box<str>>,
    /// On whom; the application's own participant, or whoever was invited first.
    pub(in crate::sim::world) whom: Option<ParticipantId>,
    /// How far it is.
    pub(in crate::sim::world) status: CommsOperationStatus,
    /// How it ended.
    pub(in crate::sim::world) result: Option<ResultInfo>,
    /// Who was invited.
    pub(in crate::sim::world) invited: Vec<super::invite::InvitedGuest>,
    /// What prompts, recordings and tones add.
    pub(in crate::sim::world) media: crate::sim::world::media::MediaTrace,
}

impl LiveCall {
    /// Whether somebody else is on hold, or on the way to it.
    pub(in crate::sim::world) fn holds_other_than(&self, who: &ParticipantId) -> bool {
        let comes = |it: &CallOperation| {
            let starts = it.kind == OperationKind::StartHoldMusic && it.status == CommsOperationStatus::Running;
            starts && it.whom.as_ref().is_some_and(|it| it != who)
        };
        self.held.as_ref().is_some_and(|it| it != who) || self.operations.iter().any(comes)
    }

    /// The most operations that a call remembers.
    pub(in crate::sim::world) const MOST_OPERATIONS: usize = 64;

    /// The most people that a call has or ever had. \[unverified\]
    pub(in crate::sim::world) const MOST_SEATS: usize = 1_000;

    /// The most audio routing groups of a call. \[unverified\]
    pub(in crate::sim::world) const MOST_GROUPS: usize = 64;

    /// Whether it has a roster.
    pub(in crate::sim::world) fn is_group(&self) -> bool {
        self.kind != PlannedCallKind::OneToOne
    }

    /// Someone, by id.
    pub(in crate::sim::world) fn member(&mut self, id: &ParticipantId) -> Option<&mut CallMember> {
        self.members.iter_mut().find(|it| it.id == *id)
    }

    /// Someone who is in the call or in its lobby, by id.
    pub(in crate::sim::world) fn present(&self, id: &ParticipantId) -> Option<&CallMember> {
        self.members.iter().find(|it| it.id == *id && it.is_present())
    }

    /// How many people are there, the application and the lobby not counted.
    pub(in crate::sim::world) fn company(&self) -> usize {
        let company = |it: &&CallMember| it.presence == Presence::Here && it.id != self.me && !it.is_system();
        self.members.iter().filter(company).count()
    }

    /// The roster: everyone who is there, the application and the lobby included.
    pub(in crate::sim::world) fn roster(&self) -> Vec<Participant> {
        self.members.iter().filter(|it| it.is_present()).map(CallMember::participant).collect()
    }

    /// Remembers an operation.
    pub(in crate::sim::world) fn remember(&mut self, operation: CallOperation) {
        if self.operations.len() >= Self::MOST_OPERATIONS {
            let done = self.operations.iter().position(|it| it.status != CommsOperationStatus::Running);
            self.operations.remove(done.unwrap_or_default());
        }
        self.operations.push_back(operation);
    }

    /// An operation that it remembers.
    pub(in crate::sim::world) fn operation(&mut self, id: &OperationId) -> Option<&mut CallOperation> {
        self.operations.iter_mut().find(|it| it.id == *id)
    }

    /// Says that audio flows, or that it does not any more.
    pub(in crate::sim::world) fn audio(&mut self, state: MediaState) {
        self.facts.media_state = Some(CallMediaState { audio: Some(state) });
    }

    /// Whether its client asked for delta rosters.
    pub(in crate::sim::world) fn wants_delta(&self) -> bool {
        self.facts.call_options.as_ref().is_some_and(|it| it.is_delta_roster_enabled == Some(true))
    }

    /// Everything that reading the call gives.
    pub(in crate::sim::world) fn whole(&self) -> Call {
        Call {
            id: Some(self.id.clone()),
            state: Some(self.state.clone()),
            my_participant_id: Some(self.me.clone()),
            ..self.facts.clone()
        }
    }
}

impl CallMember {
    /// Whether they are in the call or in its lobby.
    pub(in crate::sim::world) fn is_present(&self) -> bool {
        matches!(self.presence, Presence::Here | Presence::Lobby)
    }

    /// Whether it is an application of the service, such as the large gallery.
    pub(in crate::sim::world) fn is_system(&self) -> bool {
        self.identity.application.as_ref().is_some_and(|it| it.application_type.is_some())
    }

    /// How they read in a roster: mute is client or server mute, a hold has no member (graph-contract.md, "Mute and
    /// hold").
    pub(in crate::sim::world) fn participant(&self) -> Participant {
        let direction = if self.away { MediaDirection::Inactive } else { MediaDirection::SendReceive };
        let stream = MediaStream {
            media_type: Some(Modality::Audio),
            label: Some(MAIN_AUDIO.into()),
            source_id: Some(self.source.to_string().into()),
            direction: Some(direction),
            server_muted: Some(self.server_muted),
        };
        let screen = self.screen.clone().map(|direction| MediaStream {
            media_type: Some(Modality::VideoBasedScreenSharing),
            label: Some("applicationsharing-video".into()),
            source_id: Some((self.source + 10_000).to_string().into()),
            direction: Some(direction),
            server_muted: Some(false),
        });
        let info = ParticipantInfo {
            identity: Some(self.identity.clone()),
            endpoint_type: Some(EndpointType::Default),
            country_code: (self.kind == PersonKind::Phone).then(|| "GB".into()),
            language_id: Some("en-US".into()),
            region: Some("westus".into()),
            participant_id: Some(self.id.clone()),
            endpoint_id: None,
        };
        Participant {
            id: Some(self.id.clone()),
            info: Some(info),
            media_streams: std::iter::once(stream).chain(screen).collect(),
            is_muted: Some(self.muted || self.server_muted),
            is_in_lobby: Some(self.presence == Presence::Lobby),
            ..Participant::default()
        }
    }
}

impl CallOperation {
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
}

/// Who someone is. A phone is known by its number alone.
pub(in crate::sim::world) fn identity(kind: PersonKind, name: &str, id: &str) -> IdentitySet {
    let named = Identity { id: Some(id.into()), display_name: Some(name.into()), ..Identity::default() };
    match kind {
        PersonKind::User => {
            let user = Identity { identity_provider: Some("AAD".into()), ..named };
            IdentitySet { user: Some(user.into()), ..IdentitySet::default() }
        }
        PersonKind::Guest => IdentitySet { guest: Some(named.into()), ..IdentitySet::default() },
        PersonKind::Phone => {
            let phone = Identity { id: Some(name.into()), ..Identity::default() };
            IdentitySet { phone: Some(phone.into()), ..IdentitySet::default() }
        }
        PersonKind::Application => IdentitySet { application: Some(named.into()), ..IdentitySet::default() },
    }
}

/// A result of a call or an operation.
pub(in crate::sim::world) fn result(code: i64, subcode: i64, message: &str) -> ResultInfo {
    ResultInfo { code: Some(code), subcode: Some(subcode), message: Some(message.into()) }
}
