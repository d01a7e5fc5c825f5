//! The steps of the default scenario, played with their own keys: the board shows what each step says.

use std::collections::BTreeSet;
use std::time::Duration;

use callboard::console::HeadlessDesk;
use callboard::demo::PRESENTER;
use callboard::desk::{Desk, DeskSetup, LedgerRow, ParticipantRef, PresentationStep};
use callboard::floor::{OperationNumber, Person};
use callboard::screen::{Theme, draw};
use callboard::sim::SimSettings;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::support::desk_driver::key;
use crate::support::harness::reopening_day;

/// A step by its title, the keys that its DO names, and what the message line then says.
type PlayedStep = (&'static str, &'static str, &'static str);

/// The steps after the first, in their order.
const STEPS: [PlayedStep; 9] = [
    ("Mute, and its proof", "m y", ""),
    ("Nobody unmutes another", "", ""),
    ("Back from hold", "r y", ""),
    ("Our own microphone", "s y", ""),
    ("The impossible is refused", "m", "1:1"),
    ("Someone leaves in the middle", "m y", ""),
    ("Somebody waits in the lobby", "m", "lobby"),
    ("When Graph is silent", "m y", ""),
    ("Graph answers again", "ctrl-r", ""),
];

const COLUMNS: u16 = 120;
const ROWS: u16 = 36;

fn screen(desk: &Desk) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, ROWS)).unwrap();
    terminal.draw(|frame| draw(frame, desk, &Theme::mono())).unwrap();
    let cells = terminal.backend().buffer().content();
    cells.chunks(usize::from(COLUMNS)).map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
}

/// The words in capitals that a text quotes from the board: those that it claims, and those that it denies with "not".
fn quoted(say: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let words: Vec<&str> = say.split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty()).collect();
    let is_quoted = |word: &str| word.len() > 2 && word.chars().all(char::is_uppercase);
    let (mut claimed, mut denied) = (BTreeSet::new(), BTreeSet::new());
    for (at, word) in words.iter().enumerate().filter(|(_, word)| is_quoted(word)) {
        let is_denied = at > 0 && words[at - 1] == "not";
        if is_denied { &mut denied } else { &mut claimed }.insert((*word).to_owned());
    }
    (claimed, denied)
}

fn newest_own_operation(desk: &Desk) -> Option<OperationNumber> {
    let numbers = desk.ledger().filter_map(|row| match row {
        LedgerRow::Operation(operation) if &*operation.by == PRESENTER => Some(operation.number),
        LedgerRow::Operation(_) | LedgerRow::Pending(_) | LedgerRow::Bulk(_) => None,
    });
    numbers.max_by_key(|number| number.0)
}

fn selected_person(desk: &Desk) -> Option<&Person> {
    match desk.selected_participant()? {
        ParticipantRef::Person(id) => desk.call()?.people.get(id),
        ParticipantRef::Party(_) => None,
    }
}

/// The words of the newest own operation's row and of the selected person's row.
fn words_on_the_board(desk: &Desk) -> BTreeSet<String> {
    let number = newest_own_operation(desk).map_or_else(String::new, |number| number.0.to_string());
    let name = selected_person(desk).map_or("nobody", |person| &*person.name);
    let mut words = BTreeSet::new();
    for line in screen(desk) {
        let (left, right) = line.split_at(line.char_indices().nth(60).map_or(line.len(), |(at, _)| at));
        let mut cells = left.split_whitespace().skip_while(|word| word.parse::<u32>().is_err());
        let is_own = cells.next() == Some(&number) && cells.next() == Some("you");
        let is_of_person = right.contains(name) && !right.contains("  1  ");
        let texts = [(is_own, left), (is_of_person, right)];
        for (_, text) in texts.into_iter().filter(|(is_told, _)| *is_told) {
            words.extend(text.split(|it: char| !it.is_alphabetic()).map(str::to_owned));
        }
    }
    words
}

async fn within(desk: &mut HeadlessDesk, what: &str, mut wanted: impl FnMut(&Desk) -> bool) {
    let in_time = tokio::time::timeout(Duration::from_mins(1), desk.until(&mut wanted)).await;
    assert!(in_time.is_ok(), "{what}\n{}", screen(desk.desk()).join("\n"));
}

fn step(desk: &Desk) -> &PresentationStep {
    desk.control().unwrap().presentation().unwrap().current().unwrap()
}

/// What a step's selection has selected: the call's title, and the person's name.
fn selected(desk: &Desk) -> bool {
    let Some(wanted) = &step(desk).select else { return false };
    // A 1:1 call has no roster, so its other party has no id.
    let is_person = wanted.participant_id.as_ref().is_none_or(|id| match desk.selected_participant() {
        Some(ParticipantRef::Person(person)) => person == id,
        Some(ParticipantRef::Party(_)) => true,
        None => false,
    });
    desk.call().is_some_and(|call| call.id == wanted.call_id) && is_person
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_shows_what_each_step_says() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let relay = stage.relay_access(PRESENTER).unwrap();
    let mut desk =
        HeadlessDesk::connect_with_control(relay, Some(stage.control()), stage.clock.clone(), DeskSetup::default())
            .unwrap();
    desk.resize(COLUMNS, ROWS);
    within(&mut desk, "the demo", |desk| {
        desk.link().is_live() && desk.control().is_some_and(|control| control.presentation().is_some())
    })
    .await;
    let count = desk.desk().control().unwrap().presentation().unwrap().steps.len();
    assert_eq!(count, STEPS.len() + 1, "each step is played");
    for (title, keys, message) in STEPS {
        let before = newest_own_operation(desk.desk());
        desk.press(key("."));
        within(&mut desk, title, |desk| step(desk).title == title && selected(desk)).await;
        for pressed in keys.split(' ').filter(|pressed| !pressed.is_empty()) {
            desk.press(key(pressed));
        }
        let said = desk.desk().message().map_or("", |message| &message.text).to_owned();
        assert!(said.contains(message), "{title}: {said}");
        if keys.ends_with('y') {
            within(&mut desk, title, |desk| newest_own_operation(desk) != before).await;
        } else if keys == "m" {
            assert_eq!(newest_own_operation(desk.desk()), before, "{title} sends nothing");
        }
        let (claimed, denied) = quoted(&step(desk.desk()).notes);
        let mut seen = BTreeSet::new();
        let what = format!("{title}: {claimed:?} and what it expects");
        within(&mut desk, &what, |desk| {
            seen.append(&mut words_on_the_board(desk));
            seen.is_superset(&claimed) && step(desk).expects.iter().all(|expected| expected.seen)
        })
        .await;
        assert!(seen.is_disjoint(&denied), "{title}: {denied:?}\n{}", screen(desk.desk()).join("\n"));
        let has_faults = title == "When Graph is silent";
        within(&mut desk, "the header says whether faults are set", |desk| {
            screen(desk).first().is_some_and(|line| line.contains("faults set") == has_faults)
        })
        .await;
    }
    stage.shut_down().await;
}

#[test]
fn quoted_words_are_those_in_capitals() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let say = "A 1:1 call: the board says LEFT, not CONFIRMED; Ada is MUTED.";
    assert_eq!(quoted(say), (words(&["LEFT", "MUTED"]), words(&["CONFIRMED"])));
}
