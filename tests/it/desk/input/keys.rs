//! Tests of the key table: unique keys, disabled keys, and the guide's table.

use std::collections::BTreeSet;

use callboard::desk::{
    Column, Command, ControlRequest, Denied, Effect, FilterVocabulary, KEYS, KeyBinding, Keymap, Modal, ModalKind,
    Pane, QuestionKind, Risk, keys_markdown, offered,
};
use serde_json::json;

use crate::support::desk_driver::{Story, key};

#[test]
fn no_key_has_two_meanings_in_a_pane() {
    for pane in Pane::ALL {
        let mut seen = BTreeSet::new();
        for key in KEYS.iter().filter(|it| it.works_in(pane)) {
            for press in key.press {
                assert!(seen.insert(press.to_string()), "{press} twice in {}", pane.name());
            }
        }
    }
}

#[test]
fn no_key_has_two_meanings_in_a_modal() {
    for kind in ModalKind::ALL {
        let mut seen = BTreeSet::new();
        for (key, _) in KeyBinding::of_modal(kind) {
            for press in key.press {
                assert!(seen.insert(press.to_string()), "{press} twice in {}", kind.name());
            }
        }
    }
}

/// The presses that open each modal over a call in which Bob is on hold.
const OPENED: [(&str, ModalKind); 12] = [
    ("?", ModalKind::Help),
    ("? /", ModalKind::ListSearch),
    ("/", ModalKind::Filter),
    (":", ModalKind::Palette),
    ("2 g m", ModalKind::Question),
    ("2 g X", ModalKind::TypedQuestion),
    ("1 d", ModalKind::Details),
    ("3 g Enter", ModalKind::OperationDetails),
    ("1 i", ModalKind::Evidence),
    ("S", ModalKind::Timeline),
    ("V", ModalKind::LastHour),
    ("F", ModalKind::SimSettings),
];

fn opened(presses: &str) -> Story {
    let mut story = Story::on_stage(false);
    story.bob_held().press(presses);
    story
}

#[test]
fn every_modals_footer_agrees_with_the_key_table_and_esc_closes_it() {
    for (presses, kind) in OPENED {
        let mut story = opened(presses);
        assert_eq!(story.desk.modal().kind(), Some(kind), "{presses}: {:?}", story.desk.message());
        let screen = story.screen(200, 40);
        let footer = screen.lines().last().unwrap().to_owned();
        let acts = kind == ModalKind::Timeline;
        assert!(footer.contains("mute") == acts && !footer.contains("filter"), "{}: {footer}", kind.name());
        let is_question = matches!(kind, ModalKind::Question | ModalKind::TypedQuestion);
        if is_question {
            assert!(footer.trim_matches(['"', ' ']).is_empty(), "a question has its keys itself: {footer}");
            let own = if kind == ModalKind::Question {
                [" y   mute ", "any other key closes this and sends nothing"]
            } else {
                [", then Enter: ", "Esc cancels"]
            };
            assert!(own.iter().all(|it| screen.contains(it)), "{screen}");
        }
        for (binding, words) in KeyBinding::of_modal(kind) {
            let press = Keymap::default().first_in(kind, binding);
            let meant = Keymap::default().find_in(kind, key(&press)).map(|it| it.name);
            assert_eq!(meant, Some(binding.name), "{press} in {}", kind.name());
            let shown = footer.contains(&format!(" {press} {words} "));
            let works = story.desk.has_effect(binding.command);
            assert!(is_question || words.is_empty() || shown == works, "{press} {words} in {}: {footer}", kind.name());
            // A letter closes the confirm of one person, which the arrow keys scroll.
            if matches!(binding.command, Command::Move(_)) && kind != ModalKind::Question {
                story.press(&press);
                assert_eq!(story.desk.modal().kind(), Some(kind), "{press} closes {}", kind.name());
            }
        }
        story.press("Esc");
        if kind == ModalKind::ListSearch {
            assert_eq!(story.desk.modal().kind(), Some(ModalKind::Help), "Esc ends the search first");
            story.press("Esc");
        }
        assert!(matches!(story.desk.modal(), Modal::None), "Esc leaves {} open", kind.name());
    }
}

