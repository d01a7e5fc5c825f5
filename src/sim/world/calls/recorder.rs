//! Policy-based recording (graph-contract.md, "Types", "Delivery and the reply" and "Timers and limits"). The first
//! person under a recording policy causes a call to a recorder. The recorder is asked about each later one.
//!
//! Types and members are documented. \[unverified\]: the envelope of the two notifications (here an item of the usual
//! envelope, with its own type beside `call`), and the effect of a reply. The setting `unrecorded` decides what
//! happens to people that no recorder accepts.

use serde_json::{Value, json};

use crate::graph::{CallId, CallState, IncomingContext, MeetingInfo, ParticipantId};
use crate::sim::scenario::{Answerer, CallPlan, PersonAction, PersonPlan, PlannedCallKind, PlannedDirection};
use crate::sim::settings::Unrecorded;
use crate::time::{Millis, Timestamp};

use super::call::LiveCall;
use super::member::Presence;
use super::recording_policy::{PolicyRecorder, RecorderDecision};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::entity::typed;
use crate::sim::world::notify::notification::{ExpectedReply, OutgoingNotification};
use crate::sim::world::state::World;

/// The time that a recorder has to answer its call, and to reply about each person.
pub(in crate::sim::world) const RECORDER_TIMEOUT: Millis = Millis::seconds(5);

impl World {
    /// Turns a planned call into a call to a recorder if a recording policy applies to one of its people.
    pub(in crate::sim::world) fn apply_recording_policy(&mut self, call: &mut LiveCall, plan: &CallPlan) {
        // The application comes first in the roster; the planned people follow in order.
        let people = || plan.people.iter().zip(call.roster.members.iter().skip(1));
        let Some(observed) = people().find(|(it, _)| it.recorded).map(|(_, it)| it.clone()) else { return };
        let join_later = people().filter(|(it, _)| it.joins.is_some()).map(|(_, it)| it.id.clone()).collect();
        call.recorder = Some(PolicyRecorder::of(observed.id.clone(), join_later));
        let token = self.ids.id::<CallId>().to_string().into();
        call.facts.incoming_context = Some(IncomingContext {
            source_participant_id: Some(observed.id.clone()),
            observed_participant_id: Some(observed.id),
            ..IncomingContext::default()
        });
        call.facts.meeting_info = Some(MeetingInfo {
            odata_type: Some("#microsoft.graph.tokenMeetingInfo".into()),
            token: Some(token),
            ..MeetingInfo::default()
        });
    }

    /// Handles a person under the policy who is about to join: asks the recorder, or calls a second recorder if the
    /// first one is full.
    pub(in crate::sim::world) fn ask_recorder(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId) {
        let Some(live) = self.calls.live(call) else { return };
        if live.roster.member(who).is_none_or(|it| it.presence != Presence::Expected) {
            return;
        }
        let is_established = live.state == CallState::Established;
        let Some(recorder) = live.recorder.as_mut().filter(|_| is_established) else {
            self.perform_action(at, call, who, PersonAction::Join);
            return;
        };
        if !recorder.has_room() {
            self.call_second_recorder(at, call, who, None);
            self.perform_action(at, call, who, PersonAction::Join);
            return;
        }
        recorder.asked.insert(who.clone());
        self.notify_recorder(at, call, who, "participantJoiningNotification");
        self.agenda.plan(at + RECORDER_TIMEOUT, ScheduledEvent::RecorderTimeout(call.clone(), who.clone()));
    }

    /// Applies a recorder's reply about a person, and returns the notifications to send now.
    pub fn take_reply(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        body: &[u8],
    ) -> Vec<OutgoingNotification> {
        let mut leaving = self.advance(now);
        self.apply_decision(now, call, who, RecorderDecision::read(body));
        self.notify_rosters(now);
        leaving.append(&mut self.webhooks.take());
        leaving
    }

