//! What is known of one call and of the people in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::Cursor;
use super::lane::{HoldKind, Lane, LaneHistory, LaneState, MicState};
use super::operation::OperationNumber;
use super::start_time::StartTime;
use crate::graph::{CallDirection, CallId, CallState, IdentityKind, MediaDirection, ParticipantId};
use crate::time::Timestamp;

/// A call on the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FloorCall {
    /// Graph's id.
    pub id: CallId,
    /// The number that people say aloud; never given twice in one journal.
    pub number: CallNumber,
    /// Where it is in its life.
    pub state: CallState,
    /// Group or 1:1, as far as it is known.
    pub kind: CallKind,
    /// Who called whom.
    pub direction: Option<CallDirection>,
    /// What it is about; untrusted text.
    pub subject: Option<Box<str>>,
    /// The application's own participant.
    pub my_participant: Option<ParticipantId>,
    /// The people of the roster, those who left lately included.
    pub people: BTreeMap<ParticipantId, Person>,
    /// The people of a 1:1 call, which has no roster: its source and targets.
    pub parties: Vec<Party>,
    /// When it began, or was first seen.
    pub began: StartTime,
    /// When it was seen to become established; none when it was so, or was not known, at first sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<Timestamp>,
    /// When something was last heard of it.
    pub heard: Timestamp,
    /// The last notification about it.
    pub news: Cursor,
    /// When it ended; ended calls leave the floor a while later.
    pub ended: Option<Timestamp>,
    /// That Graph's 404 ended it, and nobody said so: what is heard of it later may show that it was there all along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfound: Option<EndedBy404>,
    /// How it ended, as Graph's code and words.
    pub result: Option<Box<str>>,
    /// Why what is shown may be wrong; the relay reads such calls again.
    pub doubt: Option<Uncertainty>,
    /// When the relay last read it from Graph.
    pub read: Option<Timestamp>,
    /// A hold that another program placed on somebody here: its notification names no participant.
    pub foreign_hold: Option<Timestamp>,
    /// The chain id that ties the legs of a conference.
    pub chain: Option<Box<str>>,
    /// The tenant.
    pub tenant: Option<Box<str>>,
    /// The meeting's chat thread.
    pub thread: Option<Box<str>>,
    /// The last delta roster that was folded.
    pub roster_sequence: Option<i64>,
}

/// The short number of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallNumber(pub u32);

/// Whether a call has a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallKind {
    /// A group call or a meeting: it has a roster, and its people can be muted and held.
    Group,
    /// A 1:1 call: call-state notifications only; mute is not supported.
    OneToOne,
    /// Not told yet.
    Unknown,
}

/// A 404 that ended a call; kept when the call is found again, for its people who are still to be heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedBy404 {
    /// Its entry: what was read before it says nothing against it.
    pub cursor: Cursor,
    /// When.
    pub at: Timestamp,
    /// Where the call was in its life.
    pub state: CallState,
}

/// Why what is shown of a call may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uncertainty {
    /// It was never read from Graph.
    FirstSight,
    /// A roster came without the application's own participant, so it may not be everyone.
    PartialRoster,
    /// The application's own participant is unknown, so absence cannot be told.
    UnknownSelf,
    /// A person of the roster has no id.
    Nameless,
    /// Notifications may be missing.
    Gap,
}

/// A participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Graph's id of the participant.
    pub id: ParticipantId,
    /// The name that others see; untrusted text, perhaps empty.
    pub name: Box<str>,
    /// What kind of identity.
    pub kind: Option<IdentityKind>,
    /// Muted, by the client or by the server.
    pub muted: bool,
    /// Muted by the server, where the stream says so.
    pub server_muted: Option<bool>,
    /// When the mute was first seen.
    pub muted_since: Option<StartTime>,
    /// Waiting in the lobby, since when.
    pub lobby: Option<StartTime>,
    /// Which way the main audio flows.
    pub audio: Option<MediaDirection>,
    /// On hold, as our ledger and the hints have it.
    pub hold: Option<Hold>,
    /// When the person joined, or was first seen.
    pub joined: StartTime,
    /// When the person was found gone.
    pub left: Option<Timestamp>,
    /// The last mute of ours that was confirmed, for telling an unmute.
    pub muted_by: Option<OperationNumber>,
    /// What the person was in turn.
    #[serde(default, skip_serializing_if = "Lane::is_blank")]
    pub lane: Lane,
}

