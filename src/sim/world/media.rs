//! Media that the service handles: prompts, recordings and telephone keys (graph-contract.md, "Endpoints",
//! rows 18 to 23).

pub(super) mod gallery;
pub(super) mod media_body;
pub(super) mod record;
pub(super) mod recordings;
pub(super) mod routing;
pub(super) mod sharing;

use serde_json::json;

use crate::graph::{
    CallId, CommsOperationStatus, MediaState, OperationId, OperationKind, ParticipantId, ResultInfo, Tone, ToneInfo,
};
use crate::sim::settings::PromptOutcome;
use crate::time::Timestamp;

use super::agenda::ScheduledEvent;
use super::api::answer::{Refusal, WorldAnswer};
use super::api::body::{client_context, json_object};
use super::calls::call::LiveCall;
use super::calls::member::Presence;
use super::calls::operation::{CallOperation, RecordedFile, result};
use super::control::people::UnknownTarget;
use super::notify::notification::OutgoingNotification;
use super::state::World;
use media_body::{prompts, recording_status, tones};

/// The maximum number of operations of a call that run or wait before another one is accepted.
const MOST_RUNNING: usize = 32;

/// Plays prompts after those already queued.
pub(in crate::sim::world) fn play_prompt(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let prompts = prompts(&json_object(body)?, 1..=20)?;
    let me = require_free_operation(require_hosted_media(world.calls.find(call)?.established()?)?)?.roster.me.clone();
    let ends = world.calls.find(call)?.media.enqueue(now, world.settings.prompts_last(prompts));
    let operation = CallOperation::running(world.ids.id(), OperationKind::PlayPrompt, &me, context);
    world.agenda.plan(ends, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    world.calls.accept(call, 200, operation)
}

/// Cancels every running or queued prompt and recording.
pub(in crate::sim::world) fn cancel_media(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let live = require_hosted_media(world.calls.find(call)?.established()?)?;
    let me = live.roster.me.clone();
    cut_short(world, now, call);
    accept_completed(world, call, (OperationKind::CancelMediaProcessing, &me), context)
}

/// Subscribes to pressed keys.
pub(in crate::sim::world) fn subscribe_to_tone(
    world: &mut World,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let live = require_hosted_media(world.calls.find(call)?.established()?)?;
    live.media.tones_subscribed = true;
    let me = live.roster.me.clone();
    accept_completed(world, call, (OperationKind::SubscribeToTone, &me), context)
}

/// Sends tones into the call.
pub(in crate::sim::world) fn send_tones(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let lasts = tones(&json_object(body)?)?;
    let me = require_free_operation(world.calls.find(call)?.established()?)?.roster.me.clone();
    let operation = CallOperation::running(world.ids.id(), OperationKind::SendDtmfTones, &me, context);
    world.agenda.plan(now + lasts, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    world.calls.accept(call, 200, operation)
}

/// Records whether a policy recording runs: only for the call of a recorder. No roster notification follows.
pub(in crate::sim::world) fn update_recording_status(
    world: &mut World,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    recording_status(&json_object(body)?)?;
    let live = world.calls.find(call)?;
    if live.recorder.is_none() {
        // The code and the message were observed (comms-samples #444, #489, #515). \[unverified\]: the status.
        return Err(Refusal::new(403, "8506", "API call not allowed for non-Compliance Recording call"));
    }
    let me = live.established()?.roster.me.clone();
    let answer = accept_completed(world, call, (OperationKind::UpdateRecordingStatus, &me), context)?;
    Ok(answer.with_nulls(&["resultInfo"]))
}

impl World {
    /// Presses a telephone key as a person of the call, and returns the notifications to send now.
    ///
    /// Fails if there is no such call, or if the person is not in it.
    pub(crate) fn press(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        tone: &Tone,
    ) -> Result<Vec<OutgoingNotification>, UnknownTarget> {
        let mut leaving = self.advance(now);
        let live = self.calls.live(call).ok_or_else(|| UnknownTarget::Call(call.clone()))?;
        let is_in_call =
            live.roster.present(who).is_some_and(|it| it.presence == Presence::Here && it.id != live.roster.me);
        if !is_in_call {
            return Err(UnknownTarget::Participant(who.clone()));
        }
        let key = media_body::key(tone);
        let is_stopped_by_key =
            |operation: &&mut CallOperation| operation.media.stops.iter().any(|it| it.eq_ignore_ascii_case(key));
        let stopped = live.operations.running_mut().find(is_stopped_by_key);
        let stopped = stopped.map(|it| {
            // The subcode of this end is not documented.
            it.result = Some(result(200, 0, "Action completed, stop tone detected."));
            it.media.reason = Some("stopToneDetected");
            it.id.clone()
        });
        if live.media.tones_subscribed {
            live.media.tones_notified += 1;
            let tone_info = ToneInfo { sequence_id: Some(live.media.tones_notified), tone: Some(tone.clone()) };
            self.notify_call(now, call, Some(("toneInfo", json!(tone_info))));
        }
        if let Some(operation) = stopped {
            self.settle_media(now, call, &operation);
        }
        leaving.append(&mut self.webhooks.take());
        Ok(leaving)
    }

    /// Ends a media operation.
    pub(super) fn settle_media(&mut self, at: Timestamp, call: &CallId, operation: &OperationId) {
        let Some(ended) = self.calls.live(call).and_then(|it| it.operations.get_mut(operation)) else { return };
        let (kind, origin) = (ended.kind.clone(), ended.media.origin.clone());
        let outcome = self.settings.prompt_outcome;
        let (natural, reason) =
            ended.media.end.take().map_or_else(|| natural_end(&kind, outcome), |(it, why)| (Some(it), Some(why)));
        ended.result = ended.result.take().or(natural);
        ended.media.reason = ended.media.reason.or(reason);
        let is_failed = ended.result.as_ref().is_some_and(|it| !it.is_success());
        ended.status = if is_failed { CommsOperationStatus::Failed } else { CommsOperationStatus::Completed };
        if kind == OperationKind::Record {
            let (id, token) = (self.ids.id::<CallId>(), self.ids.id::<CallId>());
            let file = if is_failed {
                RecordedFile { location: "".into(), token: "".into() }
            } else {
                self.recordings.add(&origin, (&id, &token))
            };
            if let Some(ended) = self.calls.live(call).and_then(|it| it.operations.get_mut(operation)) {
                ended.media.file = Some(file);
            }
        }
        if kind == OperationKind::AddLargeGalleryView {
            gallery::join(self, call);
        }
        self.notify_operation(at, call, operation);
    }
}

/// Cancels every running or queued prompt and recording. The notification of each end follows shortly.
pub(in crate::sim::world) fn cut_short(world: &mut World, now: Timestamp, call: &CallId) {
    let Some(live) = world.calls.live(call) else { return };
    live.media.busy_until = None;
    let mut ended = Vec::new();
    for cancelled in live.operations.running_mut() {
        if matches!(cancelled.kind, OperationKind::PlayPrompt | OperationKind::Record) {
            cancelled.result = Some(result(400, 8_508, "Action failed, the operation was cancelled."));
            cancelled.media.reason = (cancelled.kind == OperationKind::Record).then_some("operationCanceled");
            cancelled.media.stops.clear();
            ended.push(cancelled.id.clone());
        }
    }
    let notified_at = now + world.random_delay(50, 200);
    for operation in ended {
        world.agenda.plan(notified_at, ScheduledEvent::Settle(call.clone(), operation));
    }
}

/// Adds a completed operation, and returns the answer that contains it.
fn accept_completed(
    world: &mut World,
    call: &CallId,
    (kind, participant): (OperationKind, &ParticipantId),
    context: Option<Box<str>>,
) -> Result<WorldAnswer, Refusal> {
    let operation = CallOperation::running(world.ids.id(), kind, participant, context).completed();
    world.calls.accept(call, 200, operation)
}

/// Returns the result and the `completionReason` of an operation that is not cancelled.
fn natural_end(kind: &OperationKind, outcome: PromptOutcome) -> (Option<ResultInfo>, Option<&'static str>) {
    if *kind == OperationKind::PlayPrompt {
        let ended = match outcome {
            PromptOutcome::Completes => result(200, 0, "Action completed successfully."),
            // \[unverified\]: the codes and the text.
            PromptOutcome::Fails => result(500, 0, "Action failed, the prompt could not be played."),
        };
        (Some(ended), None)
    } else if *kind == OperationKind::SendDtmfTones {
        (None, Some("completedSuccessfully"))
    } else {
        (None, None)
    }
}

/// Requires that the number of running operations is below the maximum. \[unverified\]: Graph documents no maximum.
pub(in crate::sim::world) fn require_free_operation(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
    if live.operations.running() < MOST_RUNNING {
        Ok(live)
    } else {
        Err(Refusal::invalid("Too many operations run in this call."))
    }
}

/// Requires a call whose media the service handles and whose audio is active.
pub(in crate::sim::world) fn require_hosted_media(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
    let kind = live.facts.media_config.as_ref().and_then(|it| it.odata_type.as_deref());
    if !kind.is_some_and(|it| it.ends_with("serviceHostedMediaConfig")) {
        return Err(Refusal::invalid("This operation is supported for calls with service-hosted media only."));
    }
    let audio = live.facts.media_state.as_ref().and_then(|it| it.audio.as_ref());
    if audio == Some(&MediaState::Active) {
        Ok(live)
    } else {
        Err(Refusal::new(409, "conflict", "No audio flows yet."))
    }
}
