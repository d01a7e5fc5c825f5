//! What the actions of the calls API do: mute, hold, release, remove, hang up (graph-contract.md, "Operations as Graph
//! reports them" and "Mute and hold").

use serde_json::Value;

use crate::graph::{CallId, CallState, ClientContext, CommsOperationStatus, OperationKind, ParticipantId, Route};
use crate::sim::scenario::{PersonAction, ReactionTrigger};
use crate::sim::settings::{HoldAnswer, Permit, SecondHold};
use crate::time::{Millis, Timestamp};

use super::answer::{Refusal, WorldAnswer};
use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::calls::call::{CallOperation, LiveCall, Presence, result};
use crate::sim::world::notify::notifications::entity;

impl World {
    /// Mutes a participant on the server: done at once, told to everyone a little later.
    pub(in crate::sim::world) fn mute(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let live = self.inside(call, who)?;
        let mut least = Millis(0);
        if let Some(member) = live.member(who) {
            member.server_muted = true;
            let leaves =
                member.reactions.iter().filter(|it| it.on == ReactionTrigger::Muted && it.does == PersonAction::Leave);
            least = leaves.map(|it| Millis(it.after.0 + 50)).max().unwrap_or_default();
        }
        self.react(now, call, who, ReactionTrigger::Muted);
        let told = self.soon(120, 600).max(least);
        self.plan(now + told, ScheduledEvent::Show(call.clone()));
        self.done(call, OperationKind::MuteParticipant, who, context)
    }

    /// Mutes or unmutes the application itself.
    pub(in crate::sim::world) fn mute_self(
        &mut self,
        now: Timestamp,
        call: &CallId,
        muted: bool,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let live = established(self.group(call)?)?;
        let me = live.me.clone();
        if let Some(member) = live.member(&me) {
            member.server_muted = muted;
        }
        let told = self.soon(120, 600);
        self.plan(now + told, ScheduledEvent::Show(call.clone()));
        let kind = if muted { OperationKind::MuteParticipant } else { OperationKind::UnmuteParticipant };
        self.done(call, kind, &me, context)
    }

    /// Puts somebody on hold, or brings them back.
    pub(in crate::sim::world) fn hold(
        &mut self,
        now: Timestamp,
        (call, who): (&CallId, &ParticipantId),
        kind: OperationKind,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        custom_prompt(body)?;
        let (form, second) = (self.faults.hold_answer, self.faults.second_hold);
        let live = self.inside(call, who)?;
        if live.me == *who {
            return Err(Refusal::invalid("The application cannot be put on hold."));
        }
        let start = kind == OperationKind::StartHoldMusic;
        let busy = live.holds_other_than(who);
        if start && busy && second == SecondHold::Conflict {
            return Err(Refusal::new(409, "conflict", "Only one participant can be on hold at a time."));
        }
        let mut operation = self.operation(kind, who, context);
        if form == HoldAnswer::Running {
            // In the order of the asking: an answer that came first is never overtaken by a later one.
            let settled = now + self.soon(400, 1_100);
            let live = self.find(call)?;
            live.holds_settle = settled.max(live.holds_settle + Millis(1));
            let settled = live.holds_settle;
            self.plan(settled, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
            return self.answered(call, 202, operation);
        }
        let live = self.find(call)?;
        let works = if start { !busy } else { live.held.as_ref() == Some(who) };
        if works {
            live.held = start.then(|| who.clone());
            operation.status = CommsOperationStatus::Completed;
            self.react(now, call, who, if start { ReactionTrigger::Held } else { ReactionTrigger::Released });
        } else {
            operation.status = CommsOperationStatus::Failed;
            operation.result = Some(result(400, 8508, "The operation was cancelled."));
        }
        Ok(self.answered(call, 202, operation)?.with_nulls(&["resultInfo"]))
    }

    /// Somebody who can be acted on: in the call, and in its lobby where that is allowed.
    fn inside(&mut self, call: &CallId, who: &ParticipantId) -> Result<&mut LiveCall, Refusal> {
        let lobby = self.faults.acts_in_lobby;
        let live = established(self.someone(call, who)?)?;
        let waits = live.present(who).is_some_and(|it| it.presence == Presence::Lobby);
        if waits && lobby == Permit::Refused {
            return Err(Refusal::new(409, "conflict", "The participant waits in the lobby."));
        }
        Ok(live)
    }

    /// Removes somebody, who is not told, or takes an invitation back that runs.
    pub(in crate::sim::world) fn remove(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
    ) -> Result<WorldAnswer, Refusal> {
        if self.group(call)?.me == *who {
            return Err(Refusal::invalid("The application cannot remove itself; delete the call."));
        }
        if self.faults.remove_participants == Permit::Refused {
            return Err(Refusal::new(
                403,
                "7504",
                "The tenant does not allow this application to remove participants.",
            ));
        }
        if self.uninvite(now, call, who) {
            return Ok(WorldAnswer::empty(204));
        }
        self.someone(call, who)?;
        let gone = self.soon(100, 400);
        self.plan(now + gone, ScheduledEvent::Person(call.clone(), who.clone(), PersonAction::Leave));
        Ok(WorldAnswer::empty(204))
    }

    /// Ends the application's own leg.
    pub(in crate::sim::world) fn hang_up(&mut self, now: Timestamp, call: &CallId) -> Result<WorldAnswer, Refusal> {
        self.find(call)?;
        self.end(now, call, result(200, 7000, "The call was ended by the bot."));
        Ok(WorldAnswer::empty(204))
    }

    /// The `clientContext` of a body that must be a JSON object.
    pub(in crate::sim::world) fn context(&self, body: &[u8]) -> Result<Option<Box<str>>, Refusal> {
        if body.is_empty() && self.faults.empty_body == Permit::Allowed {
            return Ok(None);
        }
        let asked = json_object(body)?;
        match asked.get("clientContext") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => {
                ClientContext::new(text).map_err(|error| Refusal::invalid(format!("{error}.")))?;
                Ok(Some(text.as_str().into()))
            }
            Some(_) => Err(Refusal::invalid("clientContext is not a string.")),
        }
    }

