//! Simulator, relay and desks over real sockets: acts with proof, both forms of answers, and a lost connection.

use callboard::console::HeadlessDesk;
use callboard::demo::RunningDemo;
use callboard::desk::{Modal, PendingState, RowId};
use callboard::floor::{Act, HoldSource, Operation, OperationStatus, ProofSource};
use callboard::sim::SimSettings;
use callboard::sim::settings::HoldAnswer;
use callboard::time::Millis;
use crossterm::event::{KeyCode, KeyEvent};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::harness::{Line, call, direct, person, reopening_day, seated, webhook_authorization};

pub(crate) const ACME: &str = "Support / Acme";

/// Requests an act on a person, confirms it, and waits for its outcome.
pub(crate) async fn done(desk: &mut HeadlessDesk, act: Act, place: &str, name: Option<&str>) -> Operation {
    let there = call(desk.desk(), place);
    let who = name.map(|name| callboard::desk::ParticipantRef::Person(person(there, name).id.clone()));
    let id = there.id.clone();
    desk.select(id, who);
    desk.ask(act);
    assert!(matches!(desk.desk().modal(), Modal::Confirm(_)), "{:?}", desk.desk().message());
    // Faster keys would count as a paste and leave the confirm open.
    while matches!(desk.desk().modal(), Modal::Confirm(_)) {
        desk.press(KeyEvent::from(KeyCode::Char('y')));
    }
    let mut proved = None;
    desk.until(|desk| {
        let newest = desk.live().operations().rev().find(|it| it.act == act && &*it.by == "dana");
        proved = newest.filter(|it| !it.standing(desk.now()).is_in_progress()).cloned();
        proved.is_some()
    })
    .await;
    proved.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_and_the_applications_own_mute_are_proved_with_both_latencies() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let mute = done(&mut dana, Act::Mute, ACME, Some("Ada Byrne")).await;
    assert_eq!(mute.outcome, callboard::floor::OperationOutcome::Confirmed);
    assert_eq!(mute.proof.as_ref().unwrap().evidence, ProofSource::RosterServerMuted);
    let (accepted, proved) = (mute.accept_latency().unwrap(), mute.proof_latency().unwrap());
    assert!(Millis(0) < accepted && accepted <= proved, "{accepted:?} {proved:?}");
    for act in [Act::MuteSelf, Act::UnmuteSelf] {
        let own = done(&mut dana, act, ACME, None).await;
        assert_eq!(own.standing(own.deadline), OperationStatus::Confirmed, "{act}");
        assert_eq!(own.participant, None);
    }
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_proved_in_both_answer_forms() {
    for (hold_answer, evidence) in
        [(HoldAnswer::Running, ProofSource::Notice), (HoldAnswer::Completed, ProofSource::Answer)]
    {
        let stage = reopening_day(1.0, SimSettings { hold_answer, ..SimSettings::default() }).await;
        let mut dana = seated(&stage, "dana").await;
        let hold = person(call(dana.desk(), ACME), "Bob Okafor").hold.clone().unwrap();
        assert!(matches!(hold.source, HoldSource::Ours { ref by, .. } if &**by == "dana"), "{hold:?}");
        let release = done(&mut dana, Act::Release, ACME, Some("Bob Okafor")).await;
        assert_eq!(release.proof.as_ref().unwrap().evidence, evidence);
        assert_eq!(person(call(dana.desk(), ACME), "Bob Okafor").hold, None);
        stage.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_in_a_one_to_one_call_is_refused_by_the_desk_and_by_the_simulator() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let joy = call(dana.desk(), "Callback / Joy Park").id.clone();
    dana.select(joy.clone(), None);
    dana.ask(Act::MuteSelf);
    let RowId::Pending(serial) = dana.desk().ledger().next().unwrap().id() else { panic!("a slip, without number") };
    let refused = &dana.desk().pending_act(serial).unwrap().state;
    assert!(matches!(refused, PendingState::Refused(why) if why.contains("group calls only")), "{refused:?}");

    let answer = gate(&stage, reqwest::Method::POST, &format!("{joy}/mute"), Some(json!({"clientContext": "c"}))).await;
    assert!(answer.status().is_client_error(), "Graph's own refusal: {}", answer.status());
    dana.until(|desk| desk.live().operations().any(|it| it.call == joy && it.reason().is_some())).await;
    stage.shut_down().await;
}

/// A request through the gate, as dana.
async fn gate(stage: &RunningDemo, method: reqwest::Method, path: &str, body: Option<Value>) -> reqwest::Response {
    let token = stage.relay_access("dana").unwrap().token;
    let request = reqwest::Client::new()
        .request(method, format!("{}/communications/calls/{path}", stage.relay.ready().gate))
        .bearer_auth(token.expose_secret());
    match body {
        Some(body) => request.json(&body),
        None => request,
    }
    .send()
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applications_mute_is_exactly_as_documented() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let id = call(dana.desk(), ACME).id.clone();
    let body = json!({"clientContext": "clientContext-value"});
    let answer = gate(&stage, reqwest::Method::POST, &format!("{id}/mute"), Some(body)).await;
    assert_eq!(answer.status(), 200);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let said: Value = answer.json().await.unwrap();
    assert_eq!(said["@odata.type"], "#microsoft.graph.muteParticipantOperation");
    assert_eq!((&said["status"], &said["clientContext"]), (&json!("completed"), &json!("clientContext-value")));
    assert!(location.ends_with(&format!("/communications/calls/{id}/operations/{}", said["id"].as_str().unwrap())));
    let me = call(dana.desk(), ACME).my_participant.clone().unwrap();
    dana.until(|desk| {
        let here = desk.live().call(&id).unwrap();
        let operation = desk.live().operations().next_back().unwrap();
        here.people[&me].muted && &*operation.ticket.0 == "clientContext-value" && operation.proof.is_some()
    })
    .await;
    let long = json!({"clientContext": "x".repeat(257)});
    let refused = gate(&stage, reqwest::Method::POST, &format!("{id}/mute"), Some(long)).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("256"));
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnected_board_equals_an_uninterrupted_one() {
    let stage = reopening_day(20.0, SimSettings::default()).await;
    let mut stayed = seated(&stage, "lee").await;
    let line = Line::to(&stage.relay_access("dana").unwrap().url).await;
    let mut left = line.desk(&stage, "dana");
    left.until(|desk| desk.link().is_live()).await;
    line.cut();
    left.until(|desk| !desk.link().is_live()).await;
    let (head, at) = (left.desk().live().head(), left.desk().live().at());
    assert!(left.desk().link().stale(left.desk().now()).is_some(), "the board says that it is old");
    // The floor continues for much more than ten seconds while the connection is cut.
    stayed.until(|desk| desk.live().at().since(at) > Millis::seconds(120) && desk.live().head().0 > head.0 + 20).await;
    assert_eq!(left.desk().live().head(), head, "nothing came through the cut");
    line.mend();
    left.until(|desk| desk.link().is_live()).await;
    // The world is stopped, so that both can be compared at the same cursor.
    stage.clock.set_speed(0.0);
    stage.sim.settle().await;
    let head = |desk: &HeadlessDesk| desk.desk().live().head();
    while head(&stayed) != head(&left) {
        let goal = head(&stayed).max(head(&left));
        left.until(|desk| desk.live().head() >= goal).await;
        stayed.until(|desk| desk.live().head() >= goal).await;
    }
    let board = |desk: &HeadlessDesk| serde_json::to_string(desk.desk().live()).unwrap();
    assert!(board(&left) == board(&stayed), "the boards differ");
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_one_person_roster_removes_nobody() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let authorization = webhook_authorization(&stage).await;
    let there = call(dana.desk(), ACME);
    let (id, bob, before) = (there.id.clone(), person(there, "Bob Okafor").id.clone(), there.present().count());
    let body = json!({"@odata.type": "#microsoft.graph.commsNotifications", "value": [{
        "@odata.type": "#microsoft.graph.commsNotification", "changeType": "updated",
        "resourceUrl": format!("/communications/calls/{id}/participants"),
        "resourceData": [{
            "@odata.type": "#microsoft.graph.participant", "id": bob,
            "info": {"identity": {"user": {"displayName": "Bob", "id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96"}},
                     "region": "westus", "languageId": "en-US"},
            "mediaStreams": [{"mediaType": "audio", "label": "main-audio", "sourceId": "1", "direction": "sendReceive"}],
            "isMuted": true, "isInLobby": false,
        }],
    }]});
    let posted = reqwest::Client::new()
        .post(&stage.relay.ready().intake)
        .header("authorization", authorization)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), 202);
    dana.until(|desk| {
        desk.live()
            .event_log()
            .any(|line| line.participant.as_ref() == Some(&bob) && line.what.to_string() == "is muted")
    })
    .await;
    dana.until(|desk| desk.live().call(&id).unwrap().doubt.is_none()).await;
    assert_eq!(dana.desk().live().call(&id).unwrap().present().count(), before, "and Graph was asked who is there");
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_read_reaches_every_board() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let mut lee = seated(&stage, "lee").await;
    // From here on no webhook arrives.
    let nowhere = url::Url::parse("http://127.0.0.1:9/").unwrap();
    stage.sim.set_callback(nowhere);
    direct(&stage, "Support / Northwind", "Hana Sato", "mute").await;
    let id = call(dana.desk(), "Support / Northwind").id.clone();
    dana.select(id, None);
    dana.press(KeyEvent::new(KeyCode::Char('r'), crossterm::event::KeyModifiers::CONTROL));
    lee.until(|desk| person(call(desk, "Support / Northwind"), "Hana Sato").muted).await;
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_board_selects_the_worst_wait() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut late = stage.connect_desk("dana").unwrap().unwrap();
    late.until(|desk| desk.link().is_live()).await;
    assert_eq!(late.desk().call().map(callboard::floor::FloorCall::title).as_deref(), Some(ACME));
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supervisors_acts_in_the_prelude_are_answered() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let dana = seated(&stage, "dana").await;
    let before: Vec<&Operation> = dana.desk().live().operations().collect();
    assert_eq!(before.iter().map(|it| &*it.by).collect::<Vec<_>>(), ["dana", "lee", "lee"]);
    for operation in before {
        assert_eq!(operation.standing(dana.desk().now()), OperationStatus::Confirmed, "{operation:?}");
        assert_eq!(operation.accept_latency(), Some(Millis(0)), "floor time stands still while an act is under way");
    }
    stage.shut_down().await;
}
