//! Tests of the table of settings: it agrees with the struct, its rows are valid, and an error names the nearest word.

use serde_json::{Value, json};

use super::*;

fn changed(changes: &Value) -> Result<SimSettings, SettingError> {
    SimSettings::default().changed(changes.as_object().unwrap())
}

#[test]
fn the_table_and_the_struct_have_the_same_names() {
    let written = json!(SimSettings::default());
    let mut members: Vec<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
    let mut names: Vec<&str> = SETTINGS.iter().map(|it| it.name).collect();
    members.sort_unstable();
    names.sort_unstable();
    assert_eq!(members, names);
    names.dedup();
    assert_eq!(names.len(), SETTINGS.len());
}

#[test]
fn each_row_allows_its_default_and_its_bounds_only() {
    for row in SimSettings::default().explained() {
        let takes = |value: Value| changed(&json!({ row.name: value }));
        assert_eq!(takes(row.default.clone()), Ok(SimSettings::default()), "{}", row.name);
        assert!(row.help.ends_with('.') && row.help.len() > 20, "{}: {}", row.name, row.help);
        match SETTINGS.iter().find(|it| it.name == row.name).unwrap().kind {
            SettingKind::Choice(words) => {
                assert!(words.len() > 1, "{}", row.name);
                for word in words {
                    assert_eq!(json!(takes(json!(word)).unwrap())[row.name], *word);
                }
            }
            SettingKind::Number { least, most, .. } => {
                for (number, fits) in [(least, true), (most, true), (least - 1, false), (most + 1, false)] {
                    assert_eq!(takes(json!(number)).is_ok(), fits, "{} {number}", row.name);
                }
                assert!(takes(json!("7")).is_err());
            }
            SettingKind::Share => {
                for (share, fits) in [(0.0, true), (1.0, true), (-0.1, false), (1.1, false)] {
                    assert_eq!(takes(json!(share)).is_ok(), fits, "{} {share}", row.name);
                }
            }
            SettingKind::List { .. } => {
                let texts = ["startHoldMusic", "mute"];
                for given in [json!(texts), json!("startHoldMusic, mute")] {
                    assert_eq!(json!(takes(given).unwrap())[row.name], json!(texts));
                }
                assert!(takes(json!(7)).is_err());
            }
        }
    }
}

#[test]
fn an_error_names_the_nearest_word() {
    let cases = [
        (json!({ "holdAnswr": "running" }), "there is no setting \"holdAnswr\"; the nearest is holdAnswer"),
        (json!({ "DROPNOTIFICATIONS": 1 }), "the nearest is dropNotifications"),
        (
            json!({ "holdAnswer": "complete" }),
            "holdAnswer cannot be \"complete\": it takes running | completed; the nearest is completed",
        ),
        (json!({ "faultsOn": "mute,startHold" }), "; the nearest is startHoldMusic"),
        (json!({ "answers503": 2 }), "answers503 cannot be 2: it takes 0 to 1"),
        (json!({ "redeliveries": 11 }), "redeliveries cannot be 11: it takes 0 to 10 times"),
    ];
    for (changes, said) in cases {
        let error = changed(&changes).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let both = json!({ "holdAnswer": "completed", "secondHold": "?" });
    assert!(changed(&both).is_err(), "a change applies completely or not at all");
}

#[test]
fn an_explained_setting_has_the_documented_members() {
    let set = SimSettings { drop_notifications: 0.5, ..SimSettings::default() };
    let explained = json!(set.explained());
    let row = |name: &str| explained.as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap();
    assert_eq!(
        row("dropNotifications"),
        json!({ "name": "dropNotifications", "value": 0.5, "default": 0.0, "kind": "share", "evidence": "I",
                "group": "fault", "help": "The share of notifications that never leave." })
    );
    assert_eq!(row("secondHold")["choices"], json!(["failed", "conflict"]));
    let number = row("batchNotifications");
    assert_eq!(
        (&number["kind"], &number["least"], &number["most"], &number["unit"], &number["group"]),
        (&json!("number"), &json!(1), &json!(100), &json!("notifications"), &json!("wire"))
    );
    assert_eq!((&row("faultsOn")["kind"], &row("faultsOn")["value"]), (&json!("list"), &json!(["*"])));
    assert_eq!(row("holdAnswer")["group"], "open");
}

#[test]
fn a_preset_sets_its_settings_and_puts_back_only_those() {
    let all = |on: bool| json!({ "mutesFail": on, "lateNotifications": on, "cutLine": on });
    let set = changed(&json!({ "cutLine": true, "holdAnswer": "completed" })).unwrap();
    assert_eq!((set.cut_before, set.drop_notifications, set.hold_answer), (1.0, 1.0, HoldAnswer::Completed));
    let on: Vec<&str> = set.explained_presets().iter().filter(|it| it.value).map(|it| it.name).collect();
    assert_eq!(on, ["cutLine"]);
    let off = set.changed(json!({ "cutLine": "false" }).as_object().unwrap()).unwrap();
    assert_eq!(off, SimSettings { hold_answer: HoldAnswer::Completed, ..SimSettings::default() });
    let many = changed(&all(true)).unwrap();
    assert_eq!((many.faults_on.as_slice(), many.answers_403), (["mute".to_owned()].as_slice(), 1.0));
    assert_eq!(many.changed(all(false).as_object().unwrap()).unwrap(), SimSettings::default());
    // What is given by name wins over a preset of the same change.
    assert_eq!(
        changed(&json!({ "lateNotifications": true, "notificationDelayMs": 7 })).unwrap().notification_delay_ms,
        7
    );
    for preset in &PRESETS {
        let on = changed(&json!({ preset.name: true })).unwrap();
        assert_ne!(on, SimSettings::default(), "{}", preset.name);
        assert_eq!(on.changed(json!({ preset.name: false }).as_object().unwrap()).unwrap(), SimSettings::default());
        assert!(SETTINGS.iter().all(|it| it.name != preset.name), "{} is a setting too", preset.name);
    }
    let error = changed(&json!({ "cutLine": 1 })).unwrap_err().to_string();
    assert_eq!(error, "cutLine cannot be 1: it takes true | false");
    assert!(
        changed(&json!({ "cutlin": true }))
            .unwrap_err()
            .to_string()
            .ends_with("(callboard sim --explain lists them all)")
    );
}

#[test]
fn a_change_that_is_taken_back_leaves_later_changes() {
    let before = changed(&json!({ "redeliveries": 3 })).unwrap();
    let after = before.changed(json!({ "dropNotifications": 1, "redeliveries": 5 }).as_object().unwrap()).unwrap();
    let change = SettingsChange::new(before.clone(), after.clone());
    assert_eq!(change.taken_back(&after), before);
    let later = after.changed(json!({ "redeliveries": 7, "mostCalls": 9 }).as_object().unwrap()).unwrap();
    let back = change.taken_back(&later);
    assert_eq!((back.drop_notifications, back.redeliveries, back.most_calls), (0.0, 7, 9));
}
