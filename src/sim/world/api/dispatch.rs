//! Dispatches each request to the function that answers it, in the order of graph-contract.md, "Endpoints".

use serde_json::Value;

use crate::graph::{CallAction, CallId, Method, OperationKind, ParticipantAction, Route};
use crate::time::Timestamp;

use super::answer::{AnswerContent, Refusal, WorldAnswer, WorldRequest};
use super::body::json_object;
use super::permission::{is_metadata_only, permit};
use super::{operate, read};
use crate::sim::world::calls::lifecycle::KEEP_ALIVE_TIMEOUT;
use crate::sim::world::calls::{create, invite, ring, transfer};
use crate::sim::world::media::{self, gallery, record, routing, sharing};
use crate::sim::world::meeting;
use crate::sim::world::notify::notification::OutgoingNotification;
use crate::sim::world::notify::notify_first;
use crate::sim::world::notify::wire_format::WireFormat;
use crate::sim::world::state::World;

impl World {
    /// Answers a request, and returns the notifications to send now.
    pub fn request(&mut self, now: Timestamp, ask: &WorldRequest<'_>) -> (WorldAnswer, Vec<OutgoingNotification>) {
        let mut leaving = self.advance(now);
        let planned = self.agenda.last_planned();
        let chain = ask.route.call().and_then(|it| self.chain(it));
        let mut answer = match self.throttle.refuse_excess(now, ask.caller, &self.settings) {
            Some(answer) => answer,
            None => self.answer(now, ask).unwrap_or_else(|refusal| WorldAnswer {
                content: AnswerContent::Error { code: refusal.code, message: refusal.message },
                ..WorldAnswer::empty(refusal.status)
            }),
        };
        if let Some(call) = answer.location.as_ref().and_then(Route::call).or_else(|| ask.route.call()) {
            meeting::share_people(self, call);
        }
        answer.chain = answer.location.as_ref().and_then(Route::call).and_then(|it| self.chain(it)).or(chain);
        if matches!(answer.content, AnswerContent::Entity { .. }) {
            let nth = self.fault_rng.next("answered");
            WireFormat::new(&self.settings, &self.fault_rng, nth).apply_to_answer(&mut answer);
        }
        if self.call_to_notify_first(ask, &answer).is_some() {
            notify_first::bring_forward(self, now, ask.route, planned);
        }
        leaving.append(&mut self.webhooks.take());
        (answer, leaving)
    }

    /// Returns the call whose notifications arrive before this answer, or `None` unless the settings ask for this
    /// order and the request was performed.
    #[must_use]
    pub fn call_to_notify_first(&self, ask: &WorldRequest<'_>, answer: &WorldAnswer) -> Option<CallId> {
        notify_first::call_to_notify_first(&self.settings, ask, answer)
    }

    /// Returns the `callChainId` of a call.
    fn chain(&self, call: &CallId) -> Option<Box<str>> {
        self.calls.get(call).and_then(|it| it.facts.call_chain_id.clone())
    }

