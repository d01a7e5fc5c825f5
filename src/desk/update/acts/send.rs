//! From the answer to a confirm to the sent request, one by one for a bulk act, and the gate's answer.

use crate::desk::acts::bulk::BulkDrop;
use crate::desk::acts::bulk_confirm::BulkConfirm;
use crate::desk::acts::confirm::{BoundAct, Confirm, ConfirmDecision};
use crate::desk::acts::rules::{may, may_forced};
use crate::desk::command::Command;
use crate::desk::update::acts::confirm::refuse;
use crate::desk::update::acts::marks::{mark_again, unmark};
use crate::desk::{ActToSend, BulkAct, Desk, Effect, GateAnswer, PendingState};
use crate::floor::{Act, Ticket};
use crate::graph::GraphError;
use crate::time::Timestamp;

/// Starts the bulk act that a confirm listed.
fn begin_bulk(desk: &mut Desk, act: Act, many: &BulkConfirm, pressed: Timestamp) {
    for item in many.items() {
        unmark(desk, item.target());
    }
    desk.acts.bulk.begin((pressed, desk.clock.wall()), act, many.items().to_vec());
    desk.acts.pending.unfollow();
    desk.message = None;
}

/// Sends the members of bulk acts that are due; each is checked again.
pub(in crate::desk) fn send_next(desk: &mut Desk) -> Vec<Effect> {
    if !desk.link.is_live() {
        drop_rest(desk, BulkDrop::LineLost);
    }
    let mut effects = Vec::new();
    while let Some((act, at, item)) = desk.acts.bulk.send_next() {
        let may = may(desk, act, item.target());
        let label = desk.label(item.target());
        desk.acts.pending.sent(item.ticket(), desk.clock.now(), act, (item.target(), label));
        if let Err(why) = may {
            desk.acts.pending.set(item.ticket(), PendingState::Refused(why.to_string()));
            desk.acts.bulk.answered(item.ticket(), desk.clock.wall());
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
    let Some((bulk, kept)) = desk.acts.bulk.stop() else { return false };
    let (title, stopped) = (bulk.title(), kept.len());
    let sent = bulk.members.len() - stopped;
    mark_again(desk, kept);
    desk.warn(format!("{title}: stopped; {sent} were sent, {stopped} were not and are marked again"));
    true
}

/// Drops the rest of a bulk act that stood still for as long as an act lives.
///
/// It is called before an event is handled: the answer that ends a standstill must not send the next member. Wall time
/// decides, because the relay measures an act's lifetime in real time too, whatever the speed of floor time; and because
/// it also counts while this process or its machine was stopped, when no event came.
pub(in crate::desk) fn drop_if_stalled(desk: &mut Desk) {
    let limit = desk.link.act_lifetime();
    if desk.acts.bulk.stands_still(desk.clock.wall(), limit) {
        drop_rest(desk, BulkDrop::NoProgress(limit));
    }
}

/// Drops the members of a bulk act that were not sent, and says so. They count as failed, so they can be retried.
pub(in crate::desk) fn drop_rest(desk: &mut Desk, why: BulkDrop) {
    let Some((bulk, dropped)) = desk.acts.bulk.drop_rest(why) else { return };
    let (title, all) = (bulk.title(), bulk.members.len());
    let press = desk.input.keymap.shortcut_for(Command::Retry);
    desk.warn(format!("{title}: stopped: {why}; {dropped} of {all} not sent; {press} asks again"));
}

/// Stops following a bulk act that has ended.
fn unfollow_bulk(desk: &mut Desk) {
    let bulk = desk.acts.bulk.followed();
    let goes_on = |act: &BulkAct| act.members.iter().any(|it| desk.bulk_outcome(it).goes_on(desk.clock.now()));
    if !bulk.is_some_and(goes_on) {
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
            let pressed = confirm.arming().pressed().unwrap_or(desk.clock.input_at());
            if let Some(many) = confirm.many() {
                begin_bulk(desk, bound.act(), many, pressed);
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
            return vec![send(desk, bound, pressed)];
        }
    }
    Vec::new()
}

/// Handles the gate's answer to an act.
pub(in crate::desk) fn answered(desk: &mut Desk, ticket: &Ticket, answer: &GateAnswer) {
    let of_many = desk.acts.bulk.answered(ticket, desk.clock.wall());
    if let Some(why) = ends_bulk(answer)
        && desk.acts.bulk.newest_has(ticket)
    {
        drop_rest(desk, why);
    }
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

/// Sends an act whose key was read at `pressed`, by the relay's floor time.
fn send(desk: &mut Desk, bound: &BoundAct, pressed: Timestamp) -> Effect {
    let label = desk.label(bound.target());
    desk.acts.pending.sent(bound.ticket(), pressed, bound.act(), (bound.target(), label));
    unmark(desk, bound.target());
    desk.message = None;
    desk.acts.pending.follow(bound.ticket().clone());
    // By our own clock, because the console uses it to measure how long ago that was.
    let pressed = pressed - desk.link.ahead();
    let (ticket, action) = (bound.ticket().clone(), bound.action().clone());
    Effect::Send(Box::new(ActToSend { ticket, action, pressed, turn: pressed }))
}

/// Returns why an answer to a member ends a bulk act: it shows that something stood still.
fn ends_bulk(answer: &GateAnswer) -> Option<BulkDrop> {
    match answer {
        GateAnswer::Unanswered | GateAnswer::Lost { .. } => Some(BulkDrop::Unanswered),
        GateAnswer::Replied { body, .. } => {
            let error = GraphError::read(body)?;
            matches!(&*error.code, "actExpired" | "otherStart" | "pressedAhead").then_some(BulkDrop::Expired)
        }
    }
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

/// Returns a refusal as a sentence. For an act that came too late after its key press, the gate's own words are enough.
/// A wrong time of the key press is nothing that the operator did; the console asks for the relay's time before the next
/// act, so that one is sent.
fn refusal(status: u16, body: &str) -> String {
    let error = GraphError::read(body);
    match error.as_ref().map(|it| &*it.code) {
        Some("actExpired") => error.map(|it| it.message.to_string()).unwrap_or_default(),
        Some("otherStart") => "not sent: the relay was started again since its last heartbeat; press again".to_owned(),
        Some("pressedAhead") => {
            "not sent: the relay's clock stood still, so the time of the key press was wrong; press again".to_owned()
        }
        Some(_) | None => sentence(status, body),
    }
}

/// Returns an error answer as a sentence; untrusted text.
pub(in crate::desk) fn sentence(status: u16, body: &str) -> String {
    GraphError::read(body).unwrap_or_default().sentence(status)
}
