//! From a confirm's answer to the request that leaves, one by one where there are many, and what came back of it.

use crate::desk::acts::bulk::{BulkActs, BulkMember, SendState};
use crate::desk::acts::bulk_confirm::{BulkConfirm, BulkItem};
use crate::desk::acts::confirm::{Confirm, ConfirmDecision};
use crate::desk::acts::rules::{may, may_forced};
use crate::desk::input::paste_guard::BURST;
use crate::desk::update::acts::confirm::refuse;
use crate::desk::update::acts::marks::{mark_again, unmark};
use crate::desk::{ActToSend, BulkAct, Desk, Effect, GateAnswer, Modal, PendingState};
use crate::floor::{Act, OperationStatus, Ticket};
use crate::graph::GraphError;

/// Begins to send what a confirm of many named.
fn begin_bulk(desk: &mut Desk, act: Act, many: BulkConfirm) {
    for item in &many.items {
        unmark(desk, &item.target);
    }
    let member = |item: BulkItem| BulkMember {
        name: item.called.clone(),
        ticket: item.ticket.clone(),
        item,
        state: SendState::Queued,
    };
    let batches = &mut desk.acts.bulk;
    batches.last += 1;
    let (serial, members) = (batches.last, many.items.into_iter().map(member).collect());
    batches.rows.push_back(BulkAct { serial, at: desk.clock.now, act, members, open: false });
    batches.followed = Some(serial);
    if batches.rows.len() > BulkActs::MOST {
        batches.rows.pop_front();
    }
    (desk.message, desk.acts.followed_ticket) = (None, None);
}

/// Sends those whose turn it is; each is weighed again.
pub(in crate::desk) fn send_next(desk: &mut Desk) -> Vec<Effect> {
    let mut effects = Vec::new();
    while let Some((act, at, member)) = desk.acts.bulk.next() {
        let item = member.item.clone();
        member.state = SendState::Sent;
        let may = may(desk, act, &item.target);
        let label = desk.label(&item.target);
        desk.acts.pending.sent(&item.ticket, desk.clock.now, act, (&item.target, label));
        if let Err(why) = may {
            desk.acts.pending.set(&item.ticket, PendingState::Refused(why.to_string()));
            desk.acts.bulk.answered(&item.ticket);
            continue;
        }
        let (pressed, turn) = (at - desk.link.ahead, desk.clock.now - desk.link.ahead);
        effects.push(Effect::Send(Box::new(ActToSend { ticket: item.ticket, action: item.action, pressed, turn })));
    }
    effects
}

/// Stops what was not sent yet, and marks those again; false when nothing waits.
pub(in crate::desk) fn stop_bulk(desk: &mut Desk) -> bool {
    let Some(batch) = desk.acts.bulk.rows.back_mut().filter(|it| it.waiting() > 0) else { return false };
    let mut kept = Vec::new();
    for member in batch.members.iter_mut().filter(|it| it.state == SendState::Queued) {
        member.state = SendState::Stopped;
        kept.push(member.item.target.clone());
    }
    let (title, stopped) = (batch.title(), kept.len());
    let sent = batch.members.len() - stopped;
    mark_again(desk, kept);
    desk.warn(format!("{title}: stopped; {sent} were sent, {stopped} were not and are marked again"));
    true
}

/// Shows the rows of an act on many people, or hides them.
pub(in crate::desk) fn toggle_bulk_rows(desk: &mut Desk, serial: u64) {
    if let Some(batch) = desk.acts.bulk.rows.iter_mut().find(|it| it.serial == serial) {
        batch.open = !batch.open;
    }
}

/// Lets go of an act on many people that has come to its end.
fn unfollow_bulk(desk: &mut Desk) {
    let batch = desk.acts.bulk.followed.and_then(|it| desk.bulk_act(it));
    let goes_on = |it: &BulkAct| it.members.iter().any(|it| desk.bulk_outcome(it).goes_on(desk.clock.now));
    if !batch.is_some_and(goes_on) {
        desk.acts.bulk.followed = None;
    }
}