#[test]
fn a_key_with_ctrl_is_another_key() {
    for (presses, asked) in [("q", QuestionKind::Quit), ("B", QuestionKind::Restart)] {
        let mut story = Story::on_stage(false);
        story.selects("Bob").press("m y").press(presses);
        assert!(matches!(story.desk.modal(), Modal::Question(it) if it.kind() == asked));
        story.effects.clear();
        story.press("ctrl-y");
        let wanted = |it: &Effect| matches!(it, Effect::Quit | Effect::AskSimulator(ControlRequest::Restart));
        assert!(!story.effects.iter().any(wanted), "{:?}", story.effects);
        story.press(presses).press("y");
        assert!(story.effects.iter().any(wanted), "{:?}", story.effects);
    }
}

#[test]
fn keys_of_a_modal_can_be_remapped() {
    let map = Keymap::with([("zoom", vec!["x".to_owned()])]).unwrap();
    let meant = |name| map.find_in(ModalKind::Timeline, key(name)).map(|it| it.name);
    assert_eq!((meant("x"), meant("z")), (Some("zoom"), None));
    let error = Keymap::with([("zoom", vec!["j".to_owned()])]).unwrap_err().to_string();
    assert!(error.contains("j would mean both"), "{error}");
    let error = Keymap::with([("zoom", vec!["m".to_owned()])]).unwrap_err().to_string();
    assert!(error.contains("m would mean both"), "{error}");
}

#[test]
fn read_only_blocks_every_live_key_that_is_otherwise_offered() {
    let mut offered_once = BTreeSet::new();
    let mut held = Story::seated();
    held.bob_held();
    let mut free = Story::seated();
    free.selects("Bob");
    for story in [&mut held, &mut free] {
        let live: Vec<&KeyBinding> = KEYS.iter().filter(|it| it.risk > Risk::Safe).collect();
        for key in &live {
            if offered(&story.desk, key.command).is_ok() {
                offered_once.insert(key.name);
            }
        }
        story.press("W");
        for key in live {
            let reason = offered(&story.desk, key.command).expect_err(key.name);
            assert_eq!(reason, Denied::ReadOnly("W".to_owned()), "{}", key.name);
        }
    }
    assert_eq!(
        offered_once.into_iter().collect::<Vec<_>>(),
        ["force", "hang-up", "hold", "mute", "mute-self", "release", "remove", "retry", "undo"]
    );
}

#[test]
fn keys_are_found_in_the_contexts_where_they_work() {
    assert!(Keymap::default().find(Pane::Participants, key("m")).is_some());
    assert!(Keymap::default().find(Pane::Calls, key("m")).is_none(), "acts need the pane of people");
    assert!(Keymap::default().find(Pane::Calls, key("ctrl-m")).is_none());
    let mut story = Story::seated();
    story.press("1 m").has_sent(0).shows("mute works in the People pane");
    story.roster(&json!({})).press("2 m").shows("Mute Ada?").shows("nothing is sent yet");
}

#[test]
fn the_guide_lists_every_column_and_filter_word() {
    let page = include_str!("../../../../assets/guide/keys.md");
    for pane in Pane::TABLES {
        let columns: Vec<_> = Column::of(pane).map(|it| it.name).collect();
        let row =
            format!("| {} | `{}` | `{}` |\n", pane.name(), columns.join(", "), FilterVocabulary::of(pane).words());
        assert!(page.contains(&row), "keys.md has not this row:\n{row}");
    }
}

#[test]
fn the_guide_contains_the_key_table() {
    let table = keys_markdown();
    assert_eq!(table.lines().count(), KEYS.len() + 2);
    assert!(table.contains("| Act | `m` | People | Mute the participant. One-way: only they can unmute. |"));
    let page = include_str!("../../../../assets/guide/keys.md");
    assert!(page.contains(&table), "the table of keys in keys.md is not the key table's:\n{table}");
}

#[test]
fn a_palette_that_knows_no_such_command_names_the_nearest() {
    let mut story = Story::seated();
    story.press(":").types("relaese").press("Enter");
    story.shows("there is no command \"relaese\"; the nearest is \"release\"");
}

#[test]
fn the_help_over_details_closes_to_the_details() {
    let mut story = opened("3 g Enter");
    let details = story.desk.modal().clone();
    story.press("? /").types("mute").press("Enter");
    assert_eq!(story.desk.modal().kind(), Some(ModalKind::Help));
    story.press("Esc");
    assert_eq!(*story.desk.modal(), details);
}

