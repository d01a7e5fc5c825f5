//! Applies changes of calls: merges partial calls, ends calls, and restores a call that only a 404 had ended. Any other
//! end is final.
//!
//! A notification that arrives late moves no state back, with one exception: a transfer that fails leads from
//! transferring to established. [`CallState::advanced_by`] has these rules.

use super::super::call::{CallKind, EndedBy404, FloorCall, Party, Uncertainty};
use super::super::operation::ProofSource;
use super::super::start_time::StartTime;
use super::super::{Act, Cursor, Floor};
use super::stamp::FactStamp;
use crate::floor::event_log::LoggedEventKind;
use crate::graph::{self, CallDirection, CallId, CallState, ChangeType, NotifiedResource, Participant};

impl Floor {
    /// Merges a partial call; `change` is the change type of the notification, `None` for a read.
    pub(super) fn merge_call_part(
        &mut self,
        stamp: FactStamp,
        id: &CallId,
        part: &graph::Call,
        change: Option<&ChangeType>,
    ) {
        let was_known = self.calls.contains(id);
        self.touch_call(stamp, id);
        if let Some(ended) = self.calls.get_mut(id).filter(|it| !it.is_live()) {
            // A read may show the end before the notification with the reason arrives.
            if let (Some(ChangeType::Deleted), Some(result)) = (change, &part.result_info) {
                ended.result = Some(result.to_string().into());
            }
            self.changed.add(id);
            if change == Some(&ChangeType::Deleted) || part.state == Some(CallState::Terminated) {
                // Graph confirms the end, so it is final.
                ended.unfound = None;
            }
            return;
        }
        let before = self.calls.get(id).map(|it| it.state.clone());
        self.change_call(stamp, id, |call| {
            // Only a notification of a call that was not known shows its start: a read comes at any time later.
            if !was_known && change.is_some() && is_call_start(part) {
                call.began = StartTime::exactly(stamp.at);
            }
            merge_part(call, part);
        });
        let state = self.calls.get(id).map(|it| it.state.clone());
        if state == Some(CallState::Established) && before != state && change.is_some() {
            if let Some(call) = self.calls.get_mut(id).filter(|_| was_known) {
                call.connected.get_or_insert(stamp.at);
            }
            self.log_event(stamp, Some((id, None)), LoggedEventKind::CallEstablished);
        }
        if change == Some(&ChangeType::Deleted) || state == Some(CallState::Terminated) {
            let result = part.result_info.as_ref().map(ToString::to_string);
            self.end_call(stamp, id, result.as_deref().unwrap_or_default());
        }
    }

    /// Ends a call: its people leave, and its open operations are settled.
    ///
    /// The floor drops these people together with the call, so none of them is queued here; a restore queues them.
    pub(super) fn end_call(&mut self, stamp: FactStamp, id: &CallId, result: &str) {
        self.touch_call(stamp, id);
        if self.calls.get(id).is_some_and(|it| !it.is_live()) {
            return;
        }
        self.change_call(stamp, id, |call| {
            call.state = CallState::Terminated;
            call.ended = Some(stamp.at);
            call.unfound = None;
            call.result = Some(result.into()).filter(|_| !result.is_empty());
            call.doubt = None;
            for person in call.people.iter_mut() {
                person.left.get_or_insert(stamp.at);
            }
        });
        self.calls_to_drop.push_back((stamp.at, id.clone()));
        self.log_event(stamp, Some((id, None)), LoggedEventKind::CallEnded(result.into()));
        for number in self.open_operations_of(id) {
            let act = self.operations.get(number).map(|it| it.act);
            if act == Some(Act::HangUp) {
                self.add_proof(stamp, number, ProofSource::CallEnded);
            } else {
                self.note_target_gone(stamp, number);
            }
        }
        self.open_operations.remove(id);
        // It may have been the last call that a gap had left doubtful.
        self.note_resync(stamp);
    }

    /// Ends a call for which Graph answered 404, until Graph reports it as live.
    pub(super) fn end_call_by_404(&mut self, stamp: FactStamp, id: &CallId) {
        self.touch_call(stamp, id);
        let Some(state) = self.calls.get(id).filter(|it| it.is_live()).map(|it| it.state.clone()) else { return };
        self.end_call(stamp, id, "404, Graph does not know it any more");
        self.change_call(stamp, id, |call| {
            call.unfound = Some(EndedBy404 { cursor: stamp.cursor, at: stamp.at, state });
        });
    }

