//! From a plan to a call with people in it: ids, identities, and when they do what.

use crate::graph::{
    Call, CallDirection, CallId, CallState, ChatInfo, IdentityKind, IdentitySet, InvitationParticipantInfo,
    MeetingInfo, Modality, ParticipantId, ParticipantInfo,
};
use crate::sim::scenario::{
    Answerer, CallPlan, PersonAction, PersonKind, PersonPlan, PlannedCallKind, PlannedDirection,
};
use crate::time::Timestamp;

use super::call::{CallMember, LiveCall, Presence, identity, result};
use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;

impl World {
    /// Plans a call whose times count from `zero`; its id.
    pub(in crate::sim::world) fn cast(&mut self, plan: &CallPlan, zero: Timestamp) -> CallId {
        self.cast_with(plan, zero, |_| {})
    }

    /// As [`Self::cast`], with a last word about the call.
    pub(in crate::sim::world) fn cast_with(
        &mut self,
        plan: &CallPlan,
        zero: Timestamp,
        last: impl FnOnce(&mut LiveCall),
    ) -> CallId {
        let mut call = self.call_of(plan);
        let id = call.id.clone();
        let arrives = zero + plan.at;
        let there = arrives + plan.answered;
        let mut doings = Vec::new();
        for person in &plan.people {
            let member = self.person_of(person);
            let joins = person.joins.map_or(there, |it| zero + it);
            let comes = if person.lobby { PersonAction::Lobby } else { PersonAction::Join };
            if call.rings && person.recorded && person.joins.is_some() {
                self.plan(joins, ScheduledEvent::Joining(id.clone(), member.id.clone()));
            } else if call.is_group() && (!call.rings || person.joins.is_some()) {
                doings.push((joins, member.id.clone(), comes));
            }
            doings.extend(person.events.iter().map(|it| (zero + it.at, member.id.clone(), it.does)));
            call.seat(member);
        }
        if !call.is_group() {
            call.members.iter_mut().for_each(|it| it.presence = Presence::Here);
        }
        self.describe(&mut call, plan);
        self.put_under_policy(&mut call, plan);
        last(&mut call);
        let (incoming, rings) = (call.direction == PlannedDirection::Incoming, call.rings);
        let patience = if call.recorder.is_some() { Self::RECORDER_RINGS } else { Self::RINGS };
        self.plan(arrives, ScheduledEvent::Arrive(Box::new(call)));
        if rings {
            self.plan(arrives + patience, ScheduledEvent::Unanswered(id.clone()));
        } else if incoming {
            self.plan(arrives + crate::time::Millis(plan.answered.0 / 2), ScheduledEvent::Establish(id.clone()));
        }
        if !rings {
            self.plan(there, ScheduledEvent::Established(id.clone()));
        }
        for (at, who, does) in doings {
            self.plan(at, ScheduledEvent::Person(id.clone(), who, does));
        }
        if let Some(ends) = plan.ends {
            let ended = result(200, plan.end_subcode, "The call has ended.");
            self.plan(zero + ends, ScheduledEvent::End(id.clone(), ended));
        }
        id
    }

    /// A call as a plan has it, with nobody but the application.
    pub(in crate::sim::world) fn call_of(&mut self, plan: &CallPlan) -> LiveCall {
        let id: CallId = self.casting.id();
        let me: ParticipantId = self.casting.id();
        let state = match plan.direction {
            PlannedDirection::Incoming => CallState::Incoming,
            PlannedDirection::Outgoing => CallState::Establishing,
        };
        let application =
            CallMember { kind: PersonKind::Application, ..member_for(me.clone(), self.application_identity()) };
        LiveCall {
            id,
            kind: plan.kind,
            direction: plan.direction,
            state,
            me,
            facts: Call::default(),
            callback: None,
            members: vec![CallMember { source: 1, ..application }],
            held: None,
            holds_settle: Timestamp::default(),
            operations: std::collections::VecDeque::new(),
            shown: Vec::new(),
            kept_until: None,
            clears: plan.clears,
            stirs: None,
            media: crate::sim::world::media::CallMedia::default(),
            routing: Vec::new(),
            sharing: None,
            roster_sequence: 0,
            rings: plan.answered_by == Answerer::Client,
            transfers: false,
            consults: None,
            recorder: None,
            traffic: false,
            unheard: false,
        }
    }

