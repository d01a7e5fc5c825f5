//! Media that the service handles: prompts, recordings and telephone keys (graph-contract.md, "Endpoints", rows 18 to
//! 23).

pub(super) mod gallery;
mod record;
pub(super) mod routing;
pub(super) mod sharing;
mod shelf;
mod wanted;

use serde_json::{Map, Value, json};

use crate::graph::{
    CallId, CommsOperationStatus, MediaState, OperationId, OperationKind, ParticipantId, ResultInfo, Tone, ToneInfo,
};
use crate::time::{Millis, Timestamp};

use super::agenda::ScheduledEvent;
use super::api::answer::{Refusal, WorldAnswer};
use super::api::operate::{established, json_object};
use super::calls::call::{CallOperation, LiveCall, Presence, result};
use super::{OutgoingNotification, UnknownTarget, World};

pub(super) use shelf::{RecordedFile, RecordingStore};
pub(super) use wanted::prompt;
use wanted::{prompts, recording_status, tones};

/// The most operations of a call that run or wait when another one is asked for.
const MOST_RUNNING: usize = 32;

/// The prompts and tones of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct CallMedia {
    /// Until when prompts and recordings take their turns.
    busy: Option<Timestamp>,
    /// Whether a client hears of pressed keys.
    subscribed: bool,
    /// How many keys were told.
    told: i64,
}