    /// Restores a call that only a 404 had ended, because Graph reports it as live. `read_since` is the head when a read
    /// began: a read that began before the 404 does not contradict it.
    ///
    /// The call is marked doubtful, so that the relay reads who is in it. Operations that the end
    /// had settled stay settled.
    pub(super) fn restore_call(&mut self, stamp: FactStamp, id: &CallId, read_since: Option<Cursor>) {
        let Some(call) = self.calls.get(id) else { return };
        let Some(unfound) = call.ended_only_by_404() else { return };
        if read_since.is_some_and(|head| head < unfound.cursor) {
            return;
        }
        let (at, state) = (unfound.at, unfound.state.clone());
        // The call stays, so the people who left by its end are dropped one by one, unless a roster names them.
        let removed = call.people.iter().filter(|it| it.left == Some(at)).map(|it| (at, id.clone(), it.id.clone()));
        self.people_to_drop.extend(removed);
        self.calls_to_drop.retain(|(_, it)| it != id);
        self.change_call(stamp, id, |call| {
            call.state = state;
            call.ended = None;
            call.result = None;
            call.doubt = Some(Uncertainty::Gap);
        });
        self.log_event(stamp, Some((id, None)), LoggedEventKind::CallFoundAgain);
    }
}

/// Returns whether a notification shows that its call is live.
pub(super) fn shows_live_call(resource: &NotifiedResource, change: &ChangeType) -> bool {
    let is_present = |it: &Participant| it.removed_state.is_none();
    match resource {
        NotifiedResource::Call(part) => part_shows_live_call(part, Some(change)),
        NotifiedResource::Roster(people) => people.iter().any(is_present),
        NotifiedResource::Delta(delta) => delta.participants.iter().any(is_present),
        NotifiedResource::Operation(..) => true,
        NotifiedResource::ContentSharing(_) | NotifiedResource::Joining(_) | NotifiedResource::Left(_) => false,
    }
}

/// Returns whether a partial call shows that the call is live; `change` is the change type of the notification, `None`
/// for a read, which has found the call.
pub(super) fn part_shows_live_call(part: &graph::Call, change: Option<&ChangeType>) -> bool {
    if change == Some(&ChangeType::Deleted) {
        return false;
    }
    match &part.state {
        None | Some(CallState::Unknown(_)) => change.is_none(),
        Some(CallState::Terminating | CallState::Terminated) => false,
        Some(_) => true,
    }
}

/// Returns whether a partial call has a state of a call that has just begun.
const fn is_call_start(part: &graph::Call) -> bool {
    matches!(part.state, Some(CallState::Incoming | CallState::Establishing | CallState::Ringing))
}

fn merge_part(call: &mut FloorCall, part: &graph::Call) {
    if let Some(state) = &part.state {
        let is_known_state = call.state.rank().is_some();
        call.state = if is_known_state { call.state.advanced_by(state) } else { state.clone() };
    }
    match part.is_group() {
        Some(true) => call.kind = CallKind::Group,
        Some(false) if call.kind == CallKind::Unknown => call.kind = CallKind::OneToOne,
        Some(false) | None => {}
    }
    let thread = part.chat_info.as_ref().and_then(|it| it.thread_id.clone());
    set_if_present(&mut call.direction, part.direction.as_ref());
    set_if_present(&mut call.subject, part.subject.as_ref());
    set_if_present(&mut call.my_participant, part.my_participant_id.as_ref());
    set_if_present(&mut call.chain, part.call_chain_id.as_ref());
    set_if_present(&mut call.tenant, part.tenant_id.as_ref());
    set_if_present(&mut call.thread, thread.as_ref());
    if let Some(result) = &part.result_info {
        call.result = Some(result.to_string().into());
    }
    let parties: Vec<Party> = part.parties().filter_map(party).collect();
    if !parties.is_empty() {
        call.parties = parties;
    }
    if call.kind == CallKind::Unknown && call.direction == Some(CallDirection::Incoming) && call.parties.len() == 2 {
        call.kind = CallKind::OneToOne;
    }
}

fn party(identity: &graph::IdentitySet) -> Option<Party> {
    let (kind, _) = identity.principal()?;
    Some(Party { name: identity.name().unwrap_or_default().into(), kind })
}

fn set_if_present<T: Clone>(known: &mut Option<T>, heard: Option<&T>) {
    if let Some(heard) = heard {
        *known = Some(heard.clone());
    }
}
