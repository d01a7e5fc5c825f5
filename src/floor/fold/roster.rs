//! Applies full and delta rosters: presence, mute and lobby of each person. Decides when an absent person has left.

use std::collections::BTreeSet;

use super::super::Floor;
use super::super::call::{CallKind, FloorCall, Hold, HoldSource, Person, Uncertainty};
use super::super::lane::Lane;
use super::super::operation::OperationNumber;
use super::super::start_time::StartTime;
use super::stamp::FactStamp;
use crate::floor::event_log::LoggedEventKind;
use crate::graph::{self, CallId, DeltaParticipants, MediaDirection, Participant, ParticipantId};

/// The source of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RosterSource {
    /// A notification: everyone, unless the application itself is missing.
    Notification,
    /// A read of the participants: always everyone.
    Read,
    /// A notification with only the changed people.
    Delta,
}

/// The changes that one roster makes to one person.
struct PersonChanges {
    id: ParticipantId,
    events: Vec<LoggedEventKind>,
    unmuted_after: Option<OperationNumber>,
}

impl Floor {
    /// Applies a roster array. Absent people have left only if the array is complete, which means that it was read from
    /// Graph or contains the application's own participant. Otherwise it is merged, and the call is marked doubtful.
    pub(super) fn apply_roster(&mut self, stamp: FactStamp, id: &CallId, people: &[Participant], source: RosterSource) {
        self.touch_call(stamp, id);
        let Some(call) = self.calls.get(id).filter(|it| it.is_live()) else { return };
        let people = &last_mentions(people);
        let first = call.people.is_empty();
        let me = call.my_participant.clone();
        let has_me = me.as_ref().is_some_and(|me| people.iter().any(|it| it.identity_id() == Some(me)));
        // Somebody whose id cannot be read may be anybody who seems to be absent.
        let names_all = people.iter().all(|it| it.identity_id().is_some() || it.unreadable.is_empty());
        let is_whole = source == RosterSource::Read || (source == RosterSource::Notification && has_me);
        let is_complete = is_whole && names_all;
        let news = self.change_call(stamp, id, |call| {
            call.kind = CallKind::Group;
            if !is_whole && source == RosterSource::Notification {
                call.doubt = Some(if me.is_none() { Uncertainty::UnknownSelf } else { Uncertainty::PartialRoster });
            }
            let news: Vec<PersonChanges> = people.iter().filter_map(|it| merge_participant(call, it, stamp)).collect();
            call.number_people();
            if is_complete { mark_absent_as_left(call, people, news, stamp) } else { news }
        });
        for PersonChanges { id: person, events, unmuted_after } in news {
            for what in events {
                if what == LoggedEventKind::Left {
                    self.people_to_drop.push_back((stamp.at, id.clone(), person.clone()));
                }
                // The people of the first roster may have joined long before it.
                if !(first && matches!(what, LoggedEventKind::Joined)) {
                    let what = self.with_mute_details(what, unmuted_after, stamp);
                    self.log_event(stamp, Some((id, Some(&person))), what);
                }
            }
        }
        self.prove_from_roster(stamp, id, people, (source, is_complete));
    }

    /// Applies a delta roster: its people have changed, and those with `removedState` have left.
    pub(super) fn apply_delta_roster(&mut self, stamp: FactStamp, id: &CallId, delta: &DeltaParticipants) {
        let last = self.calls.get(id).and_then(|it| it.roster_sequence);
        if let (Some(last), Some(sequence)) = (last, delta.sequence_number) {
            if sequence <= last {
                return;
            }
            if sequence > last.saturating_add(1) {
                self.change_call(stamp, id, |call| call.doubt = Some(Uncertainty::Gap));
            }
        }
        self.apply_roster(stamp, id, &delta.participants, RosterSource::Delta);
        self.change_call(stamp, id, |call| call.roster_sequence = delta.sequence_number.or(call.roster_sequence));
    }

