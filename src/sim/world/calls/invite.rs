//! Inviting people (graph-contract.md, "Endpoints", row 14): who may be, who then comes, and what an invitation that
//! is taken back leaves.

use serde_json::{Value, json};

use crate::graph::{
    CallId, CommsOperationStatus, IdentityKind, IdentitySet, InvitationParticipantInfo, OperationKind, ParticipantId,
};
use crate::sim::scenario::{PersonAction, PlannedCallKind};
use crate::sim::settings::Permit;
use crate::time::{Millis, Timestamp};

use super::call::{CallOperation, LiveCall, Presence, result};
use super::ring::identity_of;
use super::spawn::member_for;
use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::operate::{established, json_object, required};

/// The most people that one invitation names.
const MOST_INVITED: usize = 5;

/// Somebody whom an invitation names.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct InvitedGuest {
    /// Their seat: the `participantId` that the client gave, or a new one.
    id: ParticipantId,
    identity: IdentitySet,
    /// Whether the client gave the id, which is then told again.
    named: bool,
    /// The call that they leave for this one. Only the first guest's is read.
    replaces: Option<Box<str>>,
}

impl World {
    /// Invites people; they come within seconds. One person may be invited into a 1:1 call.
    /// \[unverified\]: it is a group call from then on, with a roster.
    pub(in crate::sim::world) fn invite(
        &mut self,
        now: Timestamp,
        call: &CallId,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let guests = self.guests(&json_object(body)?)?;
        let chatless = self.faults.invite_without_chat;
        let live = established(self.find(call)?)?;
        room_for(live, &guests)?;
        if !live.is_group() && guests.len() > 1 {
            return Err(Refusal::invalid("Several people at once are invited into group calls only."));
        }
        if live.is_group() && live.facts.chat_info.is_none() && chatless == Permit::Refused {
            return Err(Refusal::invalid("People are invited into group calls with chatInfo only."));
        }
        live.kind = if live.is_group() { live.kind } else { PlannedCallKind::Group };
        let me = live.me.clone();
        let lost = guests.first().is_some_and(|it| self.is_lost(call, it));
        let latest = if lost { now + self.soon(200, 600) } else { self.seat_guests(now, call, &guests) };
        let whole = answered(&guests);
        let operation = CallOperation {
            invited: guests,
            // How an invitation ends whose `replacesCallId` names no call of that person is not documented.
            result: lost.then(|| result(404, 8_522, "Call not found.")),
            ..self.operation(OperationKind::InviteParticipants, &me, context)
        };
        self.plan(latest + Millis(150), ScheduledEvent::Settle(call.clone(), operation.id.clone()));
        let mut answer = self.answered(call, 200, operation)?;
        if let crate::sim::world::AnswerContent::Entity { body: Value::Object(members), .. } = &mut answer.content {
            members.insert("status".into(), json!("Running"));
            members.insert("resultInfo".into(), Value::Null);
            members.insert("participants".into(), whole);
        }
        Ok(answer)
    }

    fn guests(&mut self, asked: &Value) -> Result<Vec<InvitedGuest>, Refusal> {
        let list = required(asked, "participants")?.as_array().map(Vec::as_slice).unwrap_or_default();
        if list.is_empty() || list.len() > MOST_INVITED {
            return Err(Refusal::invalid(format!("participants names between 1 and {MOST_INVITED} people.")));
        }
        let mut guests = Vec::new();
        for one in list {
            let identity = identity_of(one, "participants")?;
            let read: InvitationParticipantInfo = serde_json::from_value(one.clone())
                .map_err(|error| Refusal::invalid(format!("participants does not read: {error}.")))?;
            let named = read.participant_id.is_some();
            let id = read.participant_id.unwrap_or_else(|| self.casting.id());
            let replaces = read.replaces_call_id.filter(|_| guests.is_empty());
            guests.push(InvitedGuest { id, identity, named, replaces });
        }
        Ok(guests)
    }

    /// Whether a guest is to leave a call where they are not.
    fn is_lost(&mut self, call: &CallId, guest: &InvitedGuest) -> bool {
        let Some(replaced) = &guest.replaces else { return false };
        let Some(other) = CallId::new(replaced).filter(|it| it != call) else { return true };
        let there = |live: &mut LiveCall| {
            live.members.iter().any(|it| it.is_present() && who(&it.identity) == who(&guest.identity))
        };
        !self.live(&other).is_some_and(there)
    }

