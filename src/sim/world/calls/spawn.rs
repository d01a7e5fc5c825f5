//! From a plan to a call with people in it: ids, identities, and when they do what.

use crate::graph::{
    Call, CallDirection, CallId, CallState, ChatInfo, IdentitySet, InvitationParticipantInfo, MediaConfig, MeetingInfo,
    Modality, ParticipantId, ParticipantInfo,
};
use crate::sim::scenario::{
    Answerer, CallPlan, PersonAction, PersonKind, PersonPlan, PlannedCallKind, PlannedDirection,
};
use crate::time::{Millis, Timestamp};

use super::call::{CallLifetime, CallMedia, CallTransfer, LiveCall};
use super::member::{CallMember, Presence, identity};
use super::operation::{OperationLog, result};
use super::recorder::RECORDER_RINGS;
use super::roster::CallRoster;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::state::World;

/// How long an incoming call waits for its answer.
const RINGS: Millis = Millis::seconds(15);

impl World {
    /// Plans a call whose times count from `zero`, and returns its id.
    pub(in crate::sim::world) fn spawn_call(&mut self, plan: &CallPlan, zero: Timestamp) -> CallId {
        self.spawn_call_with(plan, zero, |_| {})
    }

    /// As [`Self::spawn_call`], with a change to the call before it is planned.
    pub(in crate::sim::world) fn spawn_call_with(
        &mut self,
        plan: &CallPlan,
        zero: Timestamp,
        change: impl FnOnce(&mut LiveCall),
    ) -> CallId {
        let mut call = self.new_call(plan);
        let id = call.id.clone();
        let arrives = zero + plan.at;
        let there = arrives + plan.answered;
        let mut doings = Vec::new();
        for person in &plan.people {
            let member = self.person_of(person);
            let joins = person.joins.map_or(there, |it| zero + it);
            let comes = if person.lobby { PersonAction::Lobby } else { PersonAction::Join };
            if call.lifetime.rings && person.recorded && person.joins.is_some() {
                self.agenda.plan(joins, ScheduledEvent::Joining(id.clone(), member.id.clone()));
            } else if call.is_group() && (!call.lifetime.rings || person.joins.is_some()) {
                doings.push((joins, member.id.clone(), comes));
            }
            doings.extend(person.events.iter().map(|it| (zero + it.at, member.id.clone(), it.does)));
            call.roster.add_member(member);
        }
        if !call.is_group() {
            call.roster.members.iter_mut().for_each(|it| it.presence = Presence::Here);
        }
        self.describe(&mut call, plan);
        self.put_under_policy(&mut call, plan);
        change(&mut call);
        let (incoming, rings) = (call.direction == PlannedDirection::Incoming, call.lifetime.rings);
        let patience = if call.recorder.is_some() { RECORDER_RINGS } else { RINGS };
        self.agenda.plan(arrives, ScheduledEvent::Arrive(Box::new(call)));
        if rings {
            self.agenda.plan(arrives + patience, ScheduledEvent::Unanswered(id.clone()));
        } else if incoming {
            self.agenda.plan(arrives + Millis(plan.answered.0 / 2), ScheduledEvent::Establish(id.clone()));
        }
        if !rings {
            self.agenda.plan(there, ScheduledEvent::Established(id.clone()));
        }
        for (at, who, does) in doings {
            self.agenda.plan(at, ScheduledEvent::Person(id.clone(), who, does));
        }
        if let Some(ends) = plan.ends {
            let ended = result(200, plan.end_subcode, "The call has ended.");
            self.agenda.plan(zero + ends, ScheduledEvent::End(id.clone(), ended));
        }
        id
    }

    /// Makes a planned call, with the application alone in it.
    pub(in crate::sim::world) fn new_call(&mut self, plan: &CallPlan) -> LiveCall {
        let id: CallId = self.ids.id();
        let me: ParticipantId = self.ids.id();
        let state = match plan.direction {
            PlannedDirection::Incoming => CallState::Incoming,
            PlannedDirection::Outgoing => CallState::Establishing,
        };
        let application =
            CallMember { kind: PersonKind::Application, ..CallMember::expected(me, self.application_identity()) };
        LiveCall {
            id,
            kind: plan.kind,
            direction: plan.direction,
            state,
            facts: Call::default(),
            callback: None,
            roster: CallRoster::of(application),
            operations: OperationLog::default(),
            lifetime: CallLifetime {
                clears: plan.clears,
                rings: plan.answered_by == Answerer::Client,
                ..CallLifetime::default()
            },
            transfer: CallTransfer::default(),
            media: CallMedia::default(),
            recorder: None,
        }
    }

    fn person_of(&mut self, plan: &PersonPlan) -> CallMember {
        let person = self.ids.id::<CallId>().to_string();
        let who = identity(plan.kind, &plan.name, &person);
        let reactions = plan.reactions.clone();
        CallMember { kind: plan.kind, waits: plan.lobby, reactions, ..CallMember::expected(self.ids.id(), who) }
    }

    /// Sets the answer to a read of the call: caller and callees, meeting, subject.
    fn describe(&mut self, call: &mut LiveCall, plan: &CallPlan) {
        let mut people: Vec<IdentitySet> = call.roster.members.iter().map(|it| it.identity.clone()).collect();
        let application = people.remove(0);
        let caller = people.first().cloned();
        let (source, targets) = match plan.direction {
            PlannedDirection::Incoming => (caller, vec![application]),
            PlannedDirection::Outgoing => (Some(application), people.iter().take(5).cloned().collect()),
        };
        let meeting = plan.kind == PlannedCallKind::Meeting;
        let thread = self.ids.id::<CallId>().to_string().replace('-', "");
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
            call_chain_id: Some(self.ids.id::<CallId>().to_string().into()),
            source: source.map(|it| ParticipantInfo {
                identity: Some(it),
                language_id: Some("en-US".into()),
                region: Some("westus".into()),
                ..ParticipantInfo::default()
            }),
            targets: (!meeting).then(|| targets.into_iter().map(invitation).collect()),
            requested_modalities: Some(vec![Modality::Audio]),
            media_config: Some(MediaConfig {
                odata_type: Some("#microsoft.graph.serviceHostedMediaConfig".into()),
                ..MediaConfig::default()
            }),
            chat_info,
            meeting_info,
            ..Call::default()
        };
    }
}
