//! At a desk whose every key is another one, footers, questions, messages and refusals name that one.

use std::collections::BTreeSet;

use callboard::desk::{DeskSetup, Event, KEYS, KeyBinding, KeyContext, Keymap, ModalKind, SettingsUpdate};
use callboard::floor::{Act, Asked, Fact, Outcome, Ticket};
use callboard::graph::ParticipantId;
use callboard::time::Millis;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::ADA;

/// Commands by name, or keys that no command has, and what the screen then says with the key of each `<command>`.
const HINTS: [(&str, &str); 33] = [
    ("calls", "<go-in> call 1  <story> story"),
    ("calls mute", "mute works in the People pane"),
    ("calls evidence", "<down> down"),
    ("participants mute", " <yes>   mute Ada"),
    ("participants mute", "any other key closes this and sends nothing"),
    ("participants mute yes quit", " <yes>   quit"),
    ("participants remove", "type REMOVE or the name as shown, then <confirm-typed>: _"),
    ("participants remove", "<confirm-typed>: _    Esc cancels"),
    ("participants remove confirm-typed", "type REMOVE or the name as shown, then <confirm-typed>; Esc cancels"),
    ("restart", " <yes>   restart"),
    ("help", "<filter> search"),
    ("help", "<down> down"),
    ("help filter", "<keep-search> keep"),
    ("calls filter", "<keep-filter> keep"),
    ("palette", "<run-command> run"),
    ("palette", "<complete-command> complete"),
    ("palette", "<command-below> down"),
    ("calls open", "<help> help"),
    ("operations open", "<copy-request> copy request"),
    ("story", "<moment-before> earlier"),
    ("story", "<zoom> zoom"),
    ("floor", "<minute-after> later"),
    ("faults", "<value-take> do or change"),
    ("read-only participants mute", "read only: <read-only> turns acts on"),
    ("private evidence", "privacy mode: the record holds the true names; <private> shows them"),
    ("calls filter a keep-filter", "<filter> changes it, Esc clears it"),
    ("calls filter a keep-filter private", "filters are suspended until <private> shows true names"),
    ("participants mark", "1 marked: <mute> <release> <remove> act on them; <clear-marks> clears the marks"),
    ("participants first mark down mark hold", "several are marked; <clear-marks> clears the marks"),
    ("participants mark palette f o r c e Space m u t e run-command", "marked: <clear-marks> clears the marks"),
    ("participants mark-range", "<mark-range> marks from the last mark in this list to the selected row; <mark> sets"),
    ("calls palette m a r k run-command", "only people can be marked: <participants> goes to them"),
    (
        "palette f a s t run-command",
        "FAST: <mute> <release> <mute-self> act on the selected row a moment after the key; <hold> <remove> ",
    ),
];

