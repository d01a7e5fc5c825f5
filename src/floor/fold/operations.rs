//! Applies the steps of operations: asked, sent, answered, proved. Only evidence from the call proves an operation
//! (graph-contract.md, "Operations and their proof").

use super::super::act::Act;
use super::super::call::{FloorCall, Hold, HoldSource};
use super::super::entry::{Answered, Asked, Outcome};
use super::super::operation::{EarlyNotice, Operation, OperationNumber, OperationOutcome, Proof, ProofSource};
use super::super::start_time::StartTime;
use super::super::ticket::Ticket;
use super::super::{Floor, Uncertainty};
use super::stamp::FactStamp;
use crate::floor::event_log::LoggedEventKind;
use crate::graph::{
    self, CallId, CommsOperation, CommsOperationStatus, GraphError, MediaDirection, OperationId, OperationKind, Route,
};

impl Floor {
    pub(super) fn asked(&mut self, stamp: FactStamp, asked: &Asked) {
        if self.tickets.contains_key(&asked.ticket) {
            return;
        }
        self.ensure_call(stamp, &asked.call);
        let Some(call) = self.calls.get(&asked.call) else { return };
        let person = asked.participant.as_ref().or(call.my_participant.as_ref()).and_then(|it| call.people.get(it));
        let target = match (&asked.participant, asked.act) {
            (Some(id), _) => person.map_or_else(|| id.to_string(), |it| it.name.to_string()),
            (None, Act::HangUp) => call.title(),
            (None, _) => "the application".to_owned(),
        };
        let (was_already_so, provable) = match asked.act {
            Act::Mute | Act::MuteSelf => {
                let muted = person.is_some_and(|it| it.muted);
                (muted, !muted || person.is_some_and(|it| it.server_muted == Some(false)))
            }
            Act::UnmuteSelf => person.map_or((false, true), |it| (!it.muted, it.muted)),
            Act::Hold | Act::Release | Act::Remove | Act::HangUp => (false, true),
        };
        self.last_operation.0 += 1;
        let number = self.last_operation;
        let operation = Operation {
            number,
            ticket: asked.ticket.clone(),
            by: asked.by.clone(),
            act: asked.act,
            call: asked.call.clone(),
            participant: asked.participant.clone(),
            target: target.into(),
            request: asked.request.clone(),
            pressed: stamp.at - asked.pressed_ago,
            asked: (stamp.at, stamp.cursor),
            sent: None,
            tries: 0,
            answered: None,
            status: None,
            operation_id: None,
            proof: None,
            failure: None,
            target_gone: None,
            was_already_so,
            provable,
            outcome: OperationOutcome::Pending,
            expired: false,
            deadline: stamp.at + asked.act.budget(),
        };
        self.tickets.insert(asked.ticket.clone(), number);
        self.open_operations.entry(asked.call.clone()).or_default().insert(number);
        self.operations.insert(operation);
        self.changed.add(&asked.call);
        self.log_operation(stamp, number);
    }

    /// Returns an operation to change it, and notes that its call has changed.
    pub(super) fn operation_mut(&mut self, number: OperationNumber) -> Option<&mut Operation> {
        let operation = self.operations.get_mut(number)?;
        self.changed.add(&operation.call);
        Some(operation)
    }

    pub(super) fn attempt_started(&mut self, stamp: FactStamp, ticket: &Ticket, attempt: u8) {
        let number = self.tickets.get(ticket).copied();
        if let Some(operation) = number.and_then(|it| self.operation_mut(it)) {
            operation.sent.get_or_insert(stamp.at);
            operation.tries = operation.tries.max(attempt);
        }
    }

    pub(super) fn answered(&mut self, stamp: FactStamp, answered: &Answered) {
        let Some(number) = self.tickets.get(&answered.ticket).copied() else { return };
        let Some(operation) = self.operation_mut(number) else { return };
        if operation.answered.is_some() {
            return;
        }
        operation.answered = Some(stamp.at);
        // A notification with our ticket may settle it before the answer arrives.
        let is_settled = !matches!(operation.outcome, OperationOutcome::Pending | OperationOutcome::Unknown(_));
        match &answered.outcome {
            Outcome::Replied { status, location, body } => {
                operation.status = Some(*status);
                let body = body.as_ref().map(|it| it.get());
                if (200..300).contains(status) {
                    let answer = body.and_then(|it| graph::decode_partly(it).ok());
                    let (answer, _): (CommsOperation, _) = answer.unwrap_or_default();
                    let id = answer.id.clone().or_else(|| location.as_deref().and_then(operation_id_in));
                    self.operations.set_id(number, id);
                    self.accepted(stamp, number, &answer);
                } else if !is_settled {
                    self.declined(stamp, number, *status, body);
                }
            }
            Outcome::Refused { reason, expired } => {
                operation.expired = *expired;
                self.settle(stamp, number, OperationOutcome::Refused(reason.clone()));
            }
            Outcome::Lost { sent: false, error } => {
                self.settle(stamp, number, OperationOutcome::Refused(format!("nothing was sent: {error}").into()));
            }
            Outcome::Lost { sent: true, error } if !is_settled => self.settle_as_unknown(stamp, number, error),
            Outcome::Lost { .. } => {}
        }
    }

