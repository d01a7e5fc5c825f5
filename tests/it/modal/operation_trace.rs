//! Tests of an operation's details: the trace from the key press to the proof, and its journal entries.

use callboard::desk::{DeskSetup, Effect, Event, Keymap, Modal, Pane, RowId, SettingsUpdate};
use callboard::floor::{Cursor, Fact, Noted, OperationNumber, Outcome, Ticket};
use callboard::protocol::FeedEvent;
use callboard::screen::Theme;
use serde_json::json;

use super::timeline::eventful;
use crate::desk::bulk_acts::{answered, crowd};
use crate::support::desk_driver::Story;

/// The relay answers what the desk asked to read when the details were opened.
pub(crate) fn relay_reads(story: &mut Story) {
    let asked: Vec<(Cursor, u32)> = story
        .effects
        .iter()
        .filter_map(|it| match it {
            Effect::Read { after, count } => Some((*after, *count)),
            _ => None,
        })
        .collect();
    story.effects.clear();
    for (after, count) in asked {
        let entries = story.history.entries.iter().filter(|it| it.cursor > after).take(count as usize);
        let entries: Vec<_> = entries.cloned().collect();
        story.fed(FeedEvent::History(entries));
    }
}

/// The line of a screen on which a word stands first.
fn line(screen: &str, word: &str) -> String {
    let inside = |it: &&str| it.trim_matches(['"', ' ', '│', '|']).starts_with(word);
    let found = screen.lines().find(inside).unwrap_or_else(|| panic!("no {word} in\n{screen}"));
    found.trim_matches(['"', ' ', '│', '|']).to_owned()
}

/// The bars of the four phases: where they begin and end, in columns of their own room.
fn bar(line: &str, name: usize) -> (usize, usize) {
    let drawn: Vec<char> = line.chars().skip(name).collect();
    let is = |it: &char| matches!(it, '│' | '─' | '·');
    let from = drawn.iter().position(is).unwrap();
    (from, from + drawn[from..].iter().take_while(|it| is(it)).count() - 1)
}

#[test]
fn the_trace_is_drawn_to_scale_and_described_in_words() {
    let mut story = Story::seated();
    story.bob_held().press("3 Enter");
    let screen = story.screen(200, 60);
    // 20 ms to the gate, 60 to Graph's answer, 400 to the notice.
    let rows = ["pressed  ", "sent  ", "accepted  ", "proof  "].map(|it| line(&screen, it));
    for (row, told) in rows.iter().zip(["0 ms, 14:32:01", "20 ms", "80 ms, 202", "480 ms, notice"]) {
        assert!(row.trim_end().ends_with(told), "{row}");
    }
    let bars = rows.map(|it| bar(&it, 16));
    let (_, end) = bars[3];
    assert!(end > 40, "{bars:?}");
    for ((from, to), (begins, ends)) in bars.iter().zip([(0, 0), (0, 20), (20, 80), (80, 480)]) {
        assert_eq!((*from, *to), (begins * end / 480, ends * end / 480), "{bars:?}");
    }
    assert!(line(&screen, "to scale: one column is about ").ends_with("ms"), "{screen}");
    let ascii = story.drawn(200, 60, &Theme::default().in_ascii());
    assert!(ascii.is_ascii() && ascii.contains("|--") && ascii.contains("480 ms, notice"), "{ascii}");
    for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
        let screen = story.screen(columns, rows);
        assert!(screen.contains("480 ms, notice") && screen.contains("80 ms, 202"), "{screen}");
    }
}

