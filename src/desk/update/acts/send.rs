//! From the answer to a confirm to the sent request, one by one for a bulk act, and the gate's answer.

use crate::desk::acts::bulk_confirm::BulkConfirm;
use crate::desk::acts::confirm::{BoundAct, Confirm, ConfirmDecision};
use crate::desk::acts::rules::{may, may_forced};
use crate::desk::update::acts::confirm::refuse;
use crate::desk::update::acts::marks::{mark_again, unmark};
use crate::desk::{ActToSend, BulkAct, Desk, Effect, GateAnswer, PendingState};
use crate::floor::{Act, Ticket};
use crate::graph::GraphError;

/// Starts the bulk act that a confirm listed.
fn begin_bulk(desk: &mut Desk, act: Act, many: &BulkConfirm) {
    for item in many.items() {
        unmark(desk, item.target());
    }
    desk.acts.bulk.begin(desk.clock.now(), act, many.items().to_vec());
    desk.acts.pending.unfollow();
    desk.message = None;
}

/// Sends the members of bulk acts that are due; each is checked again.
pub(in crate::desk) fn send_next(desk: &mut Desk) -> Vec<Effect> {
    let mut effects = Vec::new();
    while let Some((act, at, item)) = desk.acts.bulk.send_next() {
        let may = may(desk, act, item.target());
        let label = desk.label(item.target());
        desk.acts.pending.sent(item.ticket(), desk.clock.now(), act, (item.target(), label));
        if let Err(why) = may {
            desk.acts.pending.set(item.ticket(), PendingState::Refused(why.to_string()));
            desk.acts.bulk.answered(item.ticket());
            continue;
        }
        let (pressed, turn) = (at - desk.link.ahead(), desk.clock.now() - desk.link.ahead());
        effects.push(Effect::Send(Box::new(ActToSend {
            ticket: item.ticket().clone(),
            action: item.action().clone(),
            pressed,
            turn,
        })));
    }
    effects
}

/// Stops the unsent members and marks them again; false if there are none.
pub(in crate::desk) fn stop_bulk(desk: &mut Desk) -> bool {
    let Some((batch, kept)) = desk.acts.bulk.stop() else { return false };
    let (title, stopped) = (batch.title(), kept.len());
    let sent = batch.members.len() - stopped;
    mark_again(desk, kept);
    desk.warn(format!("{title}: stopped; {sent} were sent, {stopped} were not and are marked again"));
    true
}

/// Stops following a bulk act that has ended.
fn unfollow_bulk(desk: &mut Desk) {
    let batch = desk.acts.bulk.followed();
    let goes_on = |act: &BulkAct| act.members.iter().any(|it| desk.bulk_outcome(it).goes_on(desk.clock.now()));
    if !batch.is_some_and(goes_on) {
        desk.acts.bulk.unfollow();
    }
}

/// Stops following our newest act if it has ended.
pub(in crate::desk) fn unfollow(desk: &mut Desk) {
    let goes_on = match desk.followed_operation() {
        Some(operation) => operation.standing(desk.clock.now()).is_in_progress(),
        None => desk.followed_pending().is_some(),
    };
    if !goes_on {
        desk.acts.pending.unfollow();
    }
    unfollow_bulk(desk);
}

/// Labels the pending acts with the current names.
pub(in crate::desk) fn label_slips(desk: &mut Desk) {
    let labels = desk.acts.pending.targets().map(|it| desk.label(&it)).collect();
    desk.acts.pending.relabel(labels);
}

/// Carries out the decision on the open confirm.
pub(in crate::desk) fn decide(desk: &mut Desk, confirm: &Confirm, decision: ConfirmDecision) -> Vec<Effect> {
    match decision {
        ConfirmDecision::Open => {}
        ConfirmDecision::No => desk.say(format!("{}: not sent", confirm.bound().act())),
        ConfirmDecision::Yes => {
            let bound = confirm.bound();
            if let Some(many) = confirm.many() {
                begin_bulk(desk, bound.act(), many);
                return Vec::new();
            }
            let weighed = match confirm.forced() {
                [] => may(desk, bound.act(), bound.target()),
                _ => may_forced(desk, bound.act(), bound.target()),
            };
            if let Err(reason) = weighed {
                refuse(desk, bound.act(), bound.target(), &reason);
                return Vec::new();
            }
            return vec![send(desk, bound)];
        }
    }
    Vec::new()
}

/// Handles the gate's answer to an act.
pub(in crate::desk) fn answered(desk: &mut Desk, ticket: &Ticket, answer: &GateAnswer) {
    let of_many = desk.acts.bulk.answered(ticket);
    let Some(state) = state_of(answer) else {
        return desk.acts.pending.set(ticket, PendingState::Accepted);
    };
    let act = desk.acts.pending.act(ticket).map(|it| it.to_string()).unwrap_or_default();
    // The progress line of a bulk act counts its failures.
    if let PendingState::Refused(reason) | PendingState::Unknown(reason) = &state
        && !of_many
    {
        desk.warn(format!("{act}: {reason}"));
    }
    desk.acts.pending.set(ticket, state);
}

fn send(desk: &mut Desk, bound: &BoundAct) -> Effect {
    let label = desk.label(bound.target());
    desk.acts.pending.sent(bound.ticket(), desk.clock.now(), bound.act(), (bound.target(), label));
    unmark(desk, bound.target());
    desk.message = None;
    desk.acts.pending.follow(bound.ticket().clone());
    // By our own clock, because the console uses it to measure how long ago that was.
    let pressed = desk.clock.now() - desk.link.ahead();
    let (ticket, action) = (bound.ticket().clone(), bound.action().clone());
    Effect::Send(Box::new(ActToSend { ticket, action, pressed, turn: pressed }))
}

/// Returns the state after an answer; `None` for success.
fn state_of(answer: &GateAnswer) -> Option<PendingState> {
    match answer {
        GateAnswer::Replied { status, .. } if (200..300).contains(status) => None,
        GateAnswer::Replied { status, body } => Some(PendingState::Refused(refusal(*status, body))),
        GateAnswer::Lost { sent: false, error } => Some(PendingState::Refused(format!("not sent: {error}"))),
        GateAnswer::Unanswered => {
            Some(PendingState::Unknown("not answered; if it arrives late it is refused".to_owned()))
        }
        GateAnswer::Lost { sent: true, error } => {
            Some(PendingState::Unknown(format!("no answer from the gate: {error}")))
        }
    }
}

/// A refusal as a sentence; for an act that came too late after its key press, the gate's own words are enough.
fn refusal(status: u16, body: &str) -> String {
    let expired = GraphError::read(body).filter(|it| &*it.code == "actExpired");
    expired.map_or_else(|| sentence(status, body), |it| it.message.to_string())
}

/// Returns an error answer as a sentence; untrusted text.
pub(in crate::desk) fn sentence(status: u16, body: &str) -> String {
    GraphError::read(body).unwrap_or_default().sentence(status)
}
