//! A new user with the real binary at 80x24, who knows only what the footer and the help show.

use base64::Engine as _;

use super::terminal::{demo, quit};
use crate::support::terminal::Terminal;

const SMALL: (u16, u16) = (80, 24);

/// The bytes of a key as the footer and the help write it.
fn bytes(key: &str) -> String {
    match key {
        "Enter" => "\r".to_owned(),
        "Esc" => "\x1b".to_owned(),
        "Down" => "\x1b[B".to_owned(),
        "Space" => " ".to_owned(),
        _ => match key.strip_prefix("ctrl-") {
            Some(letter) => char::from(letter.as_bytes()[0] & 0x1f).to_string(),
            None => key.to_owned(),
        },
    }
}

fn footer(screen: &str) -> String {
    screen.lines().last().unwrap_or_default().to_owned()
}

/// The key that the footer gives a word to: `m mute  r release  …`.
fn hinted(screen: &str, hint: &str) -> Option<String> {
    let hints = footer(screen);
    let hints = hints.split("  ").map(str::trim);
    hints.filter_map(|it| it.split_once(' ')).find(|(_, word)| *word == hint).map(|(key, _)| key.to_owned())
}

/// Finds a key in the help by searching for words of what it should do, as the footer says how.
fn searched(terminal: &mut Terminal, words: &str) -> String {
    // Where room is short the key of the help stands without a word.
    terminal.until("the footer", |screen| footer(screen).split_whitespace().any(|it| it == "?"));
    terminal.press("?");
    let open = terminal.until("the help", |screen| screen.contains("Keys in") && hinted(screen, "search").is_some());
    let search = hinted(&open, "search").unwrap();
    terminal.press(&bytes(&search));
    terminal.until("the search", |screen| screen.contains("Keys with: "));
    for letter in words.chars() {
        terminal.press(&letter.to_string());
    }
    let found = terminal.until("what was found", |screen| screen.contains(&format!("Keys with: {words}_")));
    let box_begins = found.lines().position(|it| it.contains("Keys with: ")).unwrap();
    // A heading stands further left than the keys below it.
    let rows = found.lines().skip(box_begins + 1).filter(|it| it.starts_with("    "));
    let mut rows = rows.filter_map(|it| it.split_whitespace().next());
    let key = rows.next().unwrap_or_default().to_owned();
    terminal.press("\x1b");
    terminal.until("the whole help again", |screen| screen.contains("Keys in"));
    terminal.press("\x1b");
    terminal.until("the board", |screen| !screen.contains("Keys in"));
    key
}

/// Returns the selected row between two rules.
fn selected_between(screen: &str, rule: &str, next: &str) -> Option<String> {
    let rows = screen.lines().skip_while(|it| !it.contains(rule)).take_while(|it| !it.contains(next));
    rows.skip(1).find(|it| it.starts_with('\u{258c}')).map(str::to_owned)
}

/// Returns the selected row of the people pane.
fn selected(screen: &str) -> Option<String> {
    selected_between(screen, " 2 Call ", " 3 Operations")
}

/// Returns the selected row of the Waiting pane.
fn selected_waiting(screen: &str) -> Option<String> {
    selected_between(screen, " w Waiting", " 1 Calls")
}

/// Returns the name in a selected row of people, without the ages, which change by themselves.
fn name(screen: &str) -> Option<String> {
    selected(screen).map(|it| it.chars().skip(9).take(23).collect::<String>().trim().to_owned())
}

/// Presses the key, reads the confirm, and presses what it says confirms.
fn confirmed(terminal: &mut Terminal, key: &str, path: &str) {
    terminal.press(&bytes(key));
    let asked = "any other key closes this";
    let takes_answer = |screen: &str| screen.contains(asked) && !screen.contains(" a moment ");
    let screen = terminal.until("the confirm", |screen| takes_answer(screen) && screen.contains(path));
    let line = screen.lines().find(|it| it.contains(asked)).unwrap();
    let yes = line.split_whitespace().next().unwrap().to_owned();
    terminal.press(&bytes(&yes));
    terminal.until("the confirm ends", |screen| !screen.contains(asked));
}