#[test]
fn a_missing_phase_is_described_in_words() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").journalled().press("3 Enter");
    let told = |story: &Story, word: &str| line(&story.screen(200, 60), word);
    story.after(500);
    let answer = told(&story, "accepted  ");
    assert!(
        answer.contains("no answer yet") && answer.contains("····"),
        "an answer that is waited for is drawn: {answer}"
    );
    assert!(told(&story, "proof  ").ends_with("not yet"));
    story.press("Esc").accepted().press("3 Enter");
    assert!(!told(&story, "accepted  ").contains('·'), "the wait is over");
    assert!(told(&story, "proof  ").contains("awaited, 3.0 s at most"));
    assert!(told(&story, "proof  ").contains("····"), "what is waited for is drawn too");
    story.after(4_000);
    assert!(told(&story, "proof  ").contains("none within 3.0 s"));

    let mut story = Story::seated();
    story.roster(&json!({"isMuted": true})).selects("Bob").press("m y").accepted().press("3 Enter");
    assert!(told(&story, "proof  ").ends_with("n/a, it was so already"));

    let ends = |outcome: Outcome| {
        let mut story = Story::seated();
        story.selects("Bob").press("m y").journalled().after(70);
        let ticket = story.ticket();
        story.history.outcome(&ticket, outcome);
        story.catches_up().press("3 Enter");
        story
    };
    let refused = ends(Outcome::Replied { status: 403, location: None, body: None });
    assert!(told(&refused, "refused  ").ends_with("70 ms, 403"));
    assert!(told(&refused, "proof  ").ends_with("none: it was REFUSED"));
    let lost = ends(Outcome::Lost { sent: true, error: "reset".into() });
    assert!(told(&lost, "no answer  ").contains("given up at 70 ms"));
    assert!(told(&lost, "proof  ").ends_with("none: OUTCOME UNKNOWN"));
}

#[test]
fn attempts_answer_and_proof_are_read_from_the_journal() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").journalled();
    let ticket = Ticket(story.ticket().into());
    story.after(300).history.fact(Fact::Noted(Noted::AttemptStarted { ticket, attempt: 2 }));
    let ticket = story.ticket();
    story.catches_up().answers(&ticket, 202, "startHoldMusicOperation", "running");
    story.notice("startHoldMusicOperation").press("3 Enter").shows("asking the relay..");
    relay_reads(&mut story);
    story.hides("asking the relay").shows("try 2").shows("300 ms");
    let screen = story.screen(200, 60);
    assert!(line(&screen, "answer  ").contains("202, after 360 ms"), "{screen}");
    let proof = story.floor().operations().next().unwrap().proof.clone().unwrap().cursor;
    assert!(screen.contains(&format!("what the call said, after 760 ms, at 14:32:02, entry {proof}")), "{screen}");
    assert!(screen.contains("\"status\": \"running\"") && screen.contains("\"status\": \"completed\""), "{screen}");
}

#[test]
fn the_proving_rosters_entry_of_the_person_is_shown_and_updates() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().press("3 Enter");
    relay_reads(&mut story);
    story.hides("asking the relay").hides("what the call said");
    story.roster(&json!({"isMuted": true})).shows("what the call said");
    let screen = story.screen(200, 60);
    assert!(screen.contains("\"isMuted\": true") && !screen.contains("\"isMuted\": false"), "{screen}");
}

#[test]
fn a_silent_relay_is_reported_and_privacy_mode_requests_nothing() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().press("3 Enter").after(6_000);
    story.shows("the relay did not send entry").press("Esc Enter").line_breaks("gone").after(100);
    story.shows("the line to the relay broke before it answered").press("Esc Enter");
    story.shows("the line to the relay is down, so it cannot be asked").press("Esc").fed(FeedEvent::CaughtUp);
    story.press("P").effects.clear();
    story.press("3 Enter").hides("asking").shows("pressed");
    assert!(!story.effects.iter().any(|it| matches!(it, Effect::Read { .. })));
}

#[test]
fn a_proof_far_from_its_request_is_read_separately() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted();
    for _ in 0..600 {
        story.history.fact(Fact::Noted(Noted::Graph { words: "noise".into() }));
    }
    story.roster(&json!({"isMuted": true})).press("3 Enter").shows("asking the relay");
    relay_reads(&mut story);
    story.hides("asking the relay").shows("what the call said");
}