/// What prompts, recordings and tones add to an operation.
#[derive(Debug, Clone, Default)]
pub(super) struct MediaTrace {
    /// The keys that end a recording.
    stops: Vec<Box<str>>,
    /// How a recording ends that nothing cuts short.
    end: Option<(ResultInfo, &'static str)>,
    /// Why it ended.
    pub(super) reason: Option<&'static str>,
    /// What was recorded.
    pub(super) file: Option<RecordedFile>,
}

/// Whether an operation settles as media do, the large gallery included.
pub(super) const fn is_media(kind: &OperationKind) -> bool {
    matches!(
        kind,
        OperationKind::PlayPrompt
            | OperationKind::Record
            | OperationKind::SendDtmfTones
            | OperationKind::AddLargeGalleryView
    )
}

impl World {
    /// Plays prompts, after those that play already.
    pub(super) fn play_prompt(&mut self, now: Timestamp, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let prompts = prompts(&json_object(body)?, 1..=20)?;
        let me = free(hosted(established(self.find(call)?)?)?)?.me.clone();
        let ends = self.turn(now, call, self.faults.prompts_last(prompts))?;
        let operation = self.operation(OperationKind::PlayPrompt, &me, context);
        self.plan(ends, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
        self.answered(call, 200, operation)
    }

    /// Ends every prompt and recording that runs or waits.
    pub(super) fn cancel_media(&mut self, now: Timestamp, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let live = hosted(established(self.find(call)?)?)?;
        let me = live.me.clone();
        self.cut_short(now, call);
        self.at_once(call, (OperationKind::CancelMediaProcessing, &me), context)
    }

    /// Tells of pressed keys from now on.
    pub(super) fn subscribe_to_tone(&mut self, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let live = hosted(established(self.find(call)?)?)?;
        live.media.subscribed = true;
        let me = live.me.clone();
        self.at_once(call, (OperationKind::SubscribeToTone, &me), context)
    }

    /// Sends tones into the call.
    pub(super) fn send_tones(&mut self, now: Timestamp, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let lasts = tones(&json_object(body)?)?;
        let me = free(established(self.find(call)?)?)?.me.clone();
        let operation = self.operation(OperationKind::SendDtmfTones, &me, context);
        self.plan(now + lasts, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
        self.answered(call, 200, operation)
    }

    /// Says whether a policy recording runs. No roster follows.
    pub(super) fn update_recording_status(&mut self, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        recording_status(&json_object(body)?)?;
        let me = established(self.find(call)?)?.me.clone();
        let answer = self.at_once(call, (OperationKind::UpdateRecordingStatus, &me), context)?;
        Ok(answer.with_nulls(&["resultInfo"]))
    }

    /// Lets a person press a telephone key; what leaves at once.
    ///
    /// # Errors
    /// When there is no such call, or the person is not in it.
    pub fn press(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        tone: &Tone,
    ) -> Result<Vec<OutgoingNotification>, UnknownTarget> {
        let mut leaving = self.advance(now);
        let live = self.live(call).ok_or_else(|| UnknownTarget::Call(call.clone()))?;
        let here = live.present(who).is_some_and(|it| it.presence == Presence::Here && it.id != live.me);
        if !here {
            return Err(UnknownTarget::Participant(who.clone()));
        }
        let key = wanted::key(tone);
        let stopped = live.operations.iter_mut().find(|it| {
            it.status == CommsOperationStatus::Running && it.media.stops.iter().any(|it| it.eq_ignore_ascii_case(key))
        });
        let stopped = stopped.map(|it| {
            // The subcode of this end is not documented.
            it.result = Some(result(200, 0, "Action completed, stop tone detected."));
            it.media.reason = Some("stopToneDetected");
            it.id.clone()
        });
        let heard = live.media.subscribed;
        if heard {
            live.media.told += 1;
            let tone_info = ToneInfo { sequence_id: Some(live.media.told), tone: Some(tone.clone()) };
            self.notify_call(now, call, Some(("toneInfo", json!(tone_info))));
        }
        if let Some(operation) = stopped {
            self.settle_media(now, call, &operation);
        }
        leaving.append(&mut self.outbox);
        Ok(leaving)
    }

    /// Ends an operation of media.
    pub(super) fn settle_media(&mut self, at: Timestamp, call: &CallId, operation: &OperationId) {
        let Some(asked) = self.live(call).and_then(|it| it.operation(operation)) else { return };
        let kind = asked.kind.clone();
        let (natural, reason) =
            asked.media.end.take().map_or_else(|| natural_end(&kind), |(it, why)| (Some(it), Some(why)));
        asked.result = asked.result.take().or(natural);
        asked.media.reason = asked.media.reason.or(reason);
        let failed = asked.result.as_ref().is_some_and(|it| !it.is_success());
        asked.status = if failed { CommsOperationStatus::Failed } else { CommsOperationStatus::Completed };
        if kind == OperationKind::Record {
            let (id, token) = (self.casting.id::<CallId>(), self.casting.id::<CallId>());
            let file = if failed { RecordedFile::none() } else { self.recordings.keep(&id, &token) };
            if let Some(asked) = self.live(call).and_then(|it| it.operation(operation)) {
                asked.media.file = Some(file);
            }
        }
        if kind == OperationKind::AddLargeGalleryView {
            self.seat_gallery(call);
        }
        self.notify_operation(at, call, operation);
    }

    /// The members of a notification about such an operation, as documented for each.
    pub(super) fn media_members(&self, asked: &CallOperation, path: &str) -> Map<String, Value> {
        let mut members = Map::new();
        if asked.kind != OperationKind::SendDtmfTones {
            members.insert("@odata.id".into(), json!(path));
        }
        if matches!(asked.kind, OperationKind::PlayPrompt | OperationKind::Record) {
            members.insert("@odata.etag".into(), json!(self.etag()));
        }
        if matches!(asked.kind, OperationKind::SendDtmfTones | OperationKind::Record) {
            members.insert("id".into(), json!(asked.id));
            members.insert("completionReason".into(), json!(asked.media.reason));
        }
        if let Some(file) = &asked.media.file {
            members.insert("recordingLocation".into(), json!(file.location));
            members.insert("recordingAccessToken".into(), json!(file.token));
        }
        members
    }

    /// When something that lasts this long ends, if it begins after what plays already.
    fn turn(&mut self, now: Timestamp, call: &CallId, lasts: Millis) -> Result<Timestamp, Refusal> {
        let media = &mut self.find(call)?.media;
        let ends = media.busy.filter(|it| *it > now).unwrap_or(now) + lasts;
        media.busy = Some(ends);
        Ok(ends)
    }

    /// An operation that is finished when answered.
    fn at_once(
        &mut self,
        call: &CallId,
        (kind, whom): (OperationKind, &ParticipantId),
        context: Option<Box<str>>,
    ) -> Result<WorldAnswer, Refusal> {
        let operation =
            CallOperation { status: CommsOperationStatus::Completed, ..self.operation(kind, whom, context) };
        self.answered(call, 200, operation)
    }
}

/// How an operation ends that nobody cuts short, and the reason that it gives.
fn natural_end(kind: &OperationKind) -> (Option<ResultInfo>, Option<&'static str>) {
    if *kind == OperationKind::PlayPrompt {
        (Some(result(200, 0, "Action completed successfully.")), None)
    } else if *kind == OperationKind::SendDtmfTones {
        (None, Some("completedSuccessfully"))
    } else {
        (None, None)
    }
}

/// Requires that not too much runs or waits already. \[unverified\]: no such number is documented.
fn free(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
    let running = live.operations.iter().filter(|it| it.status == CommsOperationStatus::Running).count();
    if running < MOST_RUNNING { Ok(live) } else { Err(Refusal::invalid("Too many operations run in this call.")) }
}

/// Requires media that the service handles, and audio that flows.
fn hosted(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
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
