//! Presenting with the real binary: its steps, what they show, and a screen for an audience.

use crate::e2e::terminal::{WIDE, demo, quit, select};

/// What a clicker sends.
const PAGE_DOWN: &str = "\x1b[6~";

#[test]
fn a_presenter_steps_and_the_simulator_observes_the_expectations() {
    let mut terminal = demo(&[], WIDE);
    terminal.shows("Step 1 of");
    terminal.press(".");
    let step = terminal.shows("Step 2 of");
    assert!(step.contains("SAY") && step.contains("not seen yet"), "{step}");
    select(&mut terminal, true, "Ada Byrne");
    terminal.press("m").shows("y   mute Ada Byrne");
    terminal.press("y").shows("SEEN");
    terminal.press(".").shows("Step 3 of");
    terminal.until("Ada unmutes herself", |screen| {
        screen.contains("SEEN") && screen.lines().any(|it| it.contains("Ada Byrne") && it.contains("live"))
    });
    terminal.press(",").shows("Step 2 of");
    terminal.press("D").until("no notes", |screen| !screen.contains("only on this screen"));
    quit(terminal);
}

#[test]
fn a_demo_restarts_in_place() {
    let mut terminal = demo(&[], WIDE);
    terminal.shows("Step 1 of");
    terminal.press(".").shows("Step 2 of");
    terminal.press("B").shows("y   restart");
    terminal.press("y").shows("restarted with new calls");
    terminal.shows("Step 1 of");
    let held = terminal.until("Bob on hold again", |screen| {
        screen.lines().any(|it| it.contains("Bob Okafor") && it.contains("on hold by"))
    });
    assert!(held.contains("LIVE") && held.contains("no known gaps"), "{held}");
    quit(terminal);
}

#[test]
fn an_audience_sees_the_step_only_when_it_changes() {
    let mut terminal = demo(&["demo", "--audience"], WIDE);
    terminal.press(PAGE_DOWN).shows("step 2 of");
    assert!(!terminal.screen().contains("only on this screen"), "{}", terminal.screen());
    quit(terminal);
}