#[test]
fn proof_latencies_are_bars_and_the_header_has_the_usual_and_the_slowest_one() {
    let mut story = Story::seated();
    story.selects("Bob").hides("proof ▁");
    for wait in [100, 600, 200, 900] {
        story.press("H y").accepted().after(wait).notice("startHoldMusicOperation");
        story.press("r y").accepted().notice("stopHoldMusicOperation");
    }
    let floor = story.floor().statistics();
    assert_eq!((floor.proof_p50.unwrap().0, floor.proof_p95.unwrap().0), (480, 1_380));
    story.shows("proof 0.5 s, slowest 1.4 s");
    assert!(story.screen(80, 24).contains("proof 0.5 s ") && !story.screen(80, 24).contains("slowest"));
    // A tall terminal has a bar for each, to the scale that all share.
    let screen = story.screen(160, 60);
    let bars: Vec<usize> = screen
        .lines()
        .filter(|it| it.contains(", Graph 0.08 s"))
        .map(|line| line.chars().skip(42).take_while(|it| *it == '\u{2501}').count())
        .collect();
    assert_eq!(bars, [3, 8, 3, 5], "{screen}");
}

#[test]
fn in_details_of_a_call_or_a_person_the_keys_of_an_operation_only_close() {
    for opened in ["1 d", "2 d"] {
        for key in ["u", "R", "i", "y", "Y"] {
            // The newest act of ours failed, and the one before it could be taken back.
            let mut story = crowd();
            story.bob_held().selects("Ada").press("m y");
            answered(&mut story, 1, 403);
            story.selects("Bob").press(opened);
            assert!(matches!(story.desk.modal(), Modal::Details(_)), "{opened}");
            story.effects.clear();
            story.press(key).has_sent(2);
            if ["u", "R"].contains(&key) {
                story.shows(" does not work in the ");
                assert!(matches!(story.desk.modal(), Modal::Details(_)), "{opened} {key}");
            } else {
                assert_eq!((story.desk.modal(), story.desk.message()), (&Modal::None, None), "{opened} {key}");
            }
            assert_eq!(story.effects, [], "{opened} {key}");
        }
    }
}

#[test]
fn keys_in_details_act_on_the_shown_operation() {
    // Op 2, the hold, is the newest but one; the selection is elsewhere.
    let opened = || {
        let mut story = eventful();
        story
            .selects("Bob")
            .press("S h h Enter")
            .shows("Operation 3")
            .press("Esc S h h h h Enter")
            .shows("Operation 2");
        assert_ne!(story.desk.pane(), Pane::Operations);
        story
    };
    let selected = |story: &Story| (story.desk.pane(), story.desk.selected_row().cloned());
    let op = |number| (Pane::Operations, Some(RowId::Operation(OperationNumber(number))));
    let mut story = opened();
    story.press("u").has_sent(3).shows("release hold: Bob has left");
    assert_eq!(selected(&story), op(2));
    opened().press("R").shows("this operation did not fail");
    opened().press("i").shows("Evidence of op 2");
    opened().press("y").shows("copied the row of op 2");
    opened().press("Y").shows("copied as curl, with $TOKEN for the token: op 2, hold");
}

#[test]
fn a_hidden_operation_can_be_retried_from_details_but_not_copied_as_a_row() {
    let mut story = crowd();
    story.selects("Ada").press("m y");
    answered(&mut story, 0, 403);
    story.press("3 /").types("is:confirmed").press("Enter").selects("Ada").press("S Enter").shows("Operation 1");
    story.press("y").shows("no row is selected among those shown here, so nothing was copied");
    story.selects("Ada").press("S Enter").shows("Operation 1").press("R").shows("Mute Ada?").press("y").has_sent(2);
}

#[test]
fn remapped_keys_work_in_details() {
    let mut story = eventful();
    let keymap = Keymap::with([("undo", vec!["z".to_owned()])]).unwrap();
    let setup = Some(Box::new(DeskSetup { keymap, ..DeskSetup::default() }));
    story.happens(Event::SettingsChanged(SettingsUpdate { setup, said: String::new(), warning: false }));
    story.press("3 G Enter").shows("Operation 1").press("z").shows("undo op 1, mute Bob: mute is one-way in Graph");
}
