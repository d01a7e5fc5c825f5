//! The timers of a recording, the keys that end it, and recordings that barge in.

use super::*;
use crate::sim::settings::RecordedAnswer;

fn prompt() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.mediaPrompt",
        "mediaInfo": { "@odata.type": "#microsoft.graph.mediaInfo", "uri": "https://cdn.contoso.com/beep.wav" },
    })
}

fn record(floor: &mut Floor, asked: &Value) -> WorldAnswer {
    let path = format!("{}/recordResponse", floor.path("Group", None));
    floor.ask(Method::Post, &path, asked)
}

/// Returns how many milliseconds a recording takes, and its result.
fn ending(answers: RecordedAnswer, asked: &Value) -> (i64, Value) {
    let mut floor = Floor::started(TWO_CALLS);
    floor.world.set_settings(SimSettings { recorded_answer: answers, ..SimSettings::default() });
    assert_eq!(record(&mut floor, asked).status, 200);
    let begun = floor.now;
    let due = floor.world.next_due().unwrap();
    let ended = notices(&floor.wait(due.since(begun)), "recordOperation").remove(0);
    (due.since(begun).0, ended["resourceData"].clone())
}

#[test]
fn the_first_timer_to_expire_ends_a_recording() {
    use RecordedAnswer::{Pauses, Silent, Talks};
    let timers = |initial: i64, silence: i64, longest: i64| {
        json!({
            "playBeep": false,
            "initialSilenceTimeoutInSeconds": initial,
            "maxSilenceTimeoutInSeconds": silence,
            "maxRecordDurationInSeconds": longest,
        })
    };
    let cases = [
        (Talks, timers(5, 2, 10), 10_000, (200, 8_515), "completed", "maxRecordDurationReached"),
        (Silent, timers(5, 2, 10), 5_000, (400, 8_510), "failed", "initialSilenceTimeout"),
        (Silent, timers(30, 2, 10), 10_000, (200, 8_515), "completed", "maxRecordDurationReached"),
        (Pauses, timers(5, 2, 10), 3_000, (200, 0), "completed", "maxSilenceTimeout"),
        (Pauses, timers(5, 20, 10), 10_000, (200, 8_515), "completed", "maxRecordDurationReached"),
        (Talks, json!({}), 5_500, (200, 8_515), "completed", "maxRecordDurationReached"),
        (
            Talks,
            json!({ "maxRecordDurationInSeconds": 120 }),
            120_500,
            (200, 8_515),
            "completed",
            "maxRecordDurationReached",
        ),
    ];
    for (answers, asked, lasts, (code, subcode), status, reason) in cases {
        let (took, ended) = ending(answers, &asked);
        assert_eq!(took, lasts, "{answers:?} {asked}");
        let result = &ended["resultInfo"];
        assert_eq!((&result["code"], &result["subcode"]), (&json!(code), &json!(subcode)), "{answers:?} {asked}");
        assert_eq!((&ended["status"], &ended["completionReason"]), (&json!(status), &json!(reason)));
        let file = ended["recordingLocation"].as_str().unwrap();
        assert_eq!(file.is_empty(), status == "failed", "{file}");
    }
}

#[test]
fn the_timers_begin_after_the_prompt_and_the_beep() {
    let asked = json!({ "prompts": [prompt()], "initialSilenceTimeoutInSeconds": 3 });
    assert_eq!(ending(RecordedAnswer::Silent, &asked).0, 2_000 + 500 + 3_000);
}

#[test]
fn a_recording_that_barges_in_ends_running_prompts() {
    let mut floor = Floor::started(TWO_CALLS);
    let play = format!("{}/playPrompt", floor.path("Group", None));
    let plays = json!({ "prompts": [prompt(), prompt(), prompt()] });
    floor.ask(Method::Post, &play, &plays);
    record(&mut floor, &json!({ "playBeep": false, "maxRecordDurationInSeconds": 2 }));
    assert!(floor.wait(Millis::seconds(5)).is_empty(), "the recording is queued");
    record(&mut floor, &json!({ "bargeInAllowed": true, "playBeep": false, "maxRecordDurationInSeconds": 1 }));
    let cut = floor.wait(Millis(250));
    for kind in ["playPromptOperation", "recordOperation"] {
        assert_eq!(notices(&cut, kind)[0]["resourceData"]["resultInfo"]["subcode"], 8_508, "{kind}");
    }
    let ended = notices(&floor.wait(Millis(750)), "recordOperation");
    assert_eq!(ended[0]["resourceData"]["resultInfo"]["subcode"], 8_515);
    assert!(floor.wait(Millis::minutes(1)).is_empty());
}

#[test]
fn values_outside_the_limits_are_refused() {
    let mut floor = Floor::started(TWO_CALLS);
    let timers = ["initialSilenceTimeoutInSeconds", "maxSilenceTimeoutInSeconds", "maxRecordDurationInSeconds"];
    for timer in timers {
        for (seconds, status) in
            [(json!(0), 400), (json!(121), 400), (json!(1.5), 400), (json!(1), 200), (json!(120), 200)]
        {
            assert_eq!(record(&mut floor, &json!({ timer: seconds })).status, status, "{timer} {seconds}");
        }
    }
    for tones in [json!(["##"]), json!([1]), json!("#")] {
        assert_eq!(refusal(&record(&mut floor, &json!({ "stopTones": tones }))).0, 400, "{tones}");
    }
    assert_eq!(record(&mut floor, &json!({ "bargeInAllowed": "yes" })).status, 400);
}