/// A person of a 1:1 call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The name; untrusted text.
    pub name: Box<str>,
    /// What kind of identity.
    pub kind: IdentityKind,
}

/// Graph has no hold property: a hold is what our ledger and the hints say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Where it comes from.
    pub source: HoldSource,
    /// Since when.
    pub since: StartTime,
}

/// Where a hold state comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldSource {
    /// An operation of this journal.
    Ours {
        /// Which.
        operation: OperationNumber,
        /// Who asked.
        by: Box<str>,
    },
    /// The main audio is inactive: the person may have put the call on hold on their own phone.
    Inferred,
    /// A hold was sent and its outcome is unknown.
    Unknown,
}

impl FloorCall {
    /// Records in each person's lane what the person is after a change of the call at `at`.
    pub(super) fn record_lanes(&mut self, at: Timestamp) {
        for person in self.people.values_mut() {
            let stand = person.lane_state();
            if person.lane.last() == Some(stand) {
                continue;
            }
            let began = person.hold.as_ref().filter(|it| stand.hold.is_some() && it.since.exact).map(|it| it.since.at);
            let held_before = person.lane.last().is_some_and(|it| it.hold.is_some());
            // The proof of a hold may have come before the answer that makes it count.
            let at = began.filter(|_| !held_before && !person.lane.is_blank()).map_or(at, |it| it.min(at));
            person.lane.note_change(person.joined, at, stand);
        }
    }

    /// The people who are here: not left; in the order of their joining.
    pub fn present(&self) -> impl Iterator<Item = &Person> {
        self.people.values().filter(|it| it.left.is_none())
    }

    /// The person that is the application itself.
    #[must_use]
    pub fn own_participant(&self) -> Option<&Person> {
        self.people.get(self.my_participant.as_ref()?)
    }

    /// Whether a person is the application itself.
    #[must_use]
    pub fn is_own_participant(&self, person: &ParticipantId) -> bool {
        self.my_participant.as_ref() == Some(person)
    }

    /// The person whom our ledger has on hold, if any: Graph holds one at a time.
    #[must_use]
    pub fn held_by_us(&self) -> Option<&Person> {
        self.present().find(|it| it.hold.as_ref().is_some_and(|hold| hold.source != HoldSource::Inferred))
    }

    /// The oldest hold of anyone here.
    #[must_use]
    pub fn oldest_hold(&self) -> Option<StartTime> {
        self.present().filter_map(|it| it.hold.as_ref()).map(|it| it.since).min()
    }

    /// The longest wait in the lobby of anyone here.
    #[must_use]
    pub fn oldest_lobby(&self) -> Option<StartTime> {
        self.present().filter_map(|it| it.lobby).min()
    }

    /// What to call it: its subject, else who is in it. Untrusted text.
    #[must_use]
    pub fn title(&self) -> String {
        let subject = self.subject.as_deref().map(str::trim).filter(|it| !it.is_empty());
        if let Some(subject) = subject {
            return subject.to_owned();
        }
        let others = self.present().filter(|it| !self.is_own_participant(&it.id)).map(|it| &*it.name);
        let people = self.parties.iter().filter(|it| it.kind != IdentityKind::Application).map(|it| &*it.name);
        let names: Vec<&str> = others.chain(people).filter(|it| !it.is_empty()).take(3).collect();
        if names.is_empty() { format!("call {}", self.number.0) } else { names.join(", ") }
    }

    /// Whether it still goes on.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// The 404 that ended it, where nothing but a 404 says that it has ended.
    #[must_use]
    pub fn ended_only_by_404(&self) -> Option<&EndedBy404> {
        self.unfound.as_ref().filter(|_| !self.is_live())
    }
}

impl Person {
    /// The person's lane: what the person was in turn, the beginning included where it is known.
    #[must_use]
    pub fn lane_history(&self) -> LaneHistory {
        self.lane.history(self.joined)
    }

    fn lane_state(&self) -> LaneState {
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

    /// What the microphone does.
    #[must_use]
    pub const fn mic(&self) -> MicState {
        match self {
            Self { left: Some(_), .. } => MicState::Left,
            Self { lobby: Some(_), .. } => MicState::Lobby,
            // After a mute of ours that the roster confirmed, the server mutes, whether the stream says so or not.
            Self { server_muted: Some(true), .. } | Self { muted: true, muted_by: Some(_), .. } => {
                MicState::MutedServer
            }
            Self { muted: true, .. } => MicState::MutedSelf,
            _ => MicState::Live,
        }
    }
}
