//! `callboard sim --explain` and `--set`: what a person and a program read of the simulator's settings.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

use callboard::sim::SimSettings;
use callboard::sim::settings::{PRESETS, SETTINGS};
use serde_json::{Value, json};

fn sim(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callboard")).arg("sim").args(words).output().unwrap()
}

#[test]
fn every_setting_is_explained_as_text_and_json() {
    let explained = sim(&["--explain"]);
    assert!(explained.status.success());
    let text = String::from_utf8(explained.stdout).unwrap();
    for setting in SETTINGS {
        assert!(text.contains(&format!("\n  {}=", setting.name)), "{} is missing", setting.name);
    }
    for preset in &PRESETS {
        assert!(text.contains(&format!("\n  {}=false\n      {}.", preset.name, preset.title)), "{text}");
    }
    let explained = sim(&["--explain", "--json", "--set", "faultsOn=mute,stopHoldMusic", "--set", "answers503=0.5"]);
    assert!(explained.status.success());
    let told: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let changes = json!({ "faultsOn": ["mute", "stopHoldMusic"], "answers503": 0.5 });
    let set = SimSettings::default().changed(changes.as_object().unwrap()).unwrap();
    assert_eq!(told, json!(set.explained()));
}

#[test]
fn a_wrong_setting_is_refused_with_the_nearest_name() {
    for (set, said) in [
        ("holdAnswr=running", "there is no setting \"holdAnswr\"; the nearest is holdAnswer"),
        ("secondHold=confict", "secondHold cannot be \"confict\": it takes failed | conflict; the nearest is conflict"),
        ("dropNotifications=2", "dropNotifications cannot be 2: it takes 0 to 1"),
        ("holdAnswer", "--set holdAnswer: expected NAME=VALUE"),
    ] {
        let refused = sim(&["--set", set]);
        assert_eq!(refused.status.code(), Some(2), "{set}");
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.contains(said), "{set}: {error}");
    }
}

#[test]
fn a_simulator_beyond_loopback_warns_at_start() {
    // An address that is nobody's here: what listens on it, if anything can, is ended.
    let mut child = Command::new(env!("CARGO_BIN_EXE_callboard"))
        .args(["sim", "--scenario", "empty", "--listen", "192.0.2.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    drop(child.kill());
    child.wait().unwrap();
    assert!(
        said.starts_with("callboard: warning: the simulator listens on 192.0.2.1:0, which other machines can reach"),
        "{said}"
    );
    assert!(said.contains("anyone can know it") && said.contains("127.0.0.1"), "{said}");
}
