//! Prompts, recordings and telephone keys.

use super::*;
use crate::graph::{ParticipantId, Tone};
use crate::sim::world::silent_recording;

fn prompt() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.mediaPrompt",
        "mediaInfo": { "@odata.type": "#microsoft.graph.mediaInfo", "uri": "https://cdn.contoso.com/beep.wav" },
    })
}

impl Floor {
    fn media(&mut self, action: &str, asked: &Value) -> WorldAnswer {
        let path = format!("{}/{action}", self.path("Group", None));
        self.ask(Method::Post, &path, asked)
    }

    fn press(&mut self, name: &str, tone: &Tone) -> Vec<OutgoingNotification> {
        let call = self.call("Group");
        let who = call.participants.iter().find(|it| &*it.name == name).unwrap();
        self.world.press(self.now, &call.id, &who.id, tone).unwrap()
    }
}

#[test]
fn prompts_are_queued() {
    let mut floor = Floor::started(TWO_CALLS);
    let asked = json!({ "clientContext": "mark", "prompts": [prompt(), prompt()] });
    let first = floor.media("playPrompt", &asked);
    let running = json!({
        "@odata.type": "#microsoft.graph.playPromptOperation",
        "id": body(&first)["id"],
        "status": "running",
        "clientContext": "mark",
    });
    assert_eq!((first.status, body(&first)), (200, running));
    assert!(matches!(&first.location, Some(Route::Operation(..))));
    let second = body(&floor.media("playPrompt", &asked))["id"].clone();
    assert!(floor.wait(Millis(3_999)).is_empty());
    let ended = notices(&floor.wait(Millis(1)), "playPromptOperation");
    let path =
        format!("/communications/calls/{}/operations/{}", floor.call("Group").id, body(&first)["id"].as_str().unwrap());
    assert_eq!(ended[0]["changeType"], "deleted");
    assert_eq!(ended[0]["resourceUrl"], path.as_str());
    let data = &ended[0]["resourceData"];
    assert_eq!((&data["@odata.id"], &data["status"]), (&json!(path), &json!("completed")));
    assert_eq!((&data["resultInfo"]["code"], &data["resultInfo"]["subcode"]), (&json!(200), &json!(0)));
    assert!(data.get("id").is_none() && data["@odata.etag"].is_string());
    assert!(floor.wait(Millis(3_999)).is_empty(), "the second prompt is queued");
    let ended = notices(&floor.wait(Millis(1)), "playPromptOperation");
    assert!(ended[0]["resourceUrl"].as_str().unwrap().ends_with(second.as_str().unwrap()));
}

#[test]
fn cancelling_ends_running_prompts_and_recordings() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.media("playPrompt", &json!({ "prompts": [prompt()] }));
    let record = floor.media("recordResponse", &json!({ "prompts": [prompt()], "clientContext": "mark" }));
    assert_eq!(body(&record).get("recordingLocation"), Some(&Value::Null));
    let cancel = floor.media("cancelMediaProcessing", &json!({ "clientContext": "mark" }));
    assert_eq!((cancel.status, &body(&cancel)["status"]), (200, &json!("completed")));
    assert_eq!(body(&cancel)["@odata.type"], "#microsoft.graph.cancelMediaProcessingOperation");
    let leaving = floor.wait(Millis(250));
    assert_eq!(leaving.len(), 2, "the cancelling itself has no notification");
    for kind in ["playPromptOperation", "recordOperation"] {
        let data = notices(&leaving, kind)[0]["resourceData"].clone();
        assert_eq!((&data["status"], &data["resultInfo"]["code"]), (&json!("failed"), &json!(400)));
        assert_eq!(data["resultInfo"]["subcode"], 8_508);
    }
    let data = notices(&leaving, "recordOperation")[0]["resourceData"].clone();
    assert_eq!((&data["recordingLocation"], &data["completionReason"]), (&json!(""), &json!("operationCanceled")));
    assert!(floor.wait(Millis::minutes(1)).is_empty(), "a cancelled operation ends once");
}

#[test]
fn a_recording_ends_at_its_maximum_length_and_can_be_fetched() {
    let mut floor = Floor::started(TWO_CALLS);
    let asked = json!({ "playBeep": false, "maxRecordDurationInSeconds": 10, "clientContext": "mark" });
    let id = body(&floor.media("recordResponse", &asked))["id"].clone();
    assert!(floor.wait(Millis(9_999)).is_empty());
    let ended = notices(&floor.wait(Millis(1)), "recordOperation");
    let data = &ended[0]["resourceData"];
    assert_eq!((&data["id"], &data["status"]), (&id, &json!("completed")));
    assert_eq!((&data["resultInfo"]["code"], &data["resultInfo"]["subcode"]), (&json!(200), &json!(8_515)));
    let file = data["recordingLocation"].as_str().unwrap().strip_prefix("http://127.0.0.1:1/recordings/").unwrap();
    let token = floor.world.recording_token(file).unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(token), data["recordingAccessToken"].as_str().unwrap());
    let path = format!("{}/operations/{}", floor.path("Group", None), id.as_str().unwrap());
    let read = body(&floor.ask(Method::Get, &path, &Value::Null));
    assert_eq!(read["recordingLocation"], data["recordingLocation"]);
    let wav = silent_recording();
    assert_eq!((&wav[..4], &wav[8..16], wav.len()), (&b"RIFF"[..], &b"WAVEfmt "[..], 32_044));
}