    fn person_of(&mut self, plan: &PersonPlan) -> CallMember {
        let person = self.casting.id::<CallId>().to_string();
        let who = identity(plan.kind, &plan.name, &person);
        let reactions = plan.reactions.clone();
        CallMember { kind: plan.kind, waits: plan.lobby, reactions, ..member_for(self.casting.id(), who) }
    }

    /// What reading the call gives: who called whom, in which meeting, about what.
    fn describe(&mut self, call: &mut LiveCall, plan: &CallPlan) {
        let mut people: Vec<IdentitySet> = call.members.iter().map(|it| it.identity.clone()).collect();
        let application = people.remove(0);
        let caller = people.first().cloned();
        let (source, targets) = match plan.direction {
            PlannedDirection::Incoming => (caller, vec![application]),
            PlannedDirection::Outgoing => (Some(application), people.iter().take(5).cloned().collect()),
        };
        let meeting = plan.kind == PlannedCallKind::Meeting;
        let thread = self.casting.id::<CallId>().to_string().replace('-', "");
        let in_chat = meeting || (plan.kind == PlannedCallKind::Group && plan.direction == PlannedDirection::Incoming);
        let chat_info = in_chat.then(|| ChatInfo {
            thread_id: Some(format!("19:meeting_{thread}@thread.v2").into()),
            message_id: Some("0".into()),
            reply_chain_message_id: None,
        });
        let meeting_info = meeting.then(|| MeetingInfo {
            odata_type: Some("#microsoft.graph.organizerMeetingInfo".into()),
            organizer: people.first().cloned(),
            allow_conversation_without_host: Some(true),
            ..MeetingInfo::default()
        });
        let invitation = |it| InvitationParticipantInfo { identity: Some(it), ..InvitationParticipantInfo::default() };
        call.facts = Call {
            direction: Some(match plan.direction {
                PlannedDirection::Incoming => CallDirection::Incoming,
                PlannedDirection::Outgoing => CallDirection::Outgoing,
            }),
            subject: Some(plan.subject.as_str().into()),
            tenant_id: Some(self.application.tenant.clone()),
            call_chain_id: Some(self.casting.id::<CallId>().to_string().into()),
            source: source.map(|it| ParticipantInfo {
                identity: Some(it),
                language_id: Some("en-US".into()),
                region: Some("westus".into()),
                ..ParticipantInfo::default()
            }),
            targets: (!meeting).then(|| targets.into_iter().map(invitation).collect()),
            requested_modalities: Some(vec![Modality::Audio]),
            media_config: Some(crate::graph::MediaConfig {
                odata_type: Some("#microsoft.graph.serviceHostedMediaConfig".into()),
                ..crate::graph::MediaConfig::default()
            }),
            chat_info,
            meeting_info,
            ..Call::default()
        };
    }

    /// Who the application is, as rosters say it.
    pub(in crate::sim::world) fn application_identity(&self) -> IdentitySet {
        identity(PersonKind::Application, &self.application.name, &self.application.id)
    }
}

impl LiveCall {
    /// Gives someone a seat and a stream of their own; they still have to come.
    pub(in crate::sim::world) fn seat(&mut self, member: CallMember) {
        let source = self.members.iter().map(|it| it.source).max().unwrap_or(0) + 1;
        self.members.push(CallMember { source, ..member });
    }
}

/// Someone who is expected.
pub(in crate::sim::world) fn member_for(id: ParticipantId, identity: IdentitySet) -> CallMember {
    let kind = match identity.principal().map(|(kind, _)| kind) {
        Some(IdentityKind::Phone) => PersonKind::Phone,
        Some(IdentityKind::Guest) => PersonKind::Guest,
        Some(IdentityKind::Application | IdentityKind::ApplicationInstance) => PersonKind::Application,
        _ => PersonKind::User,
    };
    CallMember {
        id,
        identity,
        kind,
        presence: Presence::Expected,
        muted: false,
        server_muted: false,
        away: false,
        waits: false,
        screen: None,
        source: 0,
        reactions: Vec::new(),
    }
}
