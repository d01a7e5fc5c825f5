//! Tests of the footer: it offers what can be done, in groups, and what matters most stays where there is little room.

use serde_json::json;

use crate::board::screens::busy;
use crate::support::desk_driver::Story;

fn footer(story: &Story, width: u16, height: u16) -> String {
    story.screen(width, height).lines().last().unwrap().trim_matches('"').to_owned()
}

#[test]
fn it_begins_with_the_release_of_who_waits_and_keeps_the_way_on() {
    let mut story = Story::seated();
    story.bob_held().after(130_000).press("w");
    let shown = footer(&story, 120, 36);
    assert!(
        shown.starts_with("  Bob   r release  m mute  X remove  S story  i evidence   ! next  Enter call 1 "),
        "{shown}"
    );
    let shown = footer(&story, 80, 24);
    assert!(shown.starts_with("  Bob  r release  m mute  X remove  ! next  Enter call 1 "), "{shown}");
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let shown = footer(&story, width, height);
        assert!(shown.ends_with("?  q quit ") || shown.ends_with("? help  q quit "), "{shown}");
    }
}

#[test]
fn it_offers_no_key_that_would_find_nothing_to_do() {
    let story = |keys: &str| {
        let mut story = Story::seated();
        story.press(keys);
        story
    };
    let quiet = footer(&story("2 g"), 200, 60);
    for absent in ["R retry", "u undo", "! next", "a ack"] {
        assert!(!quiet.contains(absent), "{absent}: {quiet}");
    }
    assert!(quiet.contains("Space mark"), "{quiet}");
    assert!(!footer(&story("w"), 200, 60).contains("Space mark"), "nobody waits, so nobody is selected");
    let mut held = story("2");
    held.bob_held();
    assert!(footer(&held, 200, 60).contains("u undo"), "the hold is proved");
    assert!(!footer(&held, 200, 60).contains("R retry"));
    held.after(130_000).press("w");
    assert!(footer(&held, 200, 60).contains("a ack"));
    held.press("a");
    assert!(!footer(&held, 200, 60).contains("a ack"), "it is acknowledged");
    let mut failed = story("2");
    failed.selects("Ada").press("m y").after(20).journalled().answers_gate(403, &json!({"error": {"code": "7503"}}));
    let ticket = failed.ticket();
    failed.answers(&ticket, 403, "", "");
    assert!(footer(&failed, 200, 60).contains("R retry"), "{}", footer(&failed, 200, 60));
}

#[test]
fn without_a_line_it_offers_the_way_back_and_looking_around() {
    let mut story = busy();
    story.selects("Bob").line_breaks("the relay closed the line");
    let shown = footer(&story, 120, 36);
    assert!(shown.starts_with("  ctrl-r try now   j k look around  Enter details  S story  i evidence   "), "{shown}");
    story.press("1");
    let shown = footer(&story, 120, 36);
    assert!(shown.starts_with("  ctrl-r try now   j k look around  Enter call 1  S story  i evidence   "), "{shown}");
}