    /// Adds to an unmute the operator's mute before it, and the time since then.
    fn with_mute_details(
        &self,
        what: LoggedEventKind,
        mute: Option<OperationNumber>,
        stamp: FactStamp,
    ) -> LoggedEventKind {
        match (what, mute.and_then(|it| self.operations.get(it))) {
            (LoggedEventKind::Unmuted { .. }, Some(mute)) => {
                let seen = mute.proof.as_ref().map_or(mute.pressed, |it| it.at);
                LoggedEventKind::Unmuted { after: Some(stamp.at.since(seen)), by: Some(mute.by.clone()) }
            }
            (what, _) => what,
        }
    }
}

/// Returns the last item of each person, in the roster's order. All items without an id are kept.
fn last_mentions(people: &[Participant]) -> Vec<&Participant> {
    let mut named = BTreeSet::new();
    let mut last: Vec<&Participant> =
        people.iter().rev().filter(|it| it.identity_id().is_none_or(|id| named.insert(id))).collect();
    last.reverse();
    last
}

fn mark_absent_as_left(
    call: &mut FloorCall,
    people: &[&Participant],
    mut news: Vec<PersonChanges>,
    stamp: FactStamp,
) -> Vec<PersonChanges> {
    for person in call.people.iter_mut().filter(|it| it.left.is_none()) {
        if !people.iter().any(|it| it.identity_id() == Some(&person.id)) {
            person.left = Some(stamp.at);
            news.push(PersonChanges {
                id: person.id.clone(),
                events: vec![LoggedEventKind::Left],
                unmuted_after: None,
            });
        }
    }
    news
}

/// Merges one participant of a roster. Returns `None` for a participant without an id, which makes the call doubtful.
fn merge_participant(call: &mut FloorCall, listed: &Participant, stamp: FactStamp) -> Option<PersonChanges> {
    let Some(id) = listed.identity_id().cloned() else {
        call.doubt = Some(if listed.unreadable.is_empty() { Uncertainty::Nameless } else { Uncertainty::Unreadable });
        return None;
    };
    let mut news = PersonChanges { id: id.clone(), events: Vec::new(), unmuted_after: None };
    if listed.removed_state.is_some() {
        if let Some(person) = call.people.get_mut(&id).filter(|it| it.left.is_none()) {
            person.left = Some(stamp.at);
            news.events.push(LoggedEventKind::Left);
        }
        return Some(news);
    }
    // A new person has just joined only if the previous roster was complete.
    let exact = call.began.exact || (!call.people.is_empty() && call.doubt.is_none());
    let joined = StartTime { at: stamp.at, exact };
    // If the 404 was wrong, the people it removed never left.
    let ended_at = call.unfound.as_ref().map(|it| it.at);
    if let Some(person) = call.people.get_mut(&id).filter(|it| it.left == ended_at) {
        person.left = None;
    }
    let is_new = call.people.get(&id).is_none_or(|it| it.left.is_some());
    if is_new {
        let before = call.people.remove(&id);
        let ordinal = before.as_ref().map_or(0, |it| it.ordinal);
        let lane = before.map(|it| it.lane.reopened(it.joined)).unwrap_or_default();
        call.people.insert(Person { ordinal, ..new_person(id.clone(), joined, lane) });
        news.events.push(LoggedEventKind::Joined);
    }
    let person = call.people.get_mut(&id)?;
    update_name(person, listed);
    update_lobby(person, listed, stamp, &mut news.events);
    update_mute(person, listed, (stamp, is_new), &mut news);
    update_hold_hint(person, listed, (stamp, is_new), &mut news.events);
    note_unreadable(person, listed, &mut news.events);
    Some(news)
}

/// Remembers what of the person could not be read, until a roster is readable.
fn note_unreadable(person: &mut Person, listed: &Participant, events: &mut Vec<LoggedEventKind>) {
    let members = (!listed.unreadable.is_empty()).then(|| listed.unreadable.join(", ").into_boxed_str());
    if let Some(members) = members.as_ref().filter(|it| person.unreadable.as_ref() != Some(it)) {
        events.push(LoggedEventKind::Noted(format!("has an unreadable {members}").into()));
    }
    person.unreadable = members;
}

