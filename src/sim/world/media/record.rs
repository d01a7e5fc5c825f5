//! Records a caller's speech (graph-contract.md, "Endpoints", row 19): three timers, and the keys that end it.

use crate::graph::{CallId, OperationKind, ResultInfo};
use crate::sim::settings::RecordedAnswer;
use crate::time::{Millis, Timestamp};

use super::media_body::{RecordRequest, recording};
use super::{cut_short, require_free_operation, require_hosted_media};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer, WorldRequest};
use crate::sim::world::api::body::{client_context, json_object};
use crate::sim::world::calls::operation::{CallOperation, result};
use crate::sim::world::state::World;

/// How long a simulated caller talks before a pause. \[unverified\]
const SPEECH: Millis = Millis(1_000);

/// Records the caller's speech, after a prompt.
pub(in crate::sim::world) fn record_response(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    ask: &WorldRequest<'_>,
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, ask.body)?;
    let requested = recording(&json_object(ask.body)?)?;
    let me = require_hosted_media(world.calls.find(call)?.established()?)?.roster.me.clone();
    if requested.barges_in {
        cut_short(world, now, call);
    }
    require_free_operation(world.calls.find(call)?)?;
    let (lasts, ended, reason) = end(&requested, world.settings.recorded_answer);
    let prompt = if requested.prompts > 0 { world.settings.prompts_last(requested.prompts) } else { Millis(0) };
    let ends = world.calls.find(call)?.media.enqueue(now, Millis(prompt.0 + requested.beep.0 + lasts.0));
    let mut operation = CallOperation::running(world.ids.id(), OperationKind::Record, &me, context);
    operation.media.stops = requested.stops;
    operation.media.end = Some((ended, reason));
    operation.media.origin = ask.origin.into();
    world.agenda.plan(ends, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    Ok(world.calls.accept(call, 200, operation)?.with_nulls(&["resultInfo", "recordingLocation"]))
}

/// Returns how long a recording takes after its prompt and beep, and its result, which depends on the timer that
/// expires first. Only the result of the maximum duration is documented. \[unverified\]: the codes of the other two.
fn end(requested: &RecordRequest, answers: RecordedAnswer) -> (Millis, ResultInfo, &'static str) {
    let longest = || {
        let ended = result(200, 8_515, "Action completed, max record duration reached.");
        (requested.longest, ended, "maxRecordDurationReached")
    };
    match answers {
        RecordedAnswer::Silent if requested.initial_silence <= requested.longest => {
            let ended = result(400, 8_510, "Action failed, initial silence timeout reached.");
            (requested.initial_silence, ended, "initialSilenceTimeout")
        }
        RecordedAnswer::Pauses if SPEECH.0 + requested.silence.0 <= requested.longest.0 => {
            let ended = result(200, 0, "Action completed, max silence timeout reached.");
            (Millis(SPEECH.0 + requested.silence.0), ended, "maxSilenceTimeout")
        }
        RecordedAnswer::Talks | RecordedAnswer::Silent | RecordedAnswer::Pauses => longest(),
    }
}
