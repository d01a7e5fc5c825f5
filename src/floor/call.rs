//! A call on the floor, and the people in it.

mod people;
mod person;
mod table;

pub use people::People;
pub use person::{Hold, HoldSource, Party, Person};
pub(super) use table::CallTable;

use serde::{Deserialize, Serialize};

use super::entry::Cursor;
use super::start_time::StartTime;
use crate::graph::{CallDirection, CallId, CallState, IdentityKind, ParticipantId};
use crate::time::{Millis, Timestamp};

/// A call on the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FloorCall {
    /// Graph's id of the call.
    pub id: CallId,
    /// The short number for people. A journal uses each number once.
    pub number: CallNumber,
    /// The furthest state that Graph reported. It goes back only from transferring to established, and when a call that a
    /// wrong 404 had ended is restored.
    pub state: CallState,
    /// Group or 1:1, as far as notifications and reads have shown.
    pub kind: CallKind,
    /// Whether the application received or made the call.
    pub direction: Option<CallDirection>,
    /// The call's subject; untrusted text.
    pub subject: Option<Box<str>>,
    /// The application's own participant.
    pub my_participant: Option<ParticipantId>,
    /// The people of the roster, including those who left recently.
    pub people: People,
    /// The people of a 1:1 call, which has no roster: its source and targets.
    pub parties: Vec<Party>,
    /// When it began, or was first seen.
    pub began: StartTime,
    /// When it became established; `None` when it was established, or its state unknown, at first sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<Timestamp>,
    /// The time of the last entry about it.
    pub heard: Timestamp,
    /// The cursor of the last notification about it.
    pub news: Cursor,
    /// When it ended; ended calls leave the floor a while later.
    pub ended: Option<Timestamp>,
    /// Set if a 404 is the only evidence of its end. A later notification or read may show that it has not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfound: Option<EndedBy404>,
    /// Graph's code and message for the end.
    pub result: Option<Box<str>>,
    /// The reason why the floor may be wrong about it; the relay reads such calls again.
    pub doubt: Option<Uncertainty>,
    /// When the relay last read it from Graph.
    pub read: Option<Timestamp>,
    /// When another program put a participant on hold. Its notification does not identify the participant.
    pub foreign_hold: Option<Timestamp>,
    /// The chain id that ties the legs of a conference.
    pub chain: Option<Box<str>>,
    /// The tenant's id, a GUID as text.
    pub tenant: Option<Box<str>>,
    /// The meeting's chat thread: `19:meeting_…@thread.v2`.
    pub thread: Option<Box<str>>,
    /// The sequence number of the last delta roster that was folded.
    pub roster_sequence: Option<i64>,
    /// The number of people that its rosters have shown so far. It is the ordinal of the latest one.
    #[serde(default)]
    pub people_seen: u32,
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
    /// Unknown: neither a roster nor the parties have shown it yet.
    Unknown,
}

/// A 404 that ended a call. It is kept after the call is restored, until each person the 404 removed is seen again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedBy404 {
    /// The entry of the 404. A read that began before this entry does not contradict it.
    pub cursor: Cursor,
    /// The time of that entry.
    pub at: Timestamp,
    /// The state of the call before the 404.
    pub state: CallState,
}

/// The reason why the floor may be wrong about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uncertainty {
    /// The call was never read from Graph.
    FirstSight,
    /// A roster arrived without the application's own participant, so it may be incomplete.
    PartialRoster,
    /// The application's own participant is unknown, so an absent participant may still be in the call.
    UnknownSelf,
    /// A person of the roster has no id.
    Nameless,
    /// Notifications may be missing.
    Gap,
    /// Part of a notification about it could not be read.
    Unreadable,
}

impl FloorCall {
    /// Records the state of each person in the person's lane, after a change of the call at `at`.
    pub(super) fn record_lanes(&mut self, at: Timestamp) {
        for person in self.people.iter_mut() {
            let stand = person.lane_state();
            if person.lane.last() == Some(stand) {
                continue;
            }
            let began = person.hold.as_ref().filter(|it| stand.hold.is_some() && it.since.exact).map(|it| it.since.at);
            let held_before = person.lane.last().is_some_and(|it| it.hold.is_some());
            // The proof of a hold may arrive before the answer that makes the proof count.
            let at = began.filter(|_| !held_before && !person.lane.is_blank()).map_or(at, |it| it.min(at));
            person.lane.note_change(person.joined, at, stand);
        }
    }

    /// Gives each person without an ordinal the next one. People whom the same roster showed first get theirs in the
    /// order of their names.
    pub(super) fn number_people(&mut self) {
        let mut new: Vec<&mut Person> = self.people.iter_mut().filter(|it| it.ordinal == 0).collect();
        new.sort_by(|one, other| (one.joined.at, &one.name, &one.id).cmp(&(other.joined.at, &other.name, &other.id)));
        for person in new {
            self.people_seen += 1;
            person.ordinal = self.people_seen;
        }
    }