/// The row of Operations that says so of an act.
fn proved(terminal: &mut Terminal, act: &str) {
    terminal.until("the proof", |screen| {
        let operations = screen.lines().skip_while(|it| !it.contains("3 Operations"));
        operations.take(6).any(|it| it.contains(act) && it.contains("CONFIRMED") && it.contains("  you "))
    });
}

#[test]
fn a_new_user_can_find_release_mute_search_and_copy() {
    let mut terminal = demo(&[], SMALL);
    let worst = searched(&mut terminal, "Waiting from the top");
    // The worst wait of all that is a hold: from there its key is in the footer.
    let mut held = None;
    for _ in 0..12 {
        terminal.press(&bytes(&worst));
        let here = terminal.until("a wait", |screen| screen.contains("\u{2501} w Waiting") && name(screen).is_some());
        held = selected_waiting(&here).filter(|it| it.contains("on hold by"));
        if held.is_some() {
            break;
        }
    }
    let held = held.unwrap_or_else(|| panic!("no hold was found:\n{}", terminal.screen()));
    assert!(held.contains("!!"), "the worst comes first: {held}");
    let release = hinted(&terminal.screen(), "release").expect("the footer offers the release");
    confirmed(&mut terminal, &release, "stopHoldMusic");
    proved(&mut terminal, "release ");

    // A person who is not muted, in the pane of people.
    let people = searched(&mut terminal, "participants.");
    terminal.press(&bytes(&people));
    terminal.until("the people have the keys", |screen| screen.contains("\u{2501} 2 Call "));
    let down = searched(&mut terminal, "one row down");
    let up = searched(&mut terminal, "first row");
    terminal.press(&bytes(&up));
    for _ in 0..10 {
        let here = terminal.until("a selection", |screen| selected(screen).is_some());
        if selected(&here).is_some_and(|it| it.contains(" live ") && !it.contains(':') && !it.contains(" us ")) {
            break;
        }
        terminal.press(&bytes(&down));
        terminal.until("the next row", |screen| name(screen) != name(&here));
    }
    let who = selected(&terminal.screen()).unwrap();
    assert!(who.contains(" live "), "{}", terminal.screen());
    let mute = hinted(&terminal.screen(), "mute").expect("the footer offers the mute");
    confirmed(&mut terminal, &mute, "/mute");
    proved(&mut terminal, "mute ");
    terminal.until("the microphone in words", |screen| selected(screen).is_some_and(|it| it.contains("MUTED")));

    // A mute cannot be undone, and the desk says why.
    let undo = searched(&mut terminal, "your last operation");
    terminal.press(&bytes(&undo));
    terminal.until("why not", |screen| screen.contains("one-way") && screen.contains("unmute"));
    let told = searched(&mut terminal, "only they can unmute");
    assert_eq!(told, mute, "the help says the same of the key");

    // The request of an operation, as a command.
    let operations = searched(&mut terminal, "operations.");
    terminal.press(&bytes(&operations));
    let copy = searched(&mut terminal, "as curl");
    terminal.press(&bytes(&copy));
    terminal.until("the copy", |screen| screen.contains("copied as curl"));
    let text = terminal.until_written("OSC 52", |written| {
        let (_, rest) = written.rsplit_once("\x1b]52;c;")?;
        rest.split_once("\x1b\\").map(|(text, _)| text.to_owned())
    });
    let command = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let command = String::from_utf8(command).unwrap();
    assert!(command.starts_with("curl -sS -X POST -H \"Authorization: Bearer $TOKEN\""), "{command}");
    assert!(command.contains("/communications/calls/") && command.contains("/mute"), "{command}");
    quit(terminal);
}
