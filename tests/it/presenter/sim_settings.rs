//! Tests of the settings panel with the simulator: keys change each kind of setting.

use callboard::console::HeadlessDesk;
use callboard::demo::RunningDemo;
use callboard::desk::{Desk, DeskSetup, Modal};
use callboard::screen::{Theme, draw};
use callboard::sim::SimSettings;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::desk_driver::key;
use crate::support::harness::reopening_day;

/// What the simulator itself says at a path of its control API.
async fn said(stage: &RunningDemo, path: &str) -> Value {
    let ready = stage.sim.ready();
    let asked = reqwest::Client::new().get(format!("{}/{path}", ready.control));
    asked.bearer_auth(ready.control_token.expose_secret()).send().await.unwrap().json().await.unwrap()
}

fn selected(desk: &Desk) -> String {
    let Modal::SimSettings(panel) = desk.modal() else { panic!("the panel is closed") };
    desk.control().unwrap().selected(panel).unwrap().name.clone()
}

/// Goes to a setting and presses keys there.
fn press_at(desk: &mut HeadlessDesk, name: &str, keys: &str) {
    desk.press(key("g"));
    for _ in 0..desk.desk().control().unwrap().settings().len() {
        if selected(desk.desk()) == name {
            break;
        }
        desk.press(key("j"));
    }
    assert_eq!(selected(desk.desk()), name);
    for pressed in keys.split(' ') {
        desk.press(key(pressed));
    }
}

fn screen(desk: &Desk) -> String {
    let mut terminal = Terminal::new(TestBackend::new(150, 40)).unwrap();
    terminal.draw(|frame| draw(frame, desk, &Theme::mono())).unwrap();
    terminal.backend().to_string()
}

/// Waits until nothing that was pressed is under way, and the simulator has this at a path.
async fn has(stage: &RunningDemo, desk: &mut HeadlessDesk, (path, member): (&str, &str), wanted: Value) {
    let waits = async {
        while said(stage, path).await[member] != wanted {
            let mut looks = 0;
            desk.until(|_| std::mem::replace(&mut looks, 1) == 1).await;
        }
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_mins(1), waits).await;
    assert!(in_time.is_ok(), "{member} is not {wanted}: {}\n{}", said(stage, path).await, screen(desk.desk()));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_every_kind_of_simulator_setting() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let seat = stage.relay_access("dana").unwrap();
    let mut desk =
        HeadlessDesk::connect_with_control(seat, Some(stage.control()), stage.clock.clone(), DeskSetup::default())
            .unwrap();
    desk.until(|desk| desk.link().is_live() && desk.control().unwrap().settings().len() > 60).await;
    desk.press(key("F"));
    press_at(&mut desk, "holdAnswer", "l");
    has(&stage, &mut desk, ("faults", "holdAnswer"), json!("completed")).await;
    press_at(&mut desk, "token503", "l");
    has(&stage, &mut desk, ("faults", "token503"), json!(0.01)).await;
    press_at(&mut desk, "slowAnswersMs", "l");
    has(&stage, &mut desk, ("faults", "slowAnswersMs"), json!(5_000)).await;
    press_at(&mut desk, "faultsOn", "l Space");
    has(&stage, &mut desk, ("faults", "faultsOn"), json!(["create"])).await;
    desk.press(key("l"));
    desk.press(key("Space"));
    has(&stage, &mut desk, ("faults", "faultsOn"), json!(["create", "getCall"])).await;
    assert!(screen(desk.desk()).contains("getCall is in (word 3 of"), "{}", screen(desk.desk()));
    desk.until(|desk| desk.control().unwrap().faults_on() == 4).await;

    let before = said(&stage, "keys").await;
    press_at(&mut desk, "rollKeys", "Enter");
    desk.until(|desk| desk.control().unwrap().settings().iter().any(|it| it.value == "2 published")).await;
    let rolled = said(&stage, "keys").await;
    assert_eq!(rolled["published"][0], before["signs"]);
    assert_ne!(rolled["signs"], before["signs"]);
    press_at(&mut desk, "dropOldKeys", "Enter");
    desk.until(|desk| desk.control().unwrap().settings().iter().any(|it| it.value == "1 published")).await;
    assert_eq!(said(&stage, "keys").await["published"], json!([rolled["signs"]]));

    desk.press(key("Esc"));
    assert!(screen(desk.desk()).contains("4 faults set"), "{}", screen(desk.desk()));
    desk.press(key("F"));
    press_at(&mut desk, "holdAnswer", "0");
    has(&stage, &mut desk, ("faults", "holdAnswer"), json!("running")).await;
    desk.until(|desk| desk.control().unwrap().faults_on() == 3).await;
    stage.shut_down().await;
}
