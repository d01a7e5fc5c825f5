//! The rows of graph-contract.md, "Operations and their proof", in the user interface, and rules of the
//! keys without another test.

use callboard::desk::{Event, KEYS, KeyBinding, KeyPress, Modal, Risk, offered};
use callboard::floor::{Act, OperationStatus};
use crossterm::event::KeyCode;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, ME, but, person};

fn standing(story: &Story) -> OperationStatus {
    let now = story.history.now();
    story.floor().operations().next_back().unwrap().standing(now)
}

#[test]
fn muting_a_muted_person_is_accepted_without_proof() {
    let mut story = Story::seated();
    story.roster(&json!({"isMuted": true})).selects("Bob").press("m").shows("muted already").press("y").accepted();
    story.roster(&json!({"isMuted": true})).shows("already so").hides("CONFIRMED");
    story.after(10_000).hides("UNCONFIRMED");
    assert_eq!(standing(&story), OperationStatus::AlreadySo);
}

#[test]
fn muting_a_person_who_leaves_first_ends_as_left() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().after(200);
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().shows("LEFT first").hides("CONFIRMED");
}

#[test]
fn an_unmute_after_a_mute_is_shown_with_the_time_between() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().roster(&json!({"isMuted": true})).shows("CONFIRMED").after(13_000);
    story.roster(&json!({"isMuted": false})).shows("Bob unmuted 0:13 after dana's mute").shows("CONFIRMED");
}

#[test]
fn unmute_of_the_application_is_proved_by_its_own_roster_entry() {
    let mut story = Story::seated();
    let me = |story: &mut Story, muted: bool| {
        let me = but(person(ME, "Callboard"), &json!({"isMuted": muted}));
        story.after(200).history.roster(&[me, person(ADA, "Ada"), person(BOB, "Bob")]);
        story.catches_up();
    };
    me(&mut story, true);
    story.press("s").shows("Unmute the application in call 1?").press("y").accepted().hides("CONFIRMED");
    me(&mut story, false);
    story.shows("CONFIRMED");
    assert_eq!(Act::of(&story.sent[0].action), Some(Act::UnmuteSelf));
}

#[test]
fn a_hold_is_proved_by_its_notification_or_a_final_answer() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").accepted().shows("Graph accepted").hides("on hold by");
    story
        .notice("startHoldMusicOperation")
        .shows("CONFIRMED")
        .shows("by Graph's notification")
        .shows("on hold by you, op 1");
    let mut story = Story::seated();
    story.selects("Bob").press("H y").journalled();
    let ticket = story.ticket();
    story
        .answers(&ticket, 202, "startHoldMusicOperation", "completed")
        .shows("CONFIRMED")
        .shows("by Graph's final answer");
    let mut story = Story::seated();
    story.selects("Bob").press("H y").accepted().after(9_000).hides("UNCONFIRMED").after(2_000).shows("UNCONFIRMED");
}

#[test]
fn a_removal_is_proved_by_a_roster_and_a_hang_up_by_the_calls_end() {
    let mut story = Story::seated();
    story
        .selects("Bob")
        .press("X")
        .types("REMOVE")
        .press("Enter")
        .accepted()
        .shows("Graph accepted")
        .hides("CONFIRMED");
    story.after(300).history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().shows("CONFIRMED").shows("by the call's roster");
    let mut story = Story::seated();
    story.press(":").types("hang-up").press("Enter").types("HANG UP").press("Enter").has_sent(1).accepted();
    story.hides("CONFIRMED").after(300).history.call_said("deleted", &json!({"state": "terminated"}));
    story.catches_up().shows("CONFIRMED").shows("ended");
}

#[test]
fn a_late_proof_still_confirms_an_unconfirmed_operation() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").accepted().after(11_000).shows("UNCONFIRMED, ctrl-r re-reads the call");
    story.notice("startHoldMusicOperation").shows("CONFIRMED").hides("UNCONFIRMED");
}

#[test]
fn enter_and_the_acts_key_never_confirm() {
    for (key, question) in [("m", "Mute Bob?"), ("H", "Put Bob on hold?"), ("s", "Mute the application in call 1?")] {
        let mut story = Story::seated();
        story.selects("Bob").press(&format!("{key} Enter {key} {key}")).has_sent(0).hides(question);
        assert!(matches!(story.desk.modal(), Modal::None), "{key} closes its own confirm");
        story.press(key).shows(question).press("y").has_sent(1);
    }
}

#[test]
fn a_disabled_key_says_why() {
    let mut story = Story::seated();
    story.selects("Bob");
    let off: Vec<&KeyBinding> = KEYS.iter().filter(|it| offered(&story.desk, it.command).is_err()).collect();
    assert!(off.len() > 3);
    for key in off {
        let why = offered(&story.desk, key.command).unwrap_err().to_string();
        let Some(press) = key.press.first() else { continue };
        story.press("Esc 2").press(&press.to_string()).shows(&why.chars().take(40).collect::<String>()).has_sent(0);
    }
}

/// Letters beside each other on the usual keyboard.
const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

#[test]
fn irreversible_keys_are_not_beside_movement_keys() {
    let letter = |press: &KeyPress| match press.code {
        KeyCode::Char(letter) if !press.ctrl => Some(letter),
        _ => None,
    };
    let moves = ["down", "up", "first", "last"];
    let moving: Vec<char> =
        KEYS.iter().filter(|it| moves.contains(&it.name)).flat_map(|it| it.press.iter().filter_map(letter)).collect();
    assert!(moving.contains(&'j') && moving.contains(&'k'));
    for key in KEYS.iter().filter(|it| it.risk == Risk::Destructive) {
        for press in key.press.iter().filter_map(letter) {
            assert!(press.is_ascii_uppercase(), "{press} needs no Shift");
            for row in ROWS {
                let Some(at) = row.find(press.to_ascii_lowercase()) else { continue };
                let beside =
                    [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|it| row.chars().nth(it));
                for near in beside {
                    assert!(!moving.contains(&near), "{press} is beside {near}");
                }
            }
        }
    }
}

#[test]
fn escape_closes_every_modal_and_never_quits() {
    let mut story = Story::seated();
    for keys in ["?", "? /", ":", "1 /", "Enter", "2 m", "X", "w", "i", "3"] {
        story.press("Esc Esc 2").press(keys).press("Esc Esc");
        assert_eq!(*story.desk.modal(), Modal::None, "{keys}");
    }
    assert!(!story.effects.contains(&callboard::desk::Effect::Quit));
    story.has_sent(0).happens(Event::Ticked);
}
