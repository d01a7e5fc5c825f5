//! Validates bodies about media: prompts, timers, tones and states, with the documented limits.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::graph::{RecordingStatus, Tone};
use crate::time::Millis;

use crate::sim::world::api::answer::Refusal;
use crate::sim::world::api::body::required;

/// The duration of one tone. \[unverified\]
const TONE: Millis = Millis(100);
/// The default pause between two tones, in milliseconds. \[unverified\]
const DEFAULT_PAUSE: i64 = 300;
/// The maximum pause between two tones, in milliseconds. \[unverified\]
const MAX_PAUSE: i64 = 60_000;
/// The maximum number of tones in one request. \[unverified\]
const MAX_TONES: usize = 100;
/// The allowed values of each timer of a recording, in seconds.
const TIMERS: RangeInclusive<i64> = 1..=120;
/// The default value of each timer, in seconds.
const TIMER: i64 = 5;
/// The duration of the beep before a recording. \[unverified\]
const BEEP: Millis = Millis(500);

/// A valid request to record.
pub(super) struct RecordRequest {
    /// The number of prompts before the recording.
    pub(super) prompts: usize,
    /// Whether it ends prompts and recordings that already run.
    pub(super) barges_in: bool,
    /// The duration of the beep before it.
    pub(super) beep: Millis,
    /// The maximum silence before the caller speaks.
    pub(super) initial_silence: Millis,
    /// The maximum pause of the caller.
    pub(super) silence: Millis,
    /// The maximum duration of the recording: at most two minutes.
    pub(super) longest: Millis,
    /// The keys that end it.
    pub(super) stops: Vec<Box<str>>,
}

/// Returns the number of prompts. Requires valid prompts, and a number within the limits.
pub(super) fn prompts(asked: &Value, limits: RangeInclusive<usize>) -> Result<usize, Refusal> {
    let list = match asked.get("prompts") {
        None | Some(Value::Null) if *limits.start() > 0 => return Err(Refusal::missing("prompts")),
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => return Err(Refusal::invalid("prompts must be a list.")),
    };
    if !limits.contains(&list.len()) {
        let (least, most) = (limits.start(), limits.end());
        return Err(Refusal::invalid(format!(
            "prompts has {} items; the allowed number is {least} to {most}.",
            list.len()
        )));
    }
    list.iter().try_for_each(|it| media_prompt(it, "prompts"))?;
    Ok(list.len())
}

/// Requires a media prompt: its type's name, because the declared type is abstract, and the file's address.
pub(in crate::sim::world) fn media_prompt(prompt: &Value, member: &str) -> Result<(), Refusal> {
    if prompt.get("@odata.type").and_then(Value::as_str) != Some("#microsoft.graph.mediaPrompt") {
        return Err(Refusal::invalid(format!("{member} needs the @odata.type #microsoft.graph.mediaPrompt.")));
    }
    let uri = prompt.get("mediaInfo").and_then(|it| it.get("uri")).and_then(Value::as_str).unwrap_or_default();
    if url::Url::parse(uri).is_err() {
        return Err(Refusal::invalid(format!("{member} needs a mediaInfo with the uri of a file.")));
    }
    Ok(())
}

/// Reads a request to record.
pub(super) fn recording(asked: &Value) -> Result<RecordRequest, Refusal> {
    let prompts = prompts(asked, 0..=1)?;
    let barges_in = flag(asked, "bargeInAllowed", false)?;
    let beep = if flag(asked, "playBeep", true)? { BEEP } else { Millis(0) };
    let initial_silence = timer(asked, "initialSilenceTimeoutInSeconds")?;
    let silence = timer(asked, "maxSilenceTimeoutInSeconds")?;
    let longest = timer(asked, "maxRecordDurationInSeconds")?;
    let stops = match asked.get("stopTones") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => {
            // An item that is not a string becomes an unknown key, which is refused below.
            list.iter().map(|it| it.as_str().unwrap_or_default().into()).collect::<Vec<Box<str>>>()
        }
        Some(_) => return Err(Refusal::invalid("stopTones must be a list.")),
    };
    let is_key = |it: &str| it.len() == 1 && it.chars().all(|key| "0123456789*#abcdABCD".contains(key));
    if stops.len() > MAX_TONES || !stops.iter().all(|it| is_key(it)) {
        return Err(Refusal::invalid("stopTones must list single telephone keys, such as \"#\" or \"1\"."));
    }
    Ok(RecordRequest { prompts, barges_in, beep, initial_silence, silence, longest, stops })
}

/// Returns the time that the tones of a request take.
pub(super) fn tones(asked: &Value) -> Result<Millis, Refusal> {
    let list = required(asked, "tones")?.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > MAX_TONES {
        return Err(Refusal::invalid(format!("tones must list between 1 and {MAX_TONES} tones.")));
    }
    for tone in list {
        let read = tone.as_str().map(Tone::parse);
        if matches!(read, None | Some(Tone::Unknown(_))) {
            return Err(Refusal::invalid(format!(
                "tones: {tone} is not a tone; tones are tone0 to tone9, star, pound, a, b, c, d and flash."
            )));
        }
    }
    let pause = match asked.get("delayBetweenTonesMs") {
        None | Some(Value::Null) => DEFAULT_PAUSE,
        Some(given) => given
            .as_i64()
            .filter(|it| (0..=MAX_PAUSE).contains(it))
            .ok_or_else(|| Refusal::invalid("delayBetweenTonesMs must be a number of milliseconds, at most 60000."))?,
    };
    let count = i64::try_from(list.len()).unwrap_or_default();
    Ok(Millis(TONE.0 * count + pause * (count - 1)))
}

/// Requires a valid state of a recording.
pub(super) fn recording_status(asked: &Value) -> Result<(), Refusal> {
    let status = required(asked, "status")?.as_str().map(RecordingStatus::parse);
    if matches!(status, None | Some(RecordingStatus::Unknown(_))) {
        return Err(Refusal::invalid("status must be notRecording, recording or failed."));
    }
    Ok(())
}

/// Returns a tone as the label of its telephone key.
pub(super) fn key(tone: &Tone) -> &str {
    if *tone == Tone::Star {
        "*"
    } else if *tone == Tone::Pound {
        "#"
    } else {
        tone.as_str().trim_start_matches("tone")
    }
}

fn timer(asked: &Value, name: &str) -> Result<Millis, Refusal> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(Millis::seconds(TIMER)),
        Some(given) => given
            .as_i64()
            .filter(|it| TIMERS.contains(it))
            .map(Millis::seconds)
            .ok_or_else(|| Refusal::invalid(format!("{name} must be a number of seconds between 1 and 120."))),
    }
}

fn flag(asked: &Value, name: &str, default: bool) -> Result<bool, Refusal> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(given) => given.as_bool().ok_or_else(|| Refusal::invalid(format!("{name} must be true or false."))),
    }
}
