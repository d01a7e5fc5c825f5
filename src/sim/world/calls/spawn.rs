//! Creates calls from plans: their ids, identities, and the planned events of their people.

use crate::graph::{
    Call, CallDirection, CallId, CallState, ChatInfo, IdentitySet, InvitationParticipantInfo, MediaConfig, MeetingInfo,
    Modality, ParticipantId, ParticipantInfo,
};
use crate::sim::scenario::{
    Answerer, CallPlan, PersonAction, PersonKind, PersonPlan, PlannedCallKind, PlannedDirection,
};
use crate::sim::settings::OneToOneChat;
use crate::time::{Millis, Timestamp};

use super::call::{CallLifetime, CallMedia, CallTransfer, LiveCall};
use super::member::{CallMember, Presence, identity};
use super::operation::{OperationLog, result};
use super::recorder::RECORDER_TIMEOUT;
use super::roster::CallRoster;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::state::World;

/// The time that an incoming call rings.
const RING_TIMEOUT: Millis = Millis::seconds(15);

impl World {
    /// Plans a call, and returns its id. The plan's times count from `start`.
    pub(in crate::sim::world) fn spawn_call(&mut self, plan: &CallPlan, start: Timestamp) -> CallId {
        self.spawn_call_with(plan, start, |_| {})
    }

    /// Plans a call, as [`Self::spawn_call`] does, after applying a change to it.
    pub(in crate::sim::world) fn spawn_call_with(
        &mut self,
        plan: &CallPlan,
        start: Timestamp,
        change: impl FnOnce(&mut LiveCall),
    ) -> CallId {
        let mut call = self.new_call(plan);
        let id = call.id.clone();
        let arrives = start + plan.at;
        let established = arrives + plan.answered;
        let mut actions = Vec::new();
        for person in &plan.people {
            let member = self.new_member(person);
            let joins_at = person.joins.map_or(established, |it| start + it);
            let join = if person.lobby { PersonAction::Lobby } else { PersonAction::Join };
            if call.lifetime.rings && person.recorded && person.joins.is_some() {
                self.agenda.plan(joins_at, ScheduledEvent::AskRecorder(id.clone(), member.id.clone()));
            } else if call.is_group() && (!call.lifetime.rings || person.joins.is_some()) {
                // The others of a ringing call join once a client has answered it.
                actions.push((joins_at, member.id.clone(), join));
            }
            actions.extend(person.events.iter().map(|it| (start + it.at, member.id.clone(), it.does)));
            call.roster.add_member(member);
        }
        if !call.is_group() {
            call.roster.members.iter_mut().for_each(|it| it.presence = Presence::Here);
        }
        self.set_facts(&mut call, plan);
        self.apply_recording_policy(&mut call, plan);
        change(&mut call);
        let (is_incoming, rings) = (call.direction == PlannedDirection::Incoming, call.lifetime.rings);
        let ring_time = if call.recorder.is_some() { RECORDER_TIMEOUT } else { RING_TIMEOUT };
        self.agenda.plan(arrives, ScheduledEvent::Arrive(Box::new(call)));
        if rings {
            self.agenda.plan(arrives + ring_time, ScheduledEvent::RingTimeout(id.clone()));
        } else if is_incoming {
            self.agenda.plan(arrives + Millis(plan.answered.0 / 2), ScheduledEvent::Establish(id.clone()));
        }
        if !rings {
            self.agenda.plan(established, ScheduledEvent::Established(id.clone()));
        }
        for (at, who, action) in actions {
            self.agenda.plan(at, ScheduledEvent::Person(id.clone(), who, action));
        }
        if let Some(ends) = plan.ends {
            let ended = result(200, plan.end_subcode, "The call has ended.");
            self.agenda.plan(start + ends, ScheduledEvent::End(id.clone(), ended));
        }
        id
    }

    /// Creates a call from its plan, with only the application in it.
    pub(in crate::sim::world) fn new_call(&mut self, plan: &CallPlan) -> LiveCall {
        let id: CallId = self.ids.id();
        let me: ParticipantId = self.ids.id();
        let state = match plan.direction {
            PlannedDirection::Incoming => CallState::Incoming,
            PlannedDirection::Outgoing => CallState::Establishing,
        };
        let application = CallMember {
            is_own: true,
            kind: PersonKind::Application,
            ..CallMember::expected(me, self.application_identity())
        };
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

    fn new_member(&mut self, plan: &PersonPlan) -> CallMember {
        let person = self.ids.id::<CallId>().to_string();
        let who = identity(plan.kind, &plan.name, &person);
        let reactions = plan.reactions.clone();
        CallMember { kind: plan.kind, waits: plan.lobby, reactions, ..CallMember::expected(self.ids.id(), who) }
    }

    /// Sets the members of the call that `GET` returns: caller and callees, meeting, subject.
    fn set_facts(&mut self, call: &mut LiveCall, plan: &CallPlan) {
        let mut people: Vec<IdentitySet> = call.roster.members.iter().map(|it| it.identity.clone()).collect();
        let application = people.remove(0);
        let caller = people.first().cloned();
        let (source, targets) = match plan.direction {
            PlannedDirection::Incoming => (caller, vec![application]),
            PlannedDirection::Outgoing => (Some(application), people.iter().take(5).cloned().collect()),
        };
        let is_meeting = plan.kind == PlannedCallKind::Meeting;
        let thread = self.ids.id::<CallId>().to_string().replace('-', "");
        let is_incoming = plan.direction == PlannedDirection::Incoming;
        let thread = match plan.kind {
            PlannedCallKind::OneToOne if is_incoming && self.settings.one_to_one_chat == OneToOneChat::Bare => {
                Some(format!("19:{}", call.id))
            }
            PlannedCallKind::OneToOne => None,
            PlannedCallKind::Group if !is_incoming => None,
            PlannedCallKind::Group | PlannedCallKind::Meeting => Some(format!("19:meeting_{thread}@thread.v2")),
        };
        let chat_info = thread.map(|thread| ChatInfo {
            thread_id: Some(thread.into()),
            message_id: Some("0".into()),
            reply_chain_message_id: None,
        });
        let meeting_info = is_meeting.then(|| MeetingInfo {
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
            targets: (!is_meeting).then(|| targets.into_iter().map(invitation).collect()),
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
