//! Policy-based recording (graph-contract.md, "Types", "Delivery and the reply" and "Timers and limits"): a recorder
//! is called for somebody under a policy, and
//! is asked again for each such person who comes later.
//!
//! Types and members are documented. \[unverified\]: how the two notifications are wrapped (here as an item of the
//! usual envelope, its own type beside `call`), and all that follows a reply; what people do who are not taken is
//! the setting `unrecorded`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::graph::{CallId, CallState, IncomingContext, MeetingInfo, ParticipantId};
use crate::sim::scenario::{Answerer, CallPlan, PersonAction, PersonPlan, PlannedDirection};
use crate::sim::settings::Unrecorded;
use crate::time::{Millis, Timestamp};

use super::call::{LiveCall, Presence};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::notify::notifications::typed;
use crate::sim::world::{ExpectedReply, OutgoingNotification, World};

/// What a recorder's call knows beyond other calls.
#[derive(Debug, Clone, Default)]
pub(in crate::sim::world) struct PolicyRecorder {
    /// How many people under the policy it records at most: `participantCapacity`, or the one of the call.
    pub(in crate::sim::world) capacity: usize,
    /// Whom it records. Bounded: people of the call.
    recorded: BTreeSet<ParticipantId>,
    /// Who comes at a time of their own. Bounded: people of the plan.
    later: BTreeSet<ParticipantId>,
    /// About whom it was asked and has not replied. Bounded: people of the call.
    asked: BTreeSet<ParticipantId>,
}

impl PolicyRecorder {
    /// Whether somebody comes at a time of their own, not as the call is answered.
    pub(in crate::sim::world) fn awaits(&self, who: &ParticipantId) -> bool {
        self.later.contains(who)
    }

    fn has_room(&self) -> bool {
        self.recorded.len() + self.asked.len() < self.capacity
    }
}

/// What a recorder's reply says.
enum RecorderDecision {
    Accept,
    Reject,
    /// Another bot is to be called, at this address.
    InviteNewBot(Option<Box<str>>),
}

impl World {
    /// How long a recorder has for its answer, and for each reply.
    pub(in crate::sim::world) const RECORDER_RINGS: Millis = Millis::seconds(5);