type OtherKeys = Vec<(&'static str, String)>;

/// Every command that has a key, with another one: letters of another script, and keys that edit no text
/// where text is typed.
fn other_keys() -> OtherKeys {
    let is_typed = |it: &&KeyBinding| matches!(it.on, KeyContext::Modal(kind) if kind.is_typed());
    let changed = KEYS.iter().filter(|it| Keymap::can_change(it) && !it.press.is_empty());
    let (typed, others): (Vec<&KeyBinding>, Vec<&KeyBinding>) = changed.partition(is_typed);
    let letters = ('\u{431}'..='\u{44f}').chain('\u{561}'..='\u{586}').chain('\u{10d0}'..='\u{10f0}');
    let others = others.into_iter().zip(letters).map(|(key, letter)| (key.name, letter.to_string()));
    others.chain(typed.into_iter().zip(1..).map(|(key, number)| (key.name, format!("F{number}")))).collect()
}

/// A desk with these keys; Bob is on hold, and Ada is selected.
fn remapped(other: &OtherKeys) -> Story {
    let keymap = Keymap::with(other.iter().map(|(name, press)| (*name, vec![press.clone()]))).unwrap();
    let mut story = Story::on_stage(false);
    story.bob_held().selects("Ada");
    give(&mut story, keymap);
    story
}

fn give(story: &mut Story, keymap: Keymap) {
    let setup = Some(Box::new(DeskSetup { keymap, ..DeskSetup::default() }));
    story.happens(Event::SettingsChanged(SettingsUpdate { setup, said: String::new(), warning: false }));
}

/// Presses the keys of commands by their names; a word that names none is a key.
fn run(story: &mut Story, other: &OtherKeys, commands: &str) {
    for word in commands.split(' ') {
        let press = other.iter().find(|(name, _)| *name == word).map_or(word, |(_, press)| press);
        story.press(press);
        names_no_default_key(story, commands);
    }
}

/// The words of a text that spell a default key. Digits and `a`, `A` and `End` are words of sentences too; hints of those keys are
/// compared as a whole.
fn default_keys_in(text: &str) -> Vec<String> {
    let changed = KEYS.iter().filter(|it| Keymap::can_change(it)).flat_map(|it| it.press);
    let is_word =
        |it: &String| it != "a" && it != "A" && it != "End" && !it.chars().all(|letter| letter.is_ascii_digit());
    let keys: BTreeSet<String> = changed.map(ToString::to_string).filter(is_word).collect();
    let words =
        text.split_whitespace().map(|it| it.trim_end_matches([',', ';', '.', ':', ')']).trim_start_matches('('));
    words.filter(|it| keys.contains(*it)).map(str::to_owned).collect()
}

/// Neither the message nor the footer spells a key that the settings took away.
fn names_no_default_key(story: &Story, what: &str) {
    let said = story.desk.message().map(|it| it.text.clone()).unwrap_or_default();
    let screen = story.screen(200, 40);
    let footer = screen.lines().last().unwrap().trim_matches('"').to_owned();
    for text in [said, footer] {
        assert_eq!(default_keys_in(&text), Vec::<String>::new(), "{what}: {text}");
    }
}

fn shows(story: &Story, other: &OtherKeys, said: &str) {
    let said = other.iter().fold(said.to_owned(), |text, (name, press)| text.replace(&format!("<{name}>"), press));
    let screen = story.screen(200, 40);
    assert!(screen.contains(&said), "{said:?} is not shown:\n{screen}");
}

#[test]
fn a_hint_names_the_key_that_the_settings_give() {
    let other = other_keys();
    for (commands, said) in HINTS {
        let mut story = remapped(&other);
        run(&mut story, &other, commands);
        shows(&story, &other, said);
    }
}

#[test]
fn the_end_of_a_call_names_the_keys_that_the_settings_give() {
    let other = other_keys();
    let said = [
        "call 1 has ended; <first> goes to the first call",
        "call 1 has ended; <calls> <first> goes to the first call",
    ];
    for (pane, said) in ["calls", "participants"].into_iter().zip(said) {
        let mut story = remapped(&other);
        run(&mut story, &other, pane);
        story.history.later(100).call_said("deleted", &json!({"state": "terminated"}));
        story.catches_up();
        names_no_default_key(&story, said);
        shows(&story, &other, said);
    }
}

#[test]
fn retry_of_another_operators_act_names_the_key_that_the_settings_give() {
    let other = other_keys();
    let mut story = remapped(&other);
    let ticket = Ticket("lee's".into());
    let asked = Asked {
        ticket: ticket.clone(),
        by: "lee".into(),
        act: Act::Mute,
        call: story.desk.call().unwrap().id.clone(),
        participant: ParticipantId::new(ADA),
        pressed_ago: Millis(0),
        request: "POST".into(),
    };
    story.history.fact(Fact::Asked(Box::new(asked)));
    story.history.outcome("lee's", Outcome::Refused { reason: "no".into(), expired: false });
    story.catches_up();
    run(&mut story, &other, "operations first retry");
    shows(&story, &other, "op 2 is lee's: <retry> retries only yours");
}

#[test]
fn no_sentence_of_the_table_names_a_key() {
    for key in KEYS {
        assert_eq!(default_keys_in(key.help), Vec::<String>::new(), "{}: {}", key.name, key.help);
    }
}

#[test]
fn the_keys_of_a_text_input_can_be_other_ones_and_letters_stay_text() {
    let other = [("keep-filter", "F1"), ("run-command", "F2"), ("command-below", "ctrl-n"), ("confirm-typed", "F3")];
    let mut story = Story::on_stage(false);
    give(&mut story, Keymap::with(other.map(|(name, press)| (name, vec![press.to_owned()]))).unwrap());
    story.press("/").types("acme").press("Enter");
    assert_eq!(story.desk.modal().kind(), Some(ModalKind::Filter), "Enter is no longer the key");
    story.press("F1").shows("filter: acme");
    story.press(":").types("s").press("ctrl-n Enter");
    assert_eq!(story.desk.modal().kind(), Some(ModalKind::Palette));
    story.press("Esc").selects("Bob").press("X").types("REMOVE").press("Enter").has_sent(0);
    story.press("F3").has_sent(1);
}
