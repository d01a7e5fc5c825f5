//! Tests of the Floor pane: one line for each operation, replaced in place, and one for each repeated note.

use callboard::floor::{Act, Fact, Noted};
use callboard::graph::CallId;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, CALL, ME, but, person};

/// The lines of the Floor pane, from the call's number on.
fn floor(story: &Story) -> Vec<String> {
    let screen = story.screen(120, 36);
    let rows = screen.lines().skip_while(|it| !it.contains(" 4 Floor ")).skip(1).take(5);
    let texts = rows.map(|it| it.trim_matches('"').chars().skip(74).collect::<String>().trim().to_owned());
    texts.filter(|it| !it.is_empty()).collect()
}

#[test]
fn an_operation_has_one_line_that_its_outcome_replaces() {
    let mut story = Story::seated();
    story.selects("Ada").press("m y").after(20).journalled();
    assert_eq!(floor(&story), ["1  mute of Ada asked by you", "1  a new call: Support / Acme"]);
    story.answers(&story.ticket(), 200, "muteParticipantOperation", "completed");
    assert_eq!(floor(&story), ["1  mute of Ada asked by you", "1  a new call: Support / Acme"]);
    story.after(200).history.roster(&[person(ME, "Callboard"), but(person(ADA, "Ada"), &json!({"isMuted": true}))]);
    story.catches_up();
    let shown = floor(&story);
    assert!(shown.contains(&"1  you muted Ada, proved".to_owned()), "{shown:?}");
    assert!(!shown.iter().any(|it| it.contains("is muted") || it.contains("asked by")), "{shown:?}");
    let mut story = Story::seated();
    story.history.asked_by("lee", "l", Act::Mute, Some(ADA));
    story.catches_up().after(60_000);
    assert_eq!(floor(&story)[0], "1  mute of Ada asked by lee");
    let ticket = "l".to_owned();
    story.answers(&ticket, 403, "", "");
    assert!(floor(&story)[0].starts_with("1  mute of Ada asked by lee: REFUSED"), "{:?}", floor(&story));
}

#[test]
fn a_mute_that_no_operation_explains_keeps_its_line() {
    let mut story = Story::seated();
    story.roster(&json!({"isMuted": true}));
    assert_eq!(floor(&story)[0], "1  Bob is muted");
    story.roster(&json!({"isInLobby": true}));
    assert!(floor(&story).contains(&"1  Bob came to the lobby".to_owned()), "{:?}", floor(&story));
}

#[test]
fn a_quiet_call_has_a_line_at_the_time_when_it_became_quiet_until_something_is_heard() {
    let mut story = Story::seated();
    story.after(119_000);
    assert_eq!(floor(&story), ["1  a new call: Support / Acme"]);
    story.after(60_000);
    assert_eq!(floor(&story), ["1  quiet, nothing heard for 2 min", "1  a new call: Support / Acme"]);
    let line = story.screen(120, 36).lines().find(|it| it.contains("nothing heard")).unwrap().to_owned();
    assert!(line.contains("14:34:00"), "{line}");
    story.roster(&json!({"isMuted": true}));
    assert_eq!(floor(&story)[0], "1  Bob is muted");
    assert!(floor(&story).iter().all(|it| !it.contains("quiet")), "{:?}", floor(&story));
}

#[test]
fn a_note_that_repeats_itself_is_one_line_for_a_minute() {
    let mut story = Story::seated();
    let error = "Graph has no such call, and it said so five times in two seconds".to_owned();
    let read_failed = || {
        let call = CallId::new(CALL).unwrap();
        Fact::Noted(Noted::ReadFailed { call, error: error.clone().into() })
    };
    let lines = |story: &Story| floor(story).iter().filter(|it| it.contains("could not be read")).count();
    for _ in 0..5 {
        story.after(400).history.fact(read_failed());
        story.catches_up();
    }
    assert_eq!(lines(&story), 1);
    story.after(61_000).history.fact(read_failed());
    assert_eq!(lines(story.catches_up()), 2, "a minute later it is news again");
    // Text ends before the last column of the screen.
    let screen = story.screen(120, 36);
    let row = screen.lines().find(|it| it.contains("could not be read")).unwrap().trim_matches('"');
    assert!(row.ends_with(".. ") && row.chars().count() == 120, "{row:?}");
}

#[test]
fn the_end_of_a_call_shows_no_codes() {
    let mut story = Story::seated();
    let result = json!({"code": 200, "subcode": 4097, "message": "The call has ended."});
    story.history.call_said("deleted", &json!({"state": "terminated", "resultInfo": result}));
    story.catches_up();
    assert_eq!(floor(&story)[0], "1  the call ended");
    story.press("1 d").shows("4097");
}
