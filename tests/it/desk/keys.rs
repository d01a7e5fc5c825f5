//! The key table: no key twice, every live key off when it should be, and the guide's table current.

use std::collections::BTreeSet;

use callboard::desk::{Column, Denied, FilterVocabulary, KEYS, KeyBinding, Keymap, Pane, Risk, keys_markdown, offered};
use serde_json::json;

use crate::support::desk_driver::{Story, key};

#[test]
fn no_key_means_two_things_in_a_pane() {
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
            assert_eq!(reason, Denied::ReadOnly, "{}", key.name);
        }
    }
    assert_eq!(
        offered_once.into_iter().collect::<Vec<_>>(),
        ["force", "hang-up", "hold", "mute", "mute-self", "release", "remove", "retry", "undo"]
    );
}

#[test]
fn keys_are_found_where_they_work() {
    assert!(Keymap::default().find(Pane::Participants, key("m")).is_some());
    assert!(Keymap::default().find(Pane::Calls, key("m")).is_none(), "acts need the pane of people");
    assert!(Keymap::default().find(Pane::Calls, key("ctrl-m")).is_none());
    let mut story = Story::seated();
    story.press("1 m").has_sent(0).shows("mute works in the Participants pane");
    story.roster(&json!({})).press("2 m").shows("Confirm");
}

#[test]
fn the_guide_names_every_column_and_every_word_of_a_filter() {
    let page = include_str!("../../../assets/guide/keys.md");
    for pane in Pane::ALL {
        let columns: Vec<_> = Column::of(pane).map(|it| it.name).collect();
        let row =
            format!("| {} | `{}` | `{}` |\n", pane.name(), columns.join(", "), FilterVocabulary::of(pane).words());
        assert!(page.contains(&row), "keys.md has not this row:\n{row}");
    }
}

#[test]
fn the_guide_prints_the_table() {
    let table = keys_markdown();
    assert_eq!(table.lines().count(), KEYS.len() + 2);
    assert!(table.contains("| `m` | Participants | Mute the participant. One-way: only they can unmute. |"));
    let page = include_str!("../../../assets/guide/keys.md");
    assert!(page.contains(&table), "the table of keys in keys.md is not the key table's:\n{table}");
}