    /// Accepts an operation after a 2xx. Proofs and failures that arrived earlier take effect now.
    fn accepted(&mut self, stamp: FactStamp, number: OperationNumber, answer: &CommsOperation) {
        let early = self.take_early_notice(number);
        let Some(operation) = self.operation_mut(number) else { return };
        operation.outcome = OperationOutcome::Accepted;
        // Only a hold or a release can be proved by Graph's own operation.
        let is_proved_by_graph = matches!(operation.act, Act::Hold | Act::Release);
        if answer.status == Some(CommsOperationStatus::Failed) {
            operation.failure = Some(failure_text(answer));
        } else if is_proved_by_graph
            && answer.status == Some(CommsOperationStatus::Completed)
            && operation.proof.is_none()
        {
            operation.proof = Some(Proof { at: stamp.at, evidence: ProofSource::Answer, cursor: stamp.cursor });
        }
        if let Some(early) = early {
            match early.failure {
                Some(why) => operation.failure = Some(why),
                None if is_proved_by_graph => {
                    operation.proof = Some(Proof { at: early.at, evidence: ProofSource::Notice, cursor: early.cursor });
                }
                None => {}
            }
        }
        let (failure, is_proved) = (operation.failure.clone(), operation.proof.is_some());
        let is_target_gone = operation.target_gone.is_some();
        match failure {
            Some(why) => self.settle(stamp, number, OperationOutcome::Failed(why)),
            None if is_proved => self.settle(stamp, number, OperationOutcome::Confirmed),
            None if is_target_gone => self.settle(stamp, number, OperationOutcome::Left),
            None => self.log_operation(stamp, number),
        }
    }

    fn declined(&mut self, stamp: FactStamp, number: OperationNumber, status: u16, body: Option<&str>) {
        let error = body.and_then(GraphError::read).unwrap_or_default();
        let is_target_gone =
            self.operations.get(number).is_some_and(|it| it.target_gone.is_some() || it.act == Act::Remove);
        let hang_up = self.operation_mut(number).filter(|it| it.act == Act::HangUp && status == 404);
        if let Some(operation) = hang_up {
            // Graph does not know the call, so a hang-up is accepted, and proved when a read gets a 404 too.
            operation.outcome = OperationOutcome::Accepted;
            self.log_operation(stamp, number);
        } else if status == 404 && is_target_gone {
            self.settle(stamp, number, OperationOutcome::Left);
        } else {
            self.settle(stamp, number, OperationOutcome::Refused(error.sentence(status).into()));
        }
        if status == 404 {
            let call = self.operations.get(number).map(|it| it.call.clone());
            if let Some(call) = call.filter(|it| self.calls.get(it).is_some_and(FloorCall::is_live)) {
                self.change_call(stamp, &call, |it| it.doubt = Some(Uncertainty::Gap));
            }
        }
    }

    /// Settles the unanswered operations after a restart of the relay. Only the call can still prove them.
    pub(super) fn settle_pending_as_unknown(&mut self, stamp: FactStamp) {
        let open: Vec<OperationNumber> = self.open_operations.values().flatten().copied().collect();
        for number in open {
            let is_pending = |it: &Operation| it.outcome == OperationOutcome::Pending;
            if self.operations.get(number).is_some_and(is_pending) {
                self.settle_as_unknown(stamp, number, "the relay was restarted before it had recorded an answer");
            }
        }
    }

