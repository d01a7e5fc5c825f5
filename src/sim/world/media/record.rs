//! Records a caller's speech (graph-contract.md, "Endpoints", row 19): three timers, and the keys that end it.

use crate::graph::{CallId, OperationKind, ResultInfo};
use crate::sim::settings::RecordedAnswer;
use crate::time::{Millis, Timestamp};

use super::media_body::{RecordRequest, recording};
use super::{cut_short, free, hosted};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::body::{client_context, json_object};
use crate::sim::world::calls::operation::{CallOperation, result};
use crate::sim::world::state::World;

/// How long a simulated caller talks before a pause. \[unverified\]
const TALKS: Millis = Millis(1_000);

/// Records the caller's speech, after a prompt.
pub(in crate::sim::world) fn record_response(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let wanted = recording(&json_object(body)?)?;
    let me = hosted(world.calls.find(call)?.established()?)?.roster.me.clone();
    if wanted.barges_in {
        cut_short(world, now, call);
    }
    free(world.calls.find(call)?)?;
    let (lasts, ended, reason) = end(&wanted, world.settings.recorded_answer);
    let prompt = if wanted.prompts > 0 { world.settings.prompts_last(wanted.prompts) } else { Millis(0) };
    let ends = world.calls.find(call)?.media.enqueue(now, Millis(prompt.0 + wanted.beep.0 + lasts.0));
    let mut operation = CallOperation::running(world.ids.id(), OperationKind::Record, &me, context);
    operation.media.stops = wanted.stops;
    operation.media.end = Some((ended, reason));
    world.agenda.plan(ends, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    Ok(world.calls.accept(call, 200, operation)?.with_nulls(&["resultInfo", "recordingLocation"]))
}

/// Returns how long a recording takes after its prompt and beep, and its result, which depends on the timer that
/// expires first. Only the result of the maximum duration is documented. \[unverified\]: the codes of the other two.
fn end(wanted: &RecordRequest, answers: RecordedAnswer) -> (Millis, ResultInfo, &'static str) {
    let longest = || {
        let ended = result(200, 8_515, "Action completed, max record duration reached.");
        (wanted.longest, ended, "maxRecordDurationReached")
    };
    match answers {
        RecordedAnswer::Silent if wanted.initial_silence <= wanted.longest => {
            let ended = result(400, 8_510, "Action failed, initial silence timeout reached.");
            (wanted.initial_silence, ended, "initialSilenceTimeout")
        }
        RecordedAnswer::Pauses if TALKS.0 + wanted.silence.0 <= wanted.longest.0 => {
            let ended = result(200, 0, "Action completed, max silence timeout reached.");
            (Millis(TALKS.0 + wanted.silence.0), ended, "maxSilenceTimeout")
        }
        RecordedAnswer::Talks | RecordedAnswer::Silent | RecordedAnswer::Pauses => longest(),
    }
}
