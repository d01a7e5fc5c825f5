//! The data of a participant, and its JSON form. It holds no rules.

use crate::graph::{
    EndpointType, Identity, IdentityKind, IdentitySet, MAIN_AUDIO, MediaDirection, MediaStream, Modality, Participant,
    ParticipantId, ParticipantInfo,
};
use crate::sim::scenario::{PersonKind, PersonReaction};

/// A person of a call, or the application.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent of each other")]
pub(in crate::sim::world) struct CallMember {
    /// The participant's id.
    pub(in crate::sim::world) id: ParticipantId,
    /// The identity that rosters show.
    pub(in crate::sim::world) identity: IdentitySet,
    /// Whether it is the application, in this call or in another one into the same meeting.
    pub(in crate::sim::world) is_own: bool,
    /// The kind of identity.
    pub(in crate::sim::world) kind: PersonKind,
    /// Whether they are in the call.
    pub(in crate::sim::world) presence: Presence,
    /// Whether their own client has muted them.
    pub(in crate::sim::world) muted: bool,
    /// Whether the service has muted them.
    pub(in crate::sim::world) server_muted: bool,
    /// Whether they put the call on hold on their own phone.
    pub(in crate::sim::world) away: bool,
    /// Whether they must be admitted from the lobby.
    pub(in crate::sim::world) waits: bool,
    /// The direction in which they share a screen, if they do.
    pub(in crate::sim::world) screen: Option<MediaDirection>,
    /// The number of their audio stream.
    pub(in crate::sim::world) source: u32,
    /// Their reactions to requests.
    pub(in crate::sim::world) reactions: Vec<PersonReaction>,
}

/// Where a person is, seen from the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::world) enum Presence {
    /// Has not joined yet.
    Expected,
    /// Waits in the lobby.
    Lobby,
    /// Is in the call.
    Here,
    /// Has left the call.
    Gone,
}

impl CallMember {
    /// Creates a person who has not joined yet.
    pub(in crate::sim::world) fn expected(id: ParticipantId, identity: IdentitySet) -> Self {
        let kind = match identity.principal().map(|(kind, _)| kind) {
            Some(IdentityKind::Phone) => PersonKind::Phone,
            Some(IdentityKind::Guest) => PersonKind::Guest,
            Some(IdentityKind::Application | IdentityKind::ApplicationInstance) => PersonKind::Application,
            _ => PersonKind::User,
        };
        Self {
            id,
            identity,
            is_own: false,
            kind,
            presence: Presence::Expected,
            muted: false,
            server_muted: false,
            away: false,
            waits: false,
            screen: None,
            source: 0,
            reactions: Vec::new(),
        }
    }

    /// Returns whether they are in the call or in its lobby.
    pub(in crate::sim::world) fn is_present(&self) -> bool {
        matches!(self.presence, Presence::Here | Presence::Lobby)
    }

    /// Returns whether it is an application of the service, such as the large gallery.
    pub(in crate::sim::world) fn is_system(&self) -> bool {
        self.identity.application.as_ref().is_some_and(|it| it.application_type.is_some())
    }

    /// Returns whether they take part. \[unverified\]: which people do not; here applications of the service, and
    /// people who hold the call on their own phone.
    pub(in crate::sim::world) fn is_interactive(&self) -> bool {
        !self.is_system() && !self.away
    }

    /// Returns whether their display name is `name`.
    pub(in crate::sim::world) fn has_name(&self, name: &str) -> bool {
        self.identity.name() == Some(name)
    }

    /// Returns whether they are muted, by their own client or by the service.
    pub(in crate::sim::world) const fn is_muted(&self) -> bool {
        self.muted || self.server_muted
    }

    /// Returns the person as a roster lists them. `isMuted` means muted by client or server; no member of a participant
    /// shows a hold (graph-contract.md, "Mute and hold").
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
            is_muted: Some(self.is_muted()),
            is_in_lobby: Some(self.presence == Presence::Lobby),
            ..Participant::default()
        }
    }
}

/// Creates an identity of a kind. A phone's identity is its number.
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