    /// Lets everyone come within seconds; when the last one does.
    fn seat_guests(&mut self, now: Timestamp, call: &CallId, guests: &[InvitedGuest]) -> Timestamp {
        let mut latest = now;
        for guest in guests {
            let comes = now + self.soon(900, 4_000);
            latest = latest.max(comes);
            if let Some(live) = self.live(call) {
                live.seat(member_for(guest.id.clone(), guest.identity.clone()));
            }
            self.plan(comes, ScheduledEvent::Person(call.clone(), guest.id.clone(), PersonAction::Join));
        }
        latest
    }

    /// Takes the invitation of somebody back who has not come yet; whether there was one. When nobody else is
    /// invited with it, its operation ends as cancelled.
    pub(in crate::sim::world) fn uninvite(&mut self, now: Timestamp, call: &CallId, guest: &ParticipantId) -> bool {
        let Some(live) = self.live(call) else { return false };
        let expected = |it: &super::call::CallMember| it.id == *guest && it.presence == Presence::Expected;
        let Some(seat) = live.members.iter().position(expected) else { return false };
        let runs = |it: &&mut CallOperation| {
            it.status == CommsOperationStatus::Running && it.invited.iter().any(|it| it.id == *guest)
        };
        let Some(asked) = live.operations.iter_mut().find(runs) else { return false };
        let alone = asked.invited.len() == 1;
        if alone {
            asked.result = Some(result(400, 8_508, "The operation was cancelled."));
        } else {
            asked.invited.retain(|it| it.id != *guest);
        }
        let operation = asked.id.clone();
        live.members.remove(seat);
        if alone {
            let told = now + self.soon(50, 200);
            self.plan(told, ScheduledEvent::Settle(call.clone(), operation));
        }
        true
    }

    /// Ends the 1:1 call that somebody has left for this one. \[unverified\]: with which result.
    pub(in crate::sim::world) fn drop_replaced(&mut self, at: Timestamp, asked: &CallOperation) {
        let Some(guest) = asked.invited.first().filter(|_| asked.result.is_none()) else { return };
        let Some(other) = guest.replaces.as_deref().and_then(CallId::new) else { return };
        let Some(live) = self.live(&other) else { return };
        if !live.is_group() {
            self.end(at, &other, result(200, 5_001, "The call has ended."));
            return;
        }
        let there = live.members.iter().find(|it| it.is_present() && who(&it.identity) == who(&guest.identity));
        if let Some(seat) = there.map(|it| it.id.clone()) {
            self.person(at, &other, &seat, PersonAction::Leave);
        }
    }
}

/// Invited people, as the notification of their operation lists them.
pub(in crate::sim::world) fn told(guests: &[InvitedGuest]) -> Value {
    guests
        .iter()
        .map(|it| json!({ "@odata.type": "#microsoft.graph.invitationParticipantInfo", "identity": it.identity }))
        .collect()
}

/// Invited people, as answers list them: with the ids that the client gave, and the call that is replaced.
pub(in crate::sim::world) fn answered(guests: &[InvitedGuest]) -> Value {
    let listed = guests.iter().map(|it| {
        let mut whole = json!({
            "@odata.type": "#microsoft.graph.invitationParticipantInfo",
            "endpointType": null,
            "replacesCallId": it.replaces,
            "identity": it.identity,
        });
        if let Value::Object(members) = &mut whole
            && it.named
        {
            members.insert("participantId".into(), json!(it.id));
        }
        whole
    });
    listed.collect()
}

/// Requires seats, and people who may be invited: nobody twice, and no second bot. \[unverified\]: how Graph says so.
fn room_for(live: &LiveCall, guests: &[InvitedGuest]) -> Result<(), Refusal> {
    if live.members.len() + guests.len() > LiveCall::MOST_SEATS {
        return Err(Refusal::invalid("The call is full."));
    }
    let known = || live.members.iter().filter(|it| it.presence != Presence::Gone);
    let mut taken: Vec<_> = known().map(|it| who(&it.identity)).collect();
    let mut seats: Vec<_> = live.members.iter().map(|it| &it.id).collect();
    for guest in guests {
        if guest.identity.application.is_some() {
            return Err(Refusal::invalid("participants: another application cannot be invited."));
        }
        if taken.contains(&who(&guest.identity)) {
            return Err(Refusal::invalid("participants: somebody was invited before, or is in the call."));
        }
        if seats.contains(&&guest.id) {
            return Err(Refusal::invalid("participants: a participantId is somebody else's."));
        }
        taken.push(who(&guest.identity));
        seats.push(&guest.id);
    }
    Ok(())
}

/// What tells one identity from another.
fn who(identity: &IdentitySet) -> Option<(IdentityKind, Option<String>)> {
    identity.principal().map(|(kind, it)| (kind, it.id.as_deref().map(str::to_lowercase)))
}
