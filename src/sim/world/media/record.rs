//! Recording what a caller says (graph-contract.md, "Endpoints", row 19): the three timers, the keys, and what is cut
//! short.

use crate::graph::{CallId, CommsOperationStatus, OperationKind, ResultInfo};
use crate::sim::settings::RecordedAnswer;
use crate::time::{Millis, Timestamp};

use super::wanted::{RecordRequest, recording};
use super::{Refusal, ScheduledEvent, World, WorldAnswer, established, free, hosted, json_object, result};

/// How long a caller talks who then pauses. \[unverified\]
const TALKS: Millis = Millis(1_000);

impl World {
    /// Records what the caller says, after a prompt.
    pub(in super::super) fn record_response(
        &mut self,
        now: Timestamp,
        call: &CallId,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let wanted = recording(&json_object(body)?)?;
        let me = hosted(established(self.find(call)?)?)?.me.clone();
        if wanted.barges_in {
            self.cut_short(now, call);
        }
        free(self.find(call)?)?;
        let (lasts, ended, reason) = end(&wanted, self.faults.recorded_answer);
        let prompt = if wanted.prompts > 0 { self.faults.prompts_last(wanted.prompts) } else { Millis(0) };
        let ends = self.turn(now, call, Millis(prompt.0 + wanted.beep.0 + lasts.0))?;
        let mut operation = self.operation(OperationKind::Record, &me, context);
        operation.media.stops = wanted.stops;
        operation.media.end = Some((ended, reason));
        self.plan(ends, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
        Ok(self.answered(call, 200, operation)?.with_nulls(&["resultInfo", "recordingLocation"]))
    }

    /// Ends every prompt and recording that runs or waits; each is told a little later.
    pub(super) fn cut_short(&mut self, now: Timestamp, call: &CallId) {
        let Some(live) = self.live(call) else { return };
        live.media.busy = None;
        let mut ended = Vec::new();
        for asked in live.operations.iter_mut().filter(|it| it.status == CommsOperationStatus::Running) {
            if matches!(asked.kind, OperationKind::PlayPrompt | OperationKind::Record) {
                asked.result = Some(result(400, 8_508, "Action failed, the operation was cancelled."));
                asked.media.reason = (asked.kind == OperationKind::Record).then_some("operationCanceled");
                asked.media.stops.clear();
                ended.push(asked.id.clone());
            }
        }
        let told = now + self.soon(50, 200);
        for operation in ended {
            self.plan(told, ScheduledEvent::Settle(call.clone(), operation));
        }
    }
}

/// How long a recording takes after its prompt and beep, and how it then ends: whichever timer is over first. Only
/// the result of the longest is documented. \[unverified\]: the numbers of the two others.
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