    /// Moves its times and those of its people by `by`, after the clock was set back.
    pub(super) fn move_times(&mut self, by: Millis) {
        let unfound = self.unfound.as_mut().map(|it| &mut it.at);
        let times =
            [&mut self.connected, &mut self.ended, &mut self.read, &mut self.foreign_hold].into_iter().flatten();
        for at in times.chain(unfound).chain([&mut self.began.at, &mut self.heard]) {
            *at = *at + by;
        }
        for person in self.people.iter_mut() {
            person.lane.move_times(by);
            let starts =
                [person.muted_since.as_mut(), person.lobby.as_mut(), person.hold.as_mut().map(|it| &mut it.since)];
            let starts = starts.into_iter().flatten().map(|it| &mut it.at);
            for at in starts.chain(person.left.as_mut()).chain([&mut person.joined.at]) {
                *at = *at + by;
            }
        }
    }

    /// Returns the people who have not left, in the order of their ids.
    pub fn present(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|it| it.left.is_none())
    }

    /// Returns the application's own participant, once it is known.
    #[must_use]
    pub fn own_participant(&self) -> Option<&Person> {
        self.people.get(self.my_participant.as_ref()?)
    }

    /// Returns whether a participant is the application's own.
    #[must_use]
    pub fn is_own_participant(&self, person: &ParticipantId) -> bool {
        self.my_participant.as_ref() == Some(person)
    }

    /// Returns the person who is on hold by our own operations, if any: Graph holds one person of a call at a time.
    #[must_use]
    pub fn held_by_us(&self) -> Option<&Person> {
        self.present().find(|it| it.hold.as_ref().is_some_and(|hold| hold.source != HoldSource::Inferred))
    }

    /// Returns the start of the oldest hold in the call.
    #[must_use]
    pub fn oldest_hold(&self) -> Option<StartTime> {
        self.present().filter_map(|it| it.hold.as_ref()).map(|it| it.since).min()
    }

    /// Returns the start of the longest wait in the lobby.
    #[must_use]
    pub fn oldest_lobby(&self) -> Option<StartTime> {
        self.present().filter_map(|it| it.lobby).min()
    }

    /// Returns since when somebody in the call has been on hold or in the lobby, the longest wait.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        [self.oldest_hold(), self.oldest_lobby()].into_iter().flatten().map(|it| it.at).min()
    }

    /// Returns whether the call is live, and notifications about it may be missing.
    pub(super) fn is_doubted_by_gap(&self) -> bool {
        self.is_live() && self.doubt == Some(Uncertainty::Gap)
    }

    /// Returns why the call must be read again from Graph, if it must.
    #[must_use]
    pub fn doubt_to_read(&self) -> Option<Uncertainty> {
        // What was unreadable stays so until there is news.
        let was_read = self.doubt == Some(Uncertainty::Unreadable) && self.read.is_some_and(|it| it >= self.heard);
        self.doubt.filter(|_| self.is_live() && !was_read)
    }

    /// Returns the subject, else up to three names, else `call N`; untrusted text.
    #[must_use]
    pub fn title(&self) -> String {
        let subject = self.subject.as_deref().map(str::trim).filter(|it| !it.is_empty());
        if let Some(subject) = subject {
            return subject.to_owned();
        }
        let others = self.present().filter(|it| !self.is_own_participant(&it.id)).map(|it| &*it.name);
        let people = self.parties.iter().filter(|it| it.kind != IdentityKind::Application).map(|it| &*it.name);
        // A person who is in the call twice, or is both a party and a participant, is named once.
        let mut names: Vec<&str> = Vec::new();
        for name in others.chain(people).filter(|it| !it.is_empty()) {
            if !names.contains(&name) && names.len() < 3 {
                names.push(name);
            }
        }
        if names.is_empty() { format!("call {}", self.number.0) } else { names.join(", ") }
    }

    /// Returns the name of the other party of a 1:1 call, else the title; untrusted text.
    #[must_use]
    pub fn party_or_title(&self) -> String {
        let mut others = self.parties.iter().filter(|it| it.kind != IdentityKind::Application);
        match others.find(|it| self.kind == CallKind::OneToOne && !it.name.trim().is_empty()) {
            Some(party) => party.name.trim().to_owned(),
            None => self.title(),
        }
    }

    /// Returns the title, unless it says no more than the call's number; for texts that show the number already.
    #[must_use]
    pub fn title_beside_number(&self) -> Option<String> {
        let title = self.title();
        (!title.eq_ignore_ascii_case(&format!("call {}", self.number.0))).then_some(title)
    }

    /// Returns the number and the title: `call 4, Support / Acme`; untrusted text.
    #[must_use]
    pub fn numbered_title(&self) -> String {
        let number = self.number.0;
        self.title_beside_number().map_or_else(|| format!("call {number}"), |title| format!("call {number}, {title}"))
    }

    /// Returns whether the call has not ended.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// Returns the 404 that ended the call, as long as that 404 is the only evidence.
    #[must_use]
    pub fn ended_only_by_404(&self) -> Option<&EndedBy404> {
        self.unfound.as_ref().filter(|_| !self.is_live())
    }
}
