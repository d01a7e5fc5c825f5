//! The real binary in a real terminal: acts with proof, and a terminal that is restored.

use crate::support::terminal::Terminal;

pub(crate) const WIDE: (u16, u16) = (120, 36);

/// The demo with its first frame full.
pub(crate) fn demo(words: &[&str], size: (u16, u16)) -> Terminal {
    let mut terminal = Terminal::run(words, size);
    terminal.until("the floor, live", |screen| screen.contains("LIVE") && screen.contains("Acme"));
    terminal
}

/// The down arrow: letters that come fast would be taken for a paste.
const DOWN: &str = "\x1b[B";

/// The name in the selected row of the calls pane, or of the people pane beside it.
fn selected(screen: &str, participants: bool) -> Option<String> {
    let (from, width) = if participants { (62, 58) } else { (0, 60) };
    let rows = screen.lines().skip_while(|it| !it.contains("1 Calls")).take_while(|it| !it.contains("3 Operations"));
    let part = |line: &str| line.chars().skip(from).take(width).collect::<String>();
    let row = rows.map(part).find(|it| it.starts_with('\u{258c}'))?;
    // The name alone: waits and ages change by themselves.
    let (from, width) = if participants { (5, 19) } else { (9, 20) };
    Some(row.chars().skip(from).take(width).collect())
}

/// Moves down in the pane until the selected row contains a text.
pub(crate) fn select(terminal: &mut Terminal, participants: bool, name: &str) {
    terminal.press(if participants { "2" } else { "1" });
    for _ in 0..20 {
        let here = terminal.until("a selection", |screen| selected(screen, participants).is_some());
        let row = selected(&here, participants);
        if row.as_ref().is_some_and(|it| it.contains(name)) {
            return;
        }
        terminal.press(DOWN);
        terminal.until("the selection moves", |screen| selected(screen, participants) != row);
    }
    panic!("{name} cannot be selected:\n{}", terminal.screen());
}

pub(crate) fn quit(mut terminal: Terminal) {
    terminal.quit();
    let (success, ended) = terminal.ends();
    assert!(success && ended.is_as_found(), "{}", ended.text);
}

#[test]
fn a_mute_is_requested_confirmed_and_proved() {
    let mut terminal = demo(&[], WIDE);
    assert!(terminal.screen().contains("SIMULATOR"));
    select(&mut terminal, true, "Ada Byrne");
    terminal.press("m");
    terminal.until("the confirm of the mute", |screen| {
        screen.contains("Mute Ada Byrne?") && screen.contains("POST") && screen.contains("/mute")
    });
    let closed = terminal.press("\r").shows("mute: not sent");
    assert!(!closed.contains("mute Ada Byrne"), "Enter does not confirm:\n{closed}");
    terminal.press("m").shows("y   mute Ada Byrne");
    terminal.press("y");
    terminal.until("the proof of the mute", |screen| {
        screen.lines().any(|line| line.contains("mute Ada Byrne") && line.contains("CONFIRMED"))
    });
    terminal.shows("MUTED by you");
    quit(terminal);
}

#[test]
fn a_release_is_proved_in_both_answer_forms() {
    for (setting, evidence) in [("holdAnswer=running", "notification"), ("holdAnswer=completed", "final answer")] {
        let mut terminal = demo(&["demo", "--set", setting], WIDE);
        select(&mut terminal, true, "Bob Okafor");
        assert!(terminal.screen().contains("on hold by you, op 1"));
        terminal.press("r");
        let confirm = terminal.shows("y   release Bob Okafor");
        assert!(confirm.contains("stopHoldMusic"), "{confirm}");
        terminal.press("y");
        terminal.until("the proof of the release", |screen| {
            screen.lines().any(|line| line.contains("release Bob Okafor: CONFIRMED") && line.contains(evidence))
        });
        quit(terminal);
    }
}

#[test]
fn a_mute_in_a_one_to_one_call_is_refused_with_the_reason() {
    let mut terminal = demo(&[], WIDE);
    select(&mut terminal, false, "Joy Park");
    select(&mut terminal, true, "Joy Park");
    terminal.press("m");
    let refused = terminal.shows("REFUSED");
    assert!(refused.contains("group calls only"), "{refused}");
    quit(terminal);
}

#[test]
fn every_terminal_size_is_usable_or_shows_why_not() {
    let mut terminal = demo(&[], (80, 24));
    terminal.shows("2 Call ");
    terminal.resize((60, 20));
    terminal.until("one pane", |screen| screen.contains("1 Calls") && !screen.contains("3 Operations"));
    terminal.resize((50, 10));
    terminal.shows("60x20");
    terminal.resize((120, 36));
    terminal.shows("Operations");
    quit(terminal);
}

#[test]
fn signals_restore_the_terminal() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let terminal = demo(&[], WIDE);
        let process = terminal.process_id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &process]).status().unwrap().success());
        let (_, ended) = terminal.ends();
        assert!(ended.is_as_found(), "{signal}: {}", ended.written);
    }
}

#[test]
fn without_a_terminal_the_story_is_printed_and_proved() {
    let told = std::process::Command::new(env!("CARGO_BIN_EXE_callboard")).output().unwrap();
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success(), "{text}\n{}", String::from_utf8_lossy(&told.stderr));
    for part in
        ["SIMULATOR", "mute Ada Byrne", "release hold Bob Okafor", "mute application", "REFUSED", "CONFIRMED", "ms"]
    {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "plain lines draw nothing");
}

#[test]
fn a_wrong_command_line_is_explained_and_exits_with_2() {
    let cases: [(&[&str], &str); 7] = [
        (&["demo", "--scenario", "nowhere"], "reopening-day"),
        (&["demo", "--speed", "-3"], "--speed"),
        (&["demo", "--set", "novel=1"], "novel"),
        (&["console", "--relay", "http://127.0.0.1:1"], "CALLBOARD_TOKEN"),
        (&["console", "--relay", "http://127.0.0.1:1", "--control", "http://127.0.0.1:1/sim"], "--control-token-file"),
        (&["console", "--relay", "http://127.0.0.1:1", "--control-token-file", "x"], "--control"),
        (&["novel"], "novel"),
    ];
    for (words, said) in cases {
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(words)
            .env_remove("CALLBOARD_TOKEN")
            .output()
            .unwrap();
        let error = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{words:?}: {error}");
        assert!(error.contains(said), "{words:?}: {error}");
    }
}