fn new_person(id: ParticipantId, joined: StartTime, lane: Lane) -> Person {
    Person {
        id,
        ordinal: 0,
        name: Box::default(),
        kind: None,
        muted: false,
        server_muted: None,
        muted_since: None,
        lobby: None,
        audio: None,
        hold: None,
        joined,
        left: None,
        muted_by: None,
        unreadable: None,
        lane,
    }
}

fn update_name(person: &mut Person, listed: &Participant) {
    let identity = listed.info.as_ref().and_then(|it| it.identity.as_ref());
    // Without the member that could not be read, another one would be taken for the name.
    let is_whole = !listed.unreadable.iter().any(|it| it.starts_with("info") || it.starts_with("preferred"));
    if !is_whole && !person.name.is_empty() {
        return;
    }
    let preferred = listed.preferred_display_name.as_deref().filter(|it| !it.trim().is_empty());
    if let Some(name) = preferred.or_else(|| identity.and_then(graph::IdentitySet::name)) {
        person.name = name.into();
    }
    if let Some((kind, _)) = identity.and_then(graph::IdentitySet::principal) {
        person.kind = Some(kind);
    }
}

fn update_lobby(person: &mut Person, listed: &Participant, stamp: FactStamp, events: &mut Vec<LoggedEventKind>) {
    match (listed.is_in_lobby, person.lobby) {
        (Some(true), None) => {
            person.lobby = Some(StartTime { at: stamp.at, exact: person.joined.exact || person.joined.at < stamp.at });
            events.retain(|it| *it != LoggedEventKind::Joined);
            events.push(LoggedEventKind::Waits);
        }
        (Some(false), Some(_)) => {
            person.lobby = None;
            events.push(LoggedEventKind::Admitted);
        }
        _ => {}
    }
}

fn update_mute(
    person: &mut Person,
    listed: &Participant,
    (stamp, is_new): (FactStamp, bool),
    news: &mut PersonChanges,
) {
    // isMuted means client or server mute, so isMuted = false excludes a server mute even if the stream shows one.
    let is_unmuted = listed.is_muted == Some(false);
    let stream = listed.main_audio().and_then(|it| it.server_muted);
    if let Some(server) = stream.or(person.server_muted) {
        person.server_muted = Some(server && !is_unmuted);
    }
    let Some(muted) = listed.is_muted.filter(|it| *it != person.muted) else { return };
    person.muted = muted;
    if muted {
        person.muted_since = Some(StartTime { at: stamp.at, exact: !is_new });
        let server = person.server_muted == Some(true);
        news.events.extend((!is_new).then_some(LoggedEventKind::Muted { server }));
    } else {
        person.muted_since = None;
        news.unmuted_after = person.muted_by.take();
        news.events.push(LoggedEventKind::Unmuted { after: None, by: None });
    }
}

/// Infers a hold from inactive main audio: the person may have put the call on hold on their own phone. Never ends a
/// hold by an operator.
fn update_hold_hint(
    person: &mut Person,
    listed: &Participant,
    (stamp, is_new): (FactStamp, bool),
    events: &mut Vec<LoggedEventKind>,
) {
    let Some(direction) = listed.main_audio().and_then(|it| it.direction.clone()) else { return };
    let is_inferred = person.hold.as_ref().is_some_and(|it| it.source == HoldSource::Inferred);
    if direction == MediaDirection::Inactive && person.hold.is_none() && person.lobby.is_none() {
        let since = StartTime { at: stamp.at, exact: !is_new };
        person.hold = Some(Box::new(Hold { source: HoldSource::Inferred, since }));
        events.extend((!is_new).then_some(LoggedEventKind::Held));
    } else if direction != MediaDirection::Inactive && is_inferred {
        person.hold = None;
        events.push(LoggedEventKind::Resumed);
    }
    person.audio = Some(direction);
}
