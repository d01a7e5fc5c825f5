//! What is heard of a call as a whole: partial calls are merged, states never go back, ends are final.

use super::super::call::{Call, CallKind, Party, Since};
use super::super::line::Happening;
use super::super::operation::Evidence;
use super::super::{Act, Floor};
use super::Stamp;
use crate::graph::{self, CallDirection, CallId, CallState, ChangeType};

impl Floor {
    /// Merges a part of a call; `change` is what the notification said, `None` for a read.
    pub(super) fn call_changed(&mut self, stamp: Stamp, id: &CallId, part: &graph::Call, change: Option<&ChangeType>) {
        let known = self.calls.contains_key(id);
        self.seen(stamp, id);
        if let Some(ended) = self.calls.get_mut(id).filter(|it| !it.is_live()) {
            // The end may have been read before the notification came that says how it was.
            if let (Some(ChangeType::Deleted), Some(result)) = (change, &part.result_info) {
                ended.result = Some(result.to_string().into());
            }
            return;
        }
        let before = self.calls.get(id).map(|it| it.state.clone());
        self.change(stamp, id, |call| {
            if !known && change.is_some() && is_beginning(part) {
                call.began = Since::exactly(stamp.at);
            }
            merge(call, part);
        });
        let state = self.calls.get(id).map(|it| it.state.clone());
        if state == Some(CallState::Established) && before != state && change.is_some() {
            if let Some(call) = self.calls.get_mut(id).filter(|_| known) {
                call.connected.get_or_insert(stamp.at);
            }
            self.say(stamp, Some((id, None)), Happening::CallEstablished);
        }
        if change == Some(&ChangeType::Deleted) || state == Some(CallState::Terminated) {
            let result = part.result_info.as_ref().map(ToString::to_string);
            self.end_call(stamp, id, result.as_deref().unwrap_or_default());
        }
    }

    /// A call has ended: its people are gone with it, and what was asked of it is settled.
    pub(super) fn end_call(&mut self, stamp: Stamp, id: &CallId, result: &str) {
        self.seen(stamp, id);
        if self.calls.get(id).is_some_and(|it| !it.is_live()) {
            return;
        }
        self.change(stamp, id, |call| {
            call.state = CallState::Terminated;
            call.ended = Some(stamp.at);
            call.result = Some(result.into()).filter(|_| !result.is_empty());
            call.doubt = None;
            for person in call.people.values_mut() {
                person.left.get_or_insert(stamp.at);
            }
        });
        self.endings.push_back((stamp.at, id.clone()));
        self.say(stamp, Some((id, None)), Happening::CallEnded(result.into()));
        for number in self.open_on(id) {
            let act = self.operations.get(&number).map(|it| it.act);
            if act == Some(Act::HangUp) {
                self.prove(stamp, number, Evidence::CallEnded);
            } else {
                self.target_gone(stamp, number);
            }
        }
        self.open.remove(id);
        self.resynced(stamp);
    }
}

/// Whether this is news of a call's very begin.
const fn is_beginning(part: &graph::Call) -> bool {
    matches!(part.state, Some(CallState::Incoming | CallState::Establishing | CallState::Ringing))
}

fn merge(call: &mut Call, part: &graph::Call) {
    if let Some(state) = &part.state {
        let known = call.state.rank().is_some();
        call.state = if known { call.state.advanced_by(state) } else { state.clone() };
    }
    match part.is_group() {
        Some(true) => call.kind = CallKind::Group,
        Some(false) if call.kind == CallKind::Unknown => call.kind = CallKind::OneToOne,
        Some(false) | None => {}
    }
    let thread = part.chat_info.as_ref().and_then(|it| it.thread_id.clone());
    keep(&mut call.direction, part.direction.as_ref());
    keep(&mut call.subject, part.subject.as_ref());
    keep(&mut call.my_participant, part.my_participant_id.as_ref());
    keep(&mut call.chain, part.call_chain_id.as_ref());
    keep(&mut call.tenant, part.tenant_id.as_ref());
    keep(&mut call.thread, thread.as_ref());
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

fn keep<T: Clone>(known: &mut Option<T>, heard: Option<&T>) {
    if let Some(heard) = heard {
        *known = Some(heard.clone());
    }
}