    /// Settles an operation that was sent but not answered. It may have taken effect, and only the call can prove it.
    fn settle_as_unknown(&mut self, stamp: FactStamp, number: OperationNumber, error: &str) {
        let Some(operation) = self.operation_mut(number) else { return };
        operation.outcome = OperationOutcome::Unknown(error.into());
        let (act, call, proved) = (operation.act, operation.call.clone(), operation.proof.is_some());
        let failure = operation.failure.clone();
        let participant = operation.participant.clone();
        if let Some(why) = failure {
            return self.settle(stamp, number, OperationOutcome::Failed(why));
        }
        if proved {
            return self.settle(stamp, number, OperationOutcome::Confirmed);
        }
        self.change_call(stamp, &call, |call| {
            call.doubt = Some(Uncertainty::Gap).filter(|_| call.is_live());
            if let Some(person) = participant.and_then(|it| call.people.get_mut(&it)).filter(|_| act == Act::Hold) {
                person.hold.get_or_insert_with(|| {
                    Box::new(Hold { source: HoldSource::Unknown, since: StartTime::by(stamp.at) })
                });
            }
        });
        self.log_operation(stamp, number);
    }

    /// Applies an operation's notification, or a read of it. The operation is found by Graph's id, or else by the ticket.
    pub(super) fn operation_notice(
        &mut self,
        stamp: FactStamp,
        (call, id): (&CallId, Option<OperationId>),
        reported: &CommsOperation,
        evidence: ProofSource,
    ) {
        let is_failed = reported.status == Some(CommsOperationStatus::Failed);
        if !is_failed && reported.status != Some(CommsOperationStatus::Completed) {
            return;
        }
        let ticket = reported.client_context.as_ref().map(|it| Ticket(it.clone()));
        let by_id = id.as_ref().and_then(|id| {
            let open = self.open_operations.get(call)?.iter();
            open.copied()
                .find(|number| self.operations.get(*number).is_some_and(|it| it.operation_id.as_ref() == Some(id)))
        });
        let is_for_this = |number: &OperationNumber| {
            let kind = |it: &Operation| it.act.action(it.call.clone(), it.participant.clone())?.operation();
            let same_kind = |it: &Operation| reported.kind.is_none() || kind(it) == reported.kind;
            self.operations.get(*number).is_some_and(|it| it.call == *call && same_kind(it))
        };
        let by_ticket = || self.tickets.get(ticket.as_ref()?).copied().filter(is_for_this);
        // Graph may repeat notifications of operations that have ended.
        let ended = || self.operations.by_id(call, id.as_ref()?);
        let Some(number) = by_id.or_else(by_ticket).or_else(ended) else {
            self.foreign_notice(stamp, (call, id), reported);
            return;
        };
        let Some(operation) = self.operation_mut(number) else { return };
        if is_failed {
            operation.failure = Some(failure_text(reported));
            if matches!(operation.outcome, OperationOutcome::Accepted | OperationOutcome::Unknown(_)) {
                self.settle(stamp, number, OperationOutcome::Failed(failure_text(reported)));
            }
        } else if matches!(operation.act, Act::Hold | Act::Release) {
            self.add_proof(stamp, number, evidence);
        }
    }

    /// Keeps the notification of an unknown operation, because the answer that identifies it may arrive later.
    fn foreign_notice(
        &mut self,
        stamp: FactStamp,
        (call, id): (&CallId, Option<OperationId>),
        reported: &CommsOperation,
    ) {
        let is_failed = reported.status == Some(CommsOperationStatus::Failed);
        if let Some(id) = id {
            let failure = is_failed.then(|| failure_text(reported));
            let is_repeat = self.early.iter().any(|it| it.id == id && it.failure == failure);
            if is_repeat {
                return;
            }
            self.early.push(EarlyNotice { id, at: stamp.at, cursor: stamp.cursor, failure });
        }
        let is_start = reported.kind == Some(OperationKind::StartHoldMusic);
        let is_hold = is_start || reported.kind == Some(OperationKind::StopHoldMusic);
        let may_be_ours =
            reported.client_context.is_none() && self.open_operations.get(call).is_some_and(|it| !it.is_empty());
        if is_hold && !is_failed && !may_be_ours {
            self.change_call(stamp, call, |it| it.foreign_hold = is_start.then_some(stamp.at));
            self.log_event(stamp, Some((call, None)), LoggedEventKind::ForeignHold { start: is_start });
        }
    }

    fn take_early_notice(&mut self, number: OperationNumber) -> Option<EarlyNotice> {
        let operation = self.operations.get(number)?;
        let (id, asked) = (operation.operation_id.clone()?, operation.asked.1);
        let notice = self.early.iter().find(|it| it.id == id && it.cursor > asked)?.clone();
        self.early.retain(|it| *it != notice);
        Some(notice)
    }