#[test]
fn pressed_keys_are_notified_after_a_subscription_and_end_recordings() {
    let mut floor = Floor::started(TWO_CALLS);
    assert!(floor.press("Ada", &Tone::Tone1).is_empty(), "there is no subscription yet");
    let subscribed = floor.media("subscribeToTone", &json!({ "clientContext": "mark" }));
    assert_eq!((subscribed.status, &body(&subscribed)["status"]), (200, &json!("completed")));
    let sent = floor.press("Ada", &Tone::Tone1);
    let data = json!({
        "@odata.type": "#microsoft.graph.call",
        "state": "established",
        "toneInfo": { "@odata.type": "#microsoft.graph.toneInfo", "sequenceId": 1, "tone": "tone1" },
    });
    assert_eq!(
        (&sent[0].notification["changeType"], &sent[0].notification["resourceData"]),
        (&json!("updated"), &data)
    );
    floor.media("recordResponse", &json!({ "stopTones": ["#"] }));
    assert_eq!(floor.press("Bob", &Tone::Star).len(), 1);
    let sent = floor.press("Bob", &Tone::Pound);
    assert_eq!(sent[0].notification["resourceData"]["toneInfo"]["sequenceId"], 3);
    let ended = &notices(&sent, "recordOperation")[0]["resourceData"];
    assert_eq!((&ended["status"], &ended["completionReason"]), (&json!("completed"), &json!("stopToneDetected")));
    let nobody = ParticipantId::new("nobody").unwrap();
    let call = floor.call("Group").id;
    assert!(floor.world.press(floor.now, &call, &nobody, &Tone::A).is_err());
}

#[test]
fn sending_tones_takes_the_sum_of_their_durations() {
    let mut floor = Floor::started(TWO_CALLS);
    let asked = json!({ "tones": ["tone1", "star", "pound"], "delayBetweenTonesMs": 1_000, "clientContext": "mark" });
    let answer = floor.media("microsoft.graph.sendDtmfTones", &asked);
    assert_eq!((answer.status, &body(&answer)["status"]), (200, &json!("running")));
    assert!(floor.wait(Millis(2_299)).is_empty());
    let notice = notices(&floor.wait(Millis(1)), "sendDtmfTonesOperation")[0].clone();
    let data = json!({
        "@odata.type": "#microsoft.graph.sendDtmfTonesOperation",
        "status": "completed",
        "completionReason": "completedSuccessfully",
        "clientContext": "mark",
        "id": body(&answer)["id"],
    });
    assert_eq!(notice["resourceData"], data);
}

#[test]
fn the_prompt_queue_is_bounded() {
    let mut floor = Floor::started(TWO_CALLS);
    let asked = json!({ "prompts": [prompt()] });
    let waits = (0..40).filter(|_| floor.media("playPrompt", &asked).status == 200).count();
    assert_eq!(waits, 32);
    assert_eq!(floor.media("cancelMediaProcessing", &json!({})).status, 200);
    floor.wait(Millis::seconds(1));
    assert_eq!(floor.media("playPrompt", &asked).status, 200);
}

#[test]
fn invalid_media_requests_are_refused() {
    let mut floor = Floor::started(TWO_CALLS);
    let many: Vec<Value> = (0..21).map(|_| prompt()).collect();
    let cases = [
        ("playPrompt", json!({})),
        ("playPrompt", json!({ "prompts": [] })),
        ("playPrompt", json!({ "prompts": many })),
        ("playPrompt", json!({ "prompts": [{ "mediaInfo": { "uri": "https://cdn.contoso.com/beep.wav" } }] })),
        ("playPrompt", json!({ "prompts": [{ "@odata.type": "#microsoft.graph.mediaPrompt" }] })),
        ("playPrompt", json!({ "prompts": [prompt()], "clientContext": "x".repeat(257) })),
        ("recordResponse", json!({ "prompts": [prompt(), prompt()] })),
        ("recordResponse", json!({ "maxRecordDurationInSeconds": 121 })),
        ("recordResponse", json!({ "maxSilenceTimeoutInSeconds": 0 })),
        ("recordResponse", json!({ "initialSilenceTimeoutInSeconds": "5" })),
        ("recordResponse", json!({ "stopTones": ["tone1"] })),
        ("sendDtmfTones", json!({})),
        ("sendDtmfTones", json!({ "tones": [{ "sequenceId": 1, "tone": "tone1" }] })),
        ("sendDtmfTones", json!({ "tones": ["tone1"], "delayBetweenTonesMs": -1 })),
        ("updateRecordingStatus", json!({})),
        ("updateRecordingStatus", json!({ "status": "paused" })),
    ];
    for (action, asked) in cases {
        assert_eq!(refusal(&floor.media(action, &asked)), (400, "invalidRequest"), "{action} {asked}");
    }
    assert!(floor.wait(Millis::minutes(3)).is_empty());
    let hold = format!("{}/startHoldMusic", floor.path("Group", Some("Ada")));
    let nameless = json!({ "customPrompt": { "mediaInfo": { "uri": "https://cdn.contoso.com/beep.wav" } } });
    assert_eq!(refusal(&floor.ask(Method::Post, &hold, &nameless)).0, 400);
    assert_eq!(floor.ask(Method::Post, &hold, &json!({ "customPrompt": prompt() })).status, 202);
}