    /// Treats a missing reply about a person as a rejection.
    pub(in crate::sim::world) fn recorder_timeout(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId) {
        self.apply_decision(at, call, who, RecorderDecision::Reject);
    }

    fn apply_decision(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, decision: RecorderDecision) {
        let stays_out = self.settings.unrecorded == Unrecorded::StaysOut;
        let Some(recorder) = self.calls.live(call).and_then(|it| it.recorder.as_mut()) else { return };
        if !recorder.asked.remove(who) {
            return;
        }
        match decision {
            RecorderDecision::Accept => {
                recorder.recorded.insert(who.clone());
            }
            RecorderDecision::Reject if stays_out => return,
            RecorderDecision::Reject => {}
            RecorderDecision::InviteNewBot(address) => self.call_second_recorder(at, call, who, address),
        }
        self.perform_action(at, call, who, PersonAction::Join);
    }

    /// Notifies the recorder if a person that it records has left.
    pub(in crate::sim::world) fn notify_recorder_of_leave(
        &mut self,
        at: Timestamp,
        call: &CallId,
        who: &ParticipantId,
    ) {
        let recorder = self.calls.live(call).and_then(|it| it.recorder.as_mut());
        if recorder.is_some_and(|it| it.recorded.remove(who)) {
            self.notify_recorder(at, call, who, "participantLeftNotification");
        }
    }

    /// Calls a second recorder for one person, at the address from the first one's reply or else the registered one.
    fn call_second_recorder(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, address: Option<Box<str>>) {
        let Some(live) = self.calls.live(call) else { return };
        let Some(person) = live.roster.member(who).cloned() else { return };
        let (chain, tenant) = (live.facts.call_chain_id.clone(), live.facts.tenant_id.clone());
        if self.is_full() {
            return;
        }
        let plan = CallPlan {
            subject: String::new(),
            kind: PlannedCallKind::Group,
            direction: PlannedDirection::Incoming,
            at: Millis(0),
            answered: Millis::seconds(1),
            ends: None,
            answered_by: Answerer::Client,
            clears: Millis(200),
            end_subcode: 4097,
            people: vec![PersonPlan {
                name: person.identity.name().unwrap_or_default().to_owned(),
                kind: person.kind,
                joins: None,
                lobby: false,
                recorded: true,
                events: Vec::new(),
                reactions: Vec::new(),
            }],
        };
        self.spawn_call_with(&plan, at, |it| {
            it.callback = address;
            (it.facts.call_chain_id, it.facts.tenant_id) = (chain, tenant);
            if let Some(member) = it.roster.members.get_mut(1) {
                member.identity = person.identity;
            }
        });
    }

    fn notify_recorder(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, kind: &str) {
        let Some(live) = self.calls.live(call) else { return };
        let identity = live.roster.member(who).map(|it| it.identity.clone());
        let is_joining = kind == "participantJoiningNotification";
        let mut partial = typed("#microsoft.graph.call");
        partial.insert("id".into(), json!(live.id));
        partial.insert("state".into(), json!(live.state));
        partial.insert("myParticipantId".into(), json!(live.roster.me));
        partial.insert("callChainId".into(), json!(live.facts.call_chain_id));
        partial.insert("tenantId".into(), json!(live.facts.tenant_id));
        if is_joining {
            partial.insert(
                "source".into(),
                json!({ "@odata.type": "#microsoft.graph.participantInfo", "identity": identity, "participantId": who }),
            );
            let context = IncomingContext {
                source_participant_id: Some(who.clone()),
                observed_participant_id: Some(who.clone()),
                ..IncomingContext::default()
            };
            partial.insert("incomingContext".into(), json!(context));
        }
        let mut item = typed(&format!("#microsoft.graph.{kind}"));
        if !is_joining {
            item.insert("participantId".into(), json!(who));
        }
        item.insert("call".into(), Value::Object(partial));
        let expects = if is_joining { ExpectedReply::Reply(who.clone()) } else { ExpectedReply::Nothing };
        self.notify_item(at, call, (item, expects));
    }
}