    pub(in crate::sim::world) fn operation(
        &mut self,
        kind: OperationKind,
        whom: &ParticipantId,
        context: Option<Box<str>>,
    ) -> CallOperation {
        let (id, whom) = (self.casting.id(), Some(whom.clone()));
        let status = CommsOperationStatus::Running;
        let media = crate::sim::world::media::MediaTrace::default();
        CallOperation { id, kind, context, whom, status, result: None, invited: Vec::new(), media }
    }

    /// A mute or an unmute: finished when answered, and no notification of its own follows.
    fn done(
        &mut self,
        call: &CallId,
        kind: OperationKind,
        whom: &ParticipantId,
        context: Option<Box<str>>,
    ) -> Result<WorldAnswer, Refusal> {
        let tail = kind.as_str().rsplit('.').next().map(str::to_owned);
        let operation =
            CallOperation { status: CommsOperationStatus::Completed, ..self.operation(kind, whom, context) };
        let mut answer = self.answered(call, 200, operation)?;
        if let crate::sim::world::AnswerContent::Entity { context, .. } = &mut answer.content {
            *context = tail;
        }
        Ok(answer)
    }

    pub(in crate::sim::world) fn answered(
        &mut self,
        call: &CallId,
        status: u16,
        operation: CallOperation,
    ) -> Result<WorldAnswer, Refusal> {
        let body = Value::Object(entity(&operation.whole()));
        let location = Some(Route::Operation(call.clone(), operation.id.clone()));
        self.find(call)?.remember(operation);
        Ok(WorldAnswer { location, ..WorldAnswer::entity(status, None, body) })
    }
}

/// \[unverified\]: what an action on a call that is still being set up gets is not documented.
pub(in crate::sim::world) fn established(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
    let me = live.members.first().is_none_or(|it| it.presence == Presence::Here);
    if live.state == CallState::Established && me { Ok(live) } else { Err(not_established(&live.state)) }
}

pub(in crate::sim::world) fn not_established(state: &CallState) -> Refusal {
    Refusal::new(409, "conflict", format!("The call is {state}, not established."))
}

/// Requires that the music of a hold, where it is chosen, is a prompt that can be read.
fn custom_prompt(body: &[u8]) -> Result<(), Refusal> {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    match asked.get("customPrompt").filter(|it| !it.is_null()) {
        Some(prompt) => crate::sim::world::media::prompt(prompt, "customPrompt"),
        None => Ok(()),
    }
}

/// A member that a body must have.
pub(in crate::sim::world) fn required<'a>(asked: &'a Value, member: &str) -> Result<&'a Value, Refusal> {
    asked.get(member).filter(|it| !it.is_null()).ok_or_else(|| Refusal::missing(member))
}

/// A body that must be a JSON object.
pub(in crate::sim::world) fn json_object(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Err(Refusal::invalid("The request has no body; a JSON object is expected."));
    }
    let read: Value =
        serde_json::from_slice(body).map_err(|error| Refusal::invalid(format!("The body is not JSON: {error}.")))?;
    if read.is_object() { Ok(read) } else { Err(Refusal::invalid("The body is not a JSON object.")) }
}