    /// Makes a planned call that of a recorder, when a policy applies to one of its people.
    pub(in crate::sim::world) fn put_under_policy(&mut self, call: &mut LiveCall, plan: &CallPlan) {
        let mut seats = plan.people.iter().zip(call.members.iter().skip(1));
        let Some(observed) = seats.find(|(it, _)| it.recorded).map(|(_, it)| it.clone()) else { return };
        let later = plan.people.iter().zip(call.members.iter().skip(1));
        let later = later.filter(|(it, _)| it.joins.is_some()).map(|(_, it)| it.id.clone());
        call.recorder = Some(PolicyRecorder {
            capacity: 1,
            recorded: BTreeSet::from([observed.id.clone()]),
            later: later.collect(),
            asked: BTreeSet::new(),
        });
        let token = self.casting.id::<CallId>().to_string().into();
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

    /// Somebody under the policy is about to come: the recorder is asked if it has room, or another one is called.
    pub(in crate::sim::world) fn joining(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId) {
        let Some(live) = self.live(call) else { return };
        let (there, expected) = (live.state == CallState::Established, live.member(who).map(|it| it.presence));
        if expected != Some(Presence::Expected) {
            return;
        }
        let Some(recorder) = live.recorder.as_mut().filter(|_| there) else {
            self.person(at, call, who, PersonAction::Join);
            return;
        };
        if !recorder.has_room() {
            self.call_another(at, call, who, None);
            self.person(at, call, who, PersonAction::Join);
            return;
        }
        recorder.asked.insert(who.clone());
        self.notify_recorder(at, call, who, "participantJoiningNotification");
        self.plan(at + Self::RECORDER_RINGS, ScheduledEvent::Unheard(call.clone(), who.clone()));
    }

    /// What a recorder replied to being asked about somebody; what leaves at once.
    pub fn replied(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        body: &[u8],
    ) -> Vec<OutgoingNotification> {
        let mut leaving = self.advance(now);
        self.heard(now, call, who, reply(body));
        self.show_rosters(now);
        leaving.append(&mut self.outbox);
        leaving
    }

    /// No reply came in time, which is as good as none.
    pub(in crate::sim::world) fn unheard(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId) {
        self.heard(at, call, who, RecorderDecision::Reject);
    }

    fn heard(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, reply: RecorderDecision) {
        let stays_out = self.faults.unrecorded == Unrecorded::StaysOut;
        let Some(recorder) = self.live(call).and_then(|it| it.recorder.as_mut()) else { return };
        if !recorder.asked.remove(who) {
            return;
        }
        match reply {
            RecorderDecision::Accept => {
                recorder.recorded.insert(who.clone());
            }
            RecorderDecision::Reject if stays_out => return,
            RecorderDecision::Reject => {}
            RecorderDecision::InviteNewBot(address) => self.call_another(at, call, who, address),
        }
        self.person(at, call, who, PersonAction::Join);
    }

    /// Tells the recorder that somebody whom it records has left.
    pub(in crate::sim::world) fn recorded_left(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId) {
        let recorder = self.live(call).and_then(|it| it.recorder.as_mut());
        if recorder.is_some_and(|it| it.recorded.remove(who)) {
            self.notify_recorder(at, call, who, "participantLeftNotification");
        }
    }

    /// Calls a recorder for one person: where registered, or where the recorder that was asked says.
    fn call_another(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, address: Option<Box<str>>) {
        let Some(live) = self.live(call) else { return };
        let Some(person) = live.member(who).cloned() else { return };
        let (chain, tenant) = (live.facts.call_chain_id.clone(), live.facts.tenant_id.clone());
        if self.is_full() {
            return;
        }
        let plan = CallPlan {
            subject: String::new(),
            kind: crate::sim::scenario::PlannedCallKind::Group,
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
        self.cast_with(&plan, at, |it| {
            it.callback = address;
            (it.facts.call_chain_id, it.facts.tenant_id) = (chain, tenant);
            if let Some(seat) = it.members.get_mut(1) {
                seat.identity = person.identity;
            }
        });
    }

    fn notify_recorder(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, kind: &str) {
        let Some(live) = self.live(call) else { return };
        let identity = live.member(who).map(|it| it.identity.clone());
        let joining = kind == "participantJoiningNotification";
        let mut about = typed("#microsoft.graph.call");
        about.insert("id".into(), json!(live.id));
        about.insert("state".into(), json!(live.state));
        about.insert("myParticipantId".into(), json!(live.me));
        about.insert("callChainId".into(), json!(live.facts.call_chain_id));
        about.insert("tenantId".into(), json!(live.facts.tenant_id));
        if joining {
            about.insert(
                "source".into(),
                json!({ "@odata.type": "#microsoft.graph.participantInfo", "identity": identity, "participantId": who }),
            );
            let context = IncomingContext {
                source_participant_id: Some(who.clone()),
                observed_participant_id: Some(who.clone()),
                ..IncomingContext::default()
            };
            about.insert("incomingContext".into(), json!(context));
        }
        let mut item = typed(&format!("#microsoft.graph.{kind}"));
        if !joining {
            item.insert("participantId".into(), json!(who));
        }
        item.insert("call".into(), Value::Object(about));
        let expects = if joining { ExpectedReply::Reply(who.clone()) } else { ExpectedReply::Nothing };
        self.post(at, call, (item, expects));
    }
}

/// Reads a reply. What is no reply of the documented three is taken for a rejection.
fn reply(body: &[u8]) -> RecorderDecision {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = said.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
    match kind.rsplit('.').next() {
        Some("acceptJoinResponse") => RecorderDecision::Accept,
        Some("inviteNewBotResponse") => {
            let address = said.get("inviteUri").and_then(Value::as_str);
            match address.map(super::create::callback_at) {
                None => RecorderDecision::InviteNewBot(None),
                Some(Ok(address)) => RecorderDecision::InviteNewBot(Some(address)),
                Some(Err(_)) => RecorderDecision::Reject,
            }
        }
        _ => RecorderDecision::Reject,
    }
}
