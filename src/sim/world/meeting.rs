//! Meetings that the application joins several times. Each join is a call of its own, a leg, with its own operations. All
//! legs have one `callChainId` and the same people (graph-contract.md, "Seen in the field").
//!
//! Invariant: after each request and each event, every leg has the people of the leg that it was about.

use crate::graph::{Call, CallId, ParticipantId};
use crate::time::Timestamp;

use super::api::answer::Refusal;
use super::calls::call::LiveCall;
use super::calls::operation::result;
use super::calls::roster::CallRoster;
use super::state::World;

/// What identifies a meeting in the request that joins it.
#[derive(Debug, PartialEq, Eq)]
enum MeetingKey {
    /// The thread of its chat, and the message of a channel's thread that it belongs to.
    Thread(String, Box<str>),
    /// The id that people type to join, without spaces.
    JoinId(String),
    /// A join token.
    Token(Box<str>),
}

impl MeetingKey {
    fn of(call: &Call) -> Option<Self> {
        let chat = call.chat_info.as_ref();
        if let Some(thread) = chat.and_then(|it| it.thread_id.as_deref()) {
            let message = chat.and_then(|it| it.message_id.clone()).unwrap_or_else(|| "0".into());
            return Some(Self::Thread(thread.to_lowercase(), message));
        }
        let meeting = call.meeting_info.as_ref()?;
        let typed = meeting.join_meeting_id.as_deref();
        let typed = typed.map(|it| Self::JoinId(it.chars().filter(|one| !one.is_whitespace()).collect()));
        typed.or_else(|| meeting.token.clone().map(Self::Token))
    }
}

/// Makes a new call a leg of the meeting that it joins, if the application is in this meeting already: with the
/// meeting's people and its `callChainId`.
///
/// Fails if the meeting is full.
pub(in crate::sim::world) fn join(world: &mut World, call: &mut LiveCall) -> Result<(), Refusal> {
    let Some(key) = MeetingKey::of(&call.facts) else { return Ok(()) };
    let is_leg = |it: &&LiveCall| {
        it.is_group() && !it.is_ending() && it.recorder.is_none() && MeetingKey::of(&it.facts).as_ref() == Some(&key)
    };
    let legs: Vec<CallId> = world.calls.iter().filter(is_leg).map(|it| it.id.clone()).collect();
    let Some(first) = legs.first().and_then(|it| world.calls.get(it)) else { return Ok(()) };
    if first.roster.members.len() >= CallRoster::MAX_MEMBERS {
        return Err(Refusal::invalid("The meeting is full."));
    }
    call.facts.call_chain_id.clone_from(&first.facts.call_chain_id);
    let people = first.roster.members.clone();
    call.roster.held.clone_from(&first.roster.held);
    call.roster.members.extend(people);
    call.roster.renumber_own_stream();
    for leg in &legs {
        if let Some(leg) = world.calls.get_mut(leg) {
            leg.roster.other_legs.push(call.id.clone());
        }
    }
    call.roster.other_legs = legs;
    Ok(())
}

/// Gives the people of a leg to the other legs of its meeting.
pub(in crate::sim::world) fn share_people(world: &mut World, id: &CallId) {
    let Some(call) = world.calls.get(id).filter(|it| !it.roster.other_legs.is_empty() && !it.is_ending()) else {
        return;
    };
    let (people, held, legs) = (call.roster.members.clone(), call.roster.held.clone(), call.roster.other_legs.clone());
    for leg in &legs {
        if let Some(leg) = world.calls.get_mut(leg) {
            leg.roster.take_people(&people);
            leg.roster.held.clone_from(&held);
        }
    }
}

/// Takes a call that ends out of its meeting. What was planned for people of the meeting happens in another leg.
pub(in crate::sim::world) fn leave(world: &mut World, id: &CallId) {
    let Some(call) = world.calls.get_mut(id) else { return };
    let legs = std::mem::take(&mut call.roster.other_legs);
    let (me, activity_every) = (call.roster.me.clone(), call.lifetime.activity_every);
    for leg in &legs {
        if let Some(leg) = world.calls.get_mut(leg) {
            leg.roster.other_legs.retain(|it| it != id);
            leg.roster.members.retain(|it| it.id != me);
            leg.roster.held.take_if(|it| *it == me);
        }
        world.calls.mark_changed(leg);
    }
    let Some(heir) = legs.first() else { return };
    world.agenda.hand_over(id, heir);
    if let Some(heir) = world.calls.get_mut(heir) {
        heir.lifetime.activity_every = heir.lifetime.activity_every.or(activity_every);
    }
}

/// Ends the leg whose own participant somebody has removed from the meeting. \[unverified\]: its result.
pub(in crate::sim::world) fn end_removed_leg(world: &mut World, at: Timestamp, call: &CallId, who: &ParticipantId) {
    let legs = world.calls.get(call).map(|it| it.roster.other_legs.clone()).unwrap_or_default();
    let removed = legs.into_iter().find(|leg| world.calls.get(leg).is_some_and(|it| it.roster.me == *who));
    if let Some(removed) = removed {
        world.end(at, &removed, result(200, 5_300, "The participant was removed by another participant."));
    }
}