    fn answer(&mut self, now: Timestamp, ask: &WorldRequest<'_>) -> Result<WorldAnswer, Refusal> {
        use Method::{Delete, Get, Patch, Post};
        if is_metadata_only(ask.method, ask.route) {
            return read::undocumented(self, ask);
        }
        permit(self, ask)?;
        match (ask.method, ask.route) {
            (Post, Route::Calls) => create::create(self, now, ask),
            (Post, Route::LogTeleconferenceDeviceQuality) => log_device_quality(ask),
            (Get, Route::Call(call)) => read::read_call(self, call),
            (Delete, Route::Call(call)) => operate::hang_up(self, now, call),
            (Post, Route::CallAction(call, action)) => self.act(now, call, *action, ask),
            (Get, Route::Participants(call)) => read::read_participants(self, call),
            (Post, Route::Invite(call)) => invite::invite(self, now, call, ask.body),
            (Get, Route::Participant(call, who)) => read::read_participant(self, call, who),
            (Delete, Route::Participant(call, who)) => operate::remove(self, now, call, who),
            (Post, Route::ParticipantAction(call, who, action)) => match action {
                ParticipantAction::Mute => operate::mute(self, now, call, who, ask.body),
                ParticipantAction::StartHoldMusic => {
                    operate::hold(self, now, (call, who), OperationKind::StartHoldMusic, ask.body)
                }
                ParticipantAction::StopHoldMusic => {
                    operate::hold(self, now, (call, who), OperationKind::StopHoldMusic, ask.body)
                }
            },
            (Get, Route::Operation(call, operation)) => read::read_operation(self, call, operation),
            (Get, Route::AudioRoutingGroups(call)) => routing::list(self, call),
            (Post, Route::AudioRoutingGroups(call)) => routing::add(self, call, ask.body),
            (Get, Route::AudioRoutingGroup(call, group)) => routing::read(self, call, group),
            (Patch, Route::AudioRoutingGroup(call, group)) => routing::change(self, call, group, ask.body),
            (Delete, Route::AudioRoutingGroup(call, group)) => routing::remove(self, call, group),
            (Get, Route::ContentSharingSessions(call)) => sharing::list(self, call),
            (Get, Route::ContentSharingSession(call, session)) => sharing::read(self, call, session),
            _ => Err(Refusal::no_item("The resource")),
        }
    }

    fn act(
        &mut self,
        now: Timestamp,
        call: &CallId,
        action: CallAction,
        ask: &WorldRequest<'_>,
    ) -> Result<WorldAnswer, Refusal> {
        match action {
            CallAction::KeepAlive => {
                let live = self.calls.find(call)?;
                live.lifetime.kept_until = live.lifetime.kept_until.map(|_| now + KEEP_ALIVE_TIMEOUT);
                Ok(WorldAnswer::empty(200))
            }
            CallAction::Answer => ring::answer(self, now, call, ask),
            CallAction::Reject => ring::reject(self, now, call, ask),
            CallAction::Redirect => ring::redirect(self, now, call, ask.body),
            CallAction::Transfer => transfer::transfer(self, now, call, ask.body),
            CallAction::Mute => operate::mute_self(self, now, call, true, ask.body),
            CallAction::Unmute => operate::mute_self(self, now, call, false, ask.body),
            CallAction::PlayPrompt => media::play_prompt(self, now, call, ask.body),
            CallAction::RecordResponse => record::record_response(self, now, call, ask),
            CallAction::CancelMediaProcessing => media::cancel_media(self, now, call, ask.body),
            CallAction::SubscribeToTone => media::subscribe_to_tone(self, call, ask.body),
            CallAction::SendDtmfTones => media::send_tones(self, now, call, ask.body),
            CallAction::UpdateRecordingStatus => media::update_recording_status(self, call, ask.body),
            CallAction::ChangeScreenSharingRole => sharing::change_role(self, now, call, ask.body),
            CallAction::AddLargeGalleryView => gallery::add(self, now, call, ask.body),
        }
    }
}

/// Checks a report about the quality of a device's media. The report is not stored.
fn log_device_quality(ask: &WorldRequest<'_>) -> Result<WorldAnswer, Refusal> {
    const REQUIRED: [&str; 6] =
        ["callChainId", "participantId", "mediaLegId", "deviceName", "deviceDescription", "mediaQualityList"];
    if ask.agent.is_none_or(str::is_empty) {
        return Err(Refusal::invalid("The User-Agent header is missing."));
    }
    let asked = json_object(ask.body)?;
    let quality = asked.get("quality").and_then(Value::as_object);
    let quality = quality.ok_or_else(|| Refusal::missing("quality"))?;
    match REQUIRED.iter().find(|it| quality.get(**it).is_none_or(Value::is_null)) {
        Some(missing) => Err(Refusal::missing(&format!("quality.{missing}"))),
        None => Ok(WorldAnswer::empty(200)),
    }
}