#[test]
fn the_question_to_quit_knows_when_the_proof_has_come() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").accepted().press("q").shows("One of your operations has no proof yet");
    story.notice("startHoldMusicOperation").shows("All your operations have an outcome");
    story.hides("has no proof yet");
}

#[test]
fn enter_goes_into_a_call_and_left_goes_back() {
    let mut story = Story::seated();
    for into in ["Enter", "l", "Right"] {
        for out in ["h", "Left", "Esc"] {
            story.press("1").press(into);
            assert_eq!(story.desk.pane(), Pane::Participants, "{into}");
            story.press(out);
            assert_eq!(story.desk.pane(), Pane::Calls, "{out}");
        }
    }
    story.press("h").shows("nothing to go back from here; 1 goes to the calls");
    story.press("Esc");
    assert_eq!(
        (story.desk.pane(), story.desk.message()),
        (Pane::Calls, None),
        "Esc does nothing at the end of the way"
    );
}

#[test]
fn from_waiting_enter_goes_to_that_person() {
    let mut story = Story::seated();
    story.bob_held().selects("Ada").press("1 w Enter");
    assert_eq!(story.desk.pane(), Pane::Participants);
    assert_eq!(story.desk.person().unwrap().name.to_string(), "Bob");
    story.press("Enter");
    assert_eq!(story.desk.modal().kind(), Some(ModalKind::Details), "on a person it shows the details");
}

#[test]
fn esc_on_the_board_clears_the_filter_first() {
    let mut story = Story::seated();
    story.press("2 /").types("ada").press("Enter Esc").shows("filter cleared: ada");
    assert_eq!((story.desk.pane(), story.desk.filter(Pane::Participants)), (Pane::Participants, None));
    story.press("Esc");
    assert_eq!(story.desk.pane(), Pane::Calls);
}

#[test]
fn a_number_goes_to_a_call_and_op_to_an_operation() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").accepted().press("2 :").types("1").shows("Go to a call").press("Enter");
    assert_eq!((story.desk.pane(), story.desk.call().unwrap().number.0), (Pane::Calls, 1));
    story.press(":").types("9").press("Enter").shows("there is no call 9; the numbers are 1").press("Esc");
    story.press(":").types("op 1").press("Enter");
    assert_eq!(story.desk.pane(), Pane::Operations);
    story.press(":").types("op 12").press("Enter").shows("there is no operation 12; the numbers are 1").press("Esc");
    story.press(":").types("op").press("Enter").shows("which operation? type its number: 1");
}

#[test]
fn a_key_without_a_meaning_says_so() {
    let mut story = Story::seated();
    for (press, said) in [
        ("t", "t is not a command here; ? shows the keys"),
        ("F5", "F5 is not a command here; ? shows the keys"),
        ("\u{44c}", "\u{44c}: the keys are Latin letters; :keys says how to use others"),
    ] {
        story.press(press).shows(said).has_sent(0);
    }
    story.press(":").types("keys").press("Enter").shows("callboard guide settings explains it");
    story.press("F1");
    assert_eq!(story.desk.modal().kind(), Some(ModalKind::Help));
}

#[test]
fn re_read_without_a_line_connects_again_now() {
    let mut story = Story::seated();
    story.press("ctrl-r");
    assert!(!story.effects.contains(&Effect::Reconnect), "the line is up");
    story.line_breaks("gone").press("ctrl-r").shows("connecting to the relay now").shows("ctrl-r try now");
    assert!(story.effects.contains(&Effect::Reconnect));
}

#[test]
fn the_filter_of_before_is_replaced_edited_or_restored() {
    let mut story = Story::seated();
    let text = |story: &Story| story.desk.filter(Pane::Participants).map(|it| it.text().to_owned());
    story.press("2 /").types("ada").press("Enter");
    story.press("/").shows("typing replaces it, an arrow key edits it").types("b");
    assert_eq!(text(&story).as_deref(), Some("b"));
    story.press("Esc").shows("filter: ada");
    assert_eq!(text(&story).as_deref(), Some("ada"), "Esc restores the filter of before");
    story.press("/ Left").types("x").press("Enter");
    assert_eq!(text(&story).as_deref(), Some("adxa"));
    story.press("/ Backspace Enter").shows("no filter");
    assert_eq!(text(&story), None);
}
