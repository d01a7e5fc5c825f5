//! Invalid input to the relay: it gets a clear answer, is counted where operators see it, and has no other effect.

use callboard::demo::RunningDemo;
use callboard::graph::RejectReason;
use callboard::screen::{Theme, paint};
use callboard::sim::SimSettings;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

use crate::support::harness::{call, direct, person, reopening_day, seated, webhook_authorization};

struct Door {
    client: reqwest::Client,
    intake: String,
    authorization: String,
}

impl Door {
    async fn of(stage: &RunningDemo) -> Self {
        let authorization = webhook_authorization(stage).await;
        Self { client: reqwest::Client::new(), intake: stage.relay.ready().intake.clone(), authorization }
    }

    async fn post(&self, body: impl Into<reqwest::Body>) -> (u16, String) {
        self.post_as(&self.authorization, body).await
    }

    async fn post_as(&self, authorization: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let posted =
            self.client.post(&self.intake).header("authorization", authorization).body(body).send().await.unwrap();
        (posted.status().as_u16(), posted.text().await.unwrap())
    }
}

fn envelope(items: &[Value]) -> String {
    json!({"@odata.type": "#microsoft.graph.commsNotifications", "value": items}).to_string()
}

fn state(call: &str, state: &str) -> Value {
    json!({"changeType": "updated", "resourceUrl": format!("/communications/calls/{call}"),
           "resourceData": {"@odata.type": "#microsoft.graph.call", "state": state}})
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_input_is_answered_counted_and_affects_nobody_else() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let door = Door::of(&stage).await;
    let known = dana.desk().live().counts().clone();

    let (status, said) = door.post("{\"value\": [").await;
    assert!(status == 400 && said.contains("line 1"), "broken JSON: {status} {said}");

    let (status, said) = door.post_as("Bearer not.a.token", "{}").await;
    assert!(matches!(status, 401 | 403) && !said.is_empty(), "a wrong token: {status} {said}");
    let (status, _) = door.post_as("", "{}").await;
    assert_eq!(status, 401, "no token");

    let alien = json!({"changeType": "updated", "resourceUrl": "/communications/calls/c1",
                       "resourceData": {"@odata.type": "#microsoft.graph.chat", "id": "1"}});
    let good = state("57dab8b1-894c-409a-b240-bd8beae78896", "established");
    let (status, _) = door.post(envelope(&[alien, good])).await;
    assert_eq!(status, 202, "one bad item never costs its batch");

    let (status, said) = door.post("x".repeat(5 * 1024 * 1024)).await;
    assert_eq!(status, 413, "5 MB: {said}");

    let many: Vec<Value> = (0..1_000).map(|at| state(&format!("{:032x}", 0xabc_0000 + at), "establishing")).collect();
    let (status, _) = door.post(envelope(&many)).await;
    assert_eq!(status, 202, "a thousand notifications in one POST");

    dana.until(|desk| {
        let counts = desk.live().counts();
        let rejected = |reason| counts.rejected.get(&reason).copied().unwrap_or_default();
        let refused: u64 = counts.refused.values().sum();
        counts.notifications >= known.notifications + 1_001
            && rejected(RejectReason::Syntax) == 1
            && rejected(RejectReason::Type) == 1
            && refused >= 3
    })
    .await;
    let screen = drawn(dana.desk());
    assert!(screen.contains("refused") && screen.contains("2 not understood"), "operators see it:\n{screen}");

    // Everything else still works: a person's action is visible.
    direct(&stage, "Support / Northwind", "Hana Sato", "mute").await;
    dana.until(|desk| person(call(desk, "Support / Northwind"), "Hana Sato").muted).await;
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_full_of_escape_sequences_is_shown_as_text() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let door = Door::of(&stage).await;
    let id = call(dana.desk(), "Support / Acme").id.clone();
    let name = "\u{1b}]52;c;cm0gLXJm\u{7}\u{1b}[2J\u{202e}evil\u{200b}\r\n";
    let joined = json!({"changeType": "updated", "resourceUrl": format!("/communications/calls/{id}/participants"),
        "resourceData": [{"@odata.type": "#microsoft.graph.participant", "id": "0badf00d-0000-4000-8000-000000000001",
            "info": {"identity": {"guest": {"displayName": name, "id": "g"}}}, "isMuted": true, "isInLobby": false}]});
    let (status, _) = door.post(envelope(&[joined])).await;
    assert_eq!(status, 202);
    dana.until(|desk| desk.live().call(&id).unwrap().people.iter().any(|it| &*it.name == name)).await;
    dana.select(id, None);
    let screen = drawn(dana.desk());
    assert!(screen.contains("evil"), "{screen}");
    let harmful = |letter: char| (letter.is_control() && letter != '\n') || matches!(letter, '\u{202e}' | '\u{200b}');
    assert!(!screen.contains(harmful), "{screen:?}");
    stage.shut_down().await;
}

fn drawn(desk: &callboard::desk::Desk) -> String {
    let area = Rect::new(0, 0, 200, 60);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, desk, &Theme::default());
    let rows = (0..area.height).map(|y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>());
    rows.collect::<Vec<_>>().join("\n")
}