/// Lets go of an act of ours that has come to its end.
pub(in crate::desk) fn unfollow(desk: &mut Desk) {
    let open =
        |standing| matches!(standing, OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted);
    let goes_on = match desk.followed_operation() {
        Some(operation) => open(operation.standing(desk.clock.now)),
        None => desk.followed_pending().is_some(),
    };
    if !goes_on {
        desk.acts.followed_ticket = None;
    }
    unfollow_bulk(desk);
}

/// Labels the slips by the names that hold now.
pub(in crate::desk) fn label_slips(desk: &mut Desk) {
    let labels: Vec<String> = desk.acts.pending.acts.iter().map(|it| desk.label(&it.target())).collect();
    for (slip, label) in desk.acts.pending.acts.iter_mut().zip(labels) {
        slip.label = label;
    }
}

/// Does what a key decided about the open confirm.
pub(in crate::desk) fn decide(desk: &mut Desk, confirm: Confirm, decision: ConfirmDecision) -> Vec<Effect> {
    match decision {
        ConfirmDecision::Open => {}
        ConfirmDecision::No => desk.say(format!("{}: not sent", confirm.bound.act)),
        ConfirmDecision::Yes => {
            if let Some(many) = confirm.many {
                begin_bulk(desk, confirm.bound.act, many);
                return Vec::new();
            }
            let weighed = match confirm.forced.as_slice() {
                [] => may(desk, confirm.bound.act, &confirm.bound.target),
                _ => may_forced(desk, confirm.bound.act, &confirm.bound.target),
            };
            if let Err(reason) = weighed {
                refuse(desk, confirm.bound.act, &confirm.bound.target, &reason);
                return Vec::new();
            }
            return vec![send(desk, confirm)];
        }
    }
    Vec::new()
}

/// Takes what came back of an act.
pub(in crate::desk) fn answered(desk: &mut Desk, ticket: &Ticket, answer: &GateAnswer) {
    let of_many = desk.acts.bulk.answered(ticket);
    let Some(state) = state_of(answer) else {
        return desk.acts.pending.set(ticket, PendingState::Accepted);
    };
    let act = desk.acts.pending.act(ticket).map(|it| it.to_string()).unwrap_or_default();
    // Of many, the line that counts them tells.
    if let PendingState::Refused(reason) | PendingState::Unknown(reason) = &state
        && !of_many
    {
        desk.warn(format!("{act}: {reason}"));
    }
    desk.acts.pending.set(ticket, state);
}

fn send(desk: &mut Desk, confirm: Confirm) -> Effect {
    let label = desk.label(&confirm.bound.target);
    desk.acts.pending.sent(&confirm.bound.ticket, desk.clock.now, confirm.bound.act, (&confirm.bound.target, label));
    unmark(desk, &confirm.bound.target);
    desk.message = None;
    desk.acts.followed_ticket = Some(confirm.bound.ticket.clone());
    // By our own clock: the shell measures with it how long ago that was.
    let pressed = desk.clock.now - desk.link.ahead;
    let (ticket, action) = (confirm.bound.ticket, confirm.bound.action);
    Effect::Send(Box::new(ActToSend { ticket, action, pressed, turn: pressed }))
}

/// What an answer makes of a slip; `None` for success.
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

/// A refusal as a sentence; of one that came too late after its key press, the gate's own words say all.
fn refusal(status: u16, body: &str) -> String {
    let expired = GraphError::read(body).filter(|it| &*it.code == "actExpired");
    expired.map_or_else(|| sentence(status, body), |it| it.message.to_string())
}

/// An error answer as a sentence; untrusted text.
pub(in crate::desk) fn sentence(status: u16, body: &str) -> String {
    GraphError::read(body).unwrap_or_default().sentence(status)
}

/// Lets a `y` count that came fast and was followed by nothing as fast.
pub(in crate::desk) fn confirm_early_yes(desk: &mut Desk) -> Vec<Effect> {
    let Modal::Confirm(confirm) = &desk.modal else { return Vec::new() };
    if confirm.early.is_none_or(|at| desk.clock.wall.since(at) <= BURST) {
        return Vec::new();
    }
    let Modal::Confirm(confirm) = std::mem::take(&mut desk.modal) else { return Vec::new() };
    decide(desk, *confirm, ConfirmDecision::Yes)
}