    /// Settles an operation for good, and applies it to the person.
    pub(super) fn settle(&mut self, stamp: FactStamp, number: OperationNumber, outcome: OperationOutcome) {
        let Some(operation) = self.operation_mut(number) else { return };
        operation.outcome = outcome;
        let confirmed = operation.outcome == OperationOutcome::Confirmed;
        if confirmed {
            operation.was_already_so = false;
        }
        let operation = operation.clone();
        if let Some(open) = self.open_operations.get_mut(&operation.call) {
            open.remove(&number);
        }
        if confirmed {
            // A final answer is not a proof from the call, so its latency is not a proof latency.
            let is_from_call = operation.proof.as_ref().is_some_and(|it| it.evidence != ProofSource::Answer);
            if let Some(latency) = operation.proof_latency().filter(|_| is_from_call) {
                self.latencies.push(latency);
                self.hour.add_proof(latency);
            }
        }
        if self.calls.contains(&operation.call) {
            self.change_call(stamp, &operation.call.clone(), |call| apply_to_person(call, &operation, confirmed));
        }
        self.log_operation(stamp, number);
    }

    /// Returns the open operations of a call.
    pub(super) fn open_operations_of(&self, call: &CallId) -> Vec<OperationNumber> {
        self.open_operations.get(call).map(|it| it.iter().copied().collect()).unwrap_or_default()
    }

    /// Adds the call of an operation, if the call is new.
    fn ensure_call(&mut self, stamp: FactStamp, call: &CallId) {
        if !self.calls.contains(call) {
            self.touch_call(stamp, call);
        }
    }

    fn log_operation(&mut self, stamp: FactStamp, number: OperationNumber) {
        let Some(operation) = self.operations.get(number) else { return };
        let word = match &operation.outcome {
            OperationOutcome::Pending => LoggedEventKind::ASKED,
            OperationOutcome::Accepted if operation.was_already_so => "accepted, was already so",
            OperationOutcome::Accepted => LoggedEventKind::ACCEPTED,
            OperationOutcome::Confirmed => LoggedEventKind::CONFIRMED,
            OperationOutcome::Failed(_) => "FAILED",
            OperationOutcome::Refused(_) if operation.expired => "EXPIRED",
            OperationOutcome::Refused(_) => "REFUSED",
            OperationOutcome::Left => "LEFT",
            OperationOutcome::Unknown(_) => "OUTCOME UNKNOWN",
        };
        let what = LoggedEventKind::Operation {
            number,
            by: operation.by.clone(),
            act: operation.act,
            word: word.into(),
            why: operation.reason().unwrap_or_default().into(),
        };
        let (call, participant) = (operation.call.clone(), operation.participant.clone());
        self.log_event(stamp, Some((&call, participant.as_ref())), what);
    }
}

/// Applies a settled operation to its person: the mute or the hold.
fn apply_to_person(call: &mut FloorCall, operation: &Operation, confirmed: bool) {
    let target = operation.participant.as_ref().or(call.my_participant.as_ref()).cloned();
    let Some(person) = target.and_then(|it| call.people.get_mut(&it)) else { return };
    let at = operation.proof.as_ref().map_or(operation.pressed, |it| it.at);
    let is_hold_unknown = person.hold.as_ref().is_some_and(|it| it.source == HoldSource::Unknown);
    match operation.act {
        // A person who unmuted before the answer arrived is no longer muted by us.
        Act::Mute | Act::MuteSelf if confirmed && person.muted => person.muted_by = Some(operation.number),
        Act::Hold if confirmed => {
            let source = HoldSource::Ours { operation: operation.number, by: operation.by.clone() };
            person.hold = Some(Box::new(Hold { source, since: StartTime::exactly(at) }));
        }
        Act::Hold if is_hold_unknown => person.hold = None,
        // An inferred hold stays if the main audio is still inactive.
        Act::Release if confirmed => {
            let is_inactive = person.audio == Some(MediaDirection::Inactive);
            let since = StartTime::by(at);
            person.hold = is_inactive.then(|| Box::new(Hold { source: HoldSource::Inferred, since }));
        }
        Act::Mute | Act::MuteSelf | Act::UnmuteSelf | Act::Hold | Act::Release | Act::Remove | Act::HangUp => {}
    }
}

fn failure_text(reported: &CommsOperation) -> Box<str> {
    reported.result_info.as_ref().map_or_else(|| "Graph's operation failed".to_owned(), ToString::to_string).into()
}

fn operation_id_in(location: &str) -> Option<OperationId> {
    let route = Route::parse(location)?;
    if let Route::Operation(_, id) = route { Some(id) } else { None }
}
