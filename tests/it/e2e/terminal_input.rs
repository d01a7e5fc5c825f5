//! What a terminal sends beside keys, to the real binary: sequences in several reads, and replies to any question.

use std::time::Duration;

use crate::support::terminal::Terminal;

use super::terminal::WIDE;

/// The replies that terminals are documented to send: xterm's `ctlseqs`, and the manuals of kitty, iTerm2, Windows
/// Terminal, tmux, foot and VTE.
const REPLIES: &[&str] = &[
    // Device attributes: xterm, Windows Terminal, foot, the Linux console, VT100; secondary and tertiary.
    "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    "\x1b[?61;6;7;14;21;22;23;24;28;32;42c",
    "\x1b[?62;4;22;28;29c",
    "\x1b[?6c",
    "\x1b[?1;2c",
    "\x1b[>41;390;0c",
    "\x1b[>0;10;1c",
    "\x1b[>84;0;0c",
    "\x1bP!|464f4f54\x1b\\",
    // Names and versions: xterm, kitty, iTerm2, tmux, foot.
    "\x1bP>|XTerm(390)\x1b\\",
    "\x1bP>|kitty(0.36.4)\x1b\\",
    "\x1bP>|iTerm2 3.5.0\x1b\\",
    "\x1bP>|tmux 3.4\x1b\\",
    "\x1bP>|foot(1.18.1)\x1b\\",
    // Status, and the position of the cursor, plain and DEC's.
    "\x1b[0n",
    "\x1b[24;80R",
    "\x1b[1;1R",
    "\x1b[?24;80;1R",
    "\x1b[?13n",
    "\x1b[?27;1;0;0n",
    "\x1b[?997;1n",
    // Modes, ANSI and DEC.
    "\x1b[4;2$y",
    "\x1b[?2026;2$y",
    "\x1b[?2027;0$y",
    // Parameters, presentation, settings, checksums, capabilities.
    "\x1b[2;1;1;128;128;1;0x",
    "\x1bP1$r0m\x1b\\",
    "\x1bP1$r2 q\x1b\\",
    "\x1bP0$r\x1b\\",
    "\x1bP1$u1;1;1;@;@;@;0;2;@;BB%5%5\x1b\\",
    "\x1bP1!~FFC0\x1b\\",
    "\x1bP1+r544e=787465726d2d323536636f6c6f72\x1b\\",
    "\x1bP0+r\x1b\\",
    // The window's size, state, position, titles; a size that is reported by itself.
    "\x1b[8;36;120t",
    "\x1b[4;720;1200t",
    "\x1b[6;20;10t",
    "\x1b[1t",
    "\x1b[3;0;0t",
    "\x1b[48;36;120;720;1200t",
    "\x1b]lyes; mute; quit; XmyqB\x1b\\",
    "\x1b]Lmute\x1b\\",
    // Colours, with either end; the palette; the clipboard; the current folder.
    "\x1b]10;rgb:eeee/f1f1/f6f6\x1b\\",
    "\x1b]11;rgb:1111/1414/1a1a\x07",
    "\x1b]12;rgb:ffff/ffff/ffff\x07",
    "\x1b]4;1;rgb:ffff/5555/6666\x1b\\",
    "\x1b]52;c;bXlxQg==\x07",
    "\x1b]52;p;bXlxQg==\x1b\\",
    "\x1b]5522;type=read:status=DATA;bXlx\x1b\\",
    "\x1b]7;file://host/home/ada\x1b\\",
    "\x1b]21;background=rgb:11/14/1a\x1b\\",
    "\x1b]99;i=1:p=?;a=focus:o=always\x1b\\",
    "\x1b]1337;ReportCellSize=20.0;10.0;2.0\x1b\\",
    "\x1b]1337;Capabilities=T3CwLrMSc7UUw9Ts3BFGsSyHNoSxF\x07",
    // Kitty's keyboard, graphics, and remote control.
    "\x1b[?0u",
    "\x1b[?31u",
    "\x1b[?1;2;4m",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b_Gi=1;ENOENT:no such file y\x1b\\",
    "\x1bP@kitty-cmd{\"ok\": true}\x1b\\",
    // Graphics attributes, key modifiers, locator, focus.
    "\x1b[?1;0;256S",
    "\x1b[>4;2m",
    "\x1b[1;2;3;4;0&w",
    "\x1b[I",
    "\x1b[O",
    // A privacy message, which no terminal is known to send.
    "\x1b^mqyXB\x1b\\",
];

/// A place where keys go: its name, the keys that lead there, and what stands on the screen then.
type Place = (&'static str, &'static [&'static str], &'static str);

const VIEWS: &[Place] = &[
    ("calls", &["1"], "Acme"),
    ("participants", &["2"], "Ada"),
    ("operations", &["3"], "Operations"),
    ("help", &["?"], "Mute the participant"),
    ("details", &["1", "d"], "tenant"),
    ("evidence", &["2", "i"], "Evidence"),
    ("waiting", &["w"], "Waiting"),
    ("story", &["S"], "Story of call"),
    ("last hour", &["V"], "60 minutes"),
    ("simulator settings", &["F"], "Simulator settings"),
];

const QUESTIONS: &[Place] = &[
    ("palette", &[":"], "Tab complete"),
    ("filter", &["/"], "filter"),
    ("confirm", &["2", "m"], "POST"),
    ("typed confirm", &["2", "X"], "REMOVE"),
    ("restart", &["B"], "restarts the scenario"),
];

/// The screen without what changes by itself, and without the blanks at the ends of its lines.
fn masked(screen: &str) -> String {
    let lines: Vec<&str> = screen.lines().map(str::trim_end).collect();
    lines.join("\n").chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect()
}

/// The screen drawn anew, when an open question takes its answer again.
fn settled(terminal: &mut Terminal) -> String {
    terminal.redrawn();
    masked(&terminal.until("a question that takes its answer", |screen| !screen.contains(" a moment ")))
}

/// A demo whose floor stands still.
fn still() -> Terminal {
    let mut terminal = Terminal::run(&["demo", "--speed", "0"], WIDE);
    terminal.until("the floor, live", |screen| screen.contains("LIVE") && screen.contains("Acme"));
    terminal
}

/// Opens a place, sends sequences there in parts, and compares the screen before and after. Returns whether the machine
/// was fast enough for the comparison to mean something.
fn compared((name, keys, shown): &Place, sequences: &[&str]) -> bool {
    let mut terminal = still();
    for key in *keys {
        terminal.press(key);
    }
    terminal.until(name, |screen| screen.contains(shown));
    let before = settled(&mut terminal);
    for (at, sequence) in sequences.iter().enumerate() {
        let bytes = sequence.as_bytes();
        let parts: Vec<&[u8]> = bytes.chunks(bytes.len().div_ceil(2 + at % 4)).collect();
        // The first byte by itself is what looks most like a key.
        let (escape, rest) = bytes.split_at(1);
        let pause = Duration::from_millis(if at % 16 == 0 { 40 } else { [1, 4, 8][at % 3] });
        let close =
            if at % 2 == 0 { terminal.send_parts(&[escape, rest], pause) } else { terminal.send_parts(&parts, pause) };
        if !close {
            return false;
        }
    }
    let after = settled(&mut terminal);
    assert_eq!(before, after, "{name}");
    true
}

fn unchanged_by_replies(places: &[Place]) {
    for place in places {
        assert!((0..10).any(|_| compared(place, REPLIES)), "{}: the machine is too slow for this test", place.0);
    }
}

#[test]
fn no_reply_of_a_terminal_is_a_key_in_any_view() {
    unchanged_by_replies(VIEWS);
}

#[test]
fn no_reply_of_a_terminal_answers_a_question_or_is_typed() {
    unchanged_by_replies(QUESTIONS);
}

/// The selected row of the calls, in a masked screen.
fn selected(screen: &str) -> Option<&str> {
    screen.lines().skip_while(|it| !it.contains(" Calls ")).find(|it| it.starts_with('\u{258c}'))
}

#[test]
fn a_key_in_several_reads_is_one_key() {
    let moves = |parts: &[&[u8]]| {
        let mut terminal = still();
        terminal.press("1");
        let before = masked(&terminal.redrawn());
        if !terminal.send_parts(parts, Duration::from_millis(10)) {
            return None;
        }
        let after = masked(&terminal.redrawn());
        Some((before, after))
    };
    let ways: [&[&[u8]]; 4] = [&[b"\x1b[B"], &[b"\x1b", b"[B"], &[b"\x1b[", b"B"], &[b"\x1b", b"O", b"B"]];
    let screens: Vec<(String, String)> =
        ways.iter().map(|parts| (0..10).find_map(|_| moves(parts)).expect("the machine is fast enough")).collect();
    for (before, after) in &screens {
        assert_ne!(selected(before), selected(after), "the selection moves");
        assert_eq!(after, &screens[0].1, "and nothing else happens");
    }
}

#[test]
fn what_does_not_end_is_dropped_with_a_word_and_a_paste_is_put_together() {
    let mut terminal = still();
    terminal.send(b"\x1b]11;rgb:mqyXB");
    terminal.shows("ignored 14 bytes");
    terminal.send(b"\xe9");
    terminal.shows("ignored 1 byte");
    terminal.press("/").shows("filter");
    for part in [&b"\x1b[20"[..], b"0~Jos\xc3", b"\xa9 q\x1b[2", b"01~"] {
        terminal.send(part);
    }
    terminal.shows("José q");
    terminal.press("\x1b");
    terminal.until("the prompt is closed", |screen| !screen.contains("José q"));
    // The end of a paste is lost: Esc or ctrl-c by itself gives the keyboard back.
    for key in [b"\x1b", b"\x03"] {
        terminal.send(b"\x1b[200~2my");
        terminal.shows("a paste has stopped without its end");
        terminal.send(key);
        terminal.shows("dropped, 4 bytes");
        terminal.press("/").shows("Enter keep");
        terminal.press("\x1b").shows("no filter");
    }
    super::terminal::quit(terminal);
}

/// The answers to the position of the cursor, to the background, and to the last question.
const WIDE_LINES: &[u8] = b"\x1b[1;5R\x1b]11;rgb:1111/1414/1a1a\x1b\\\x1b[?62c";
const NARROW_LINES: &[u8] = b"\x1b[1;3R\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62c";

#[test]
fn the_terminals_answers_choose_the_characters() {
    let drawn = |answers: &'static [u8], words: &[&str]| {
        let program = [&[env!("CARGO_BIN_EXE_callboard"), "demo"], words].concat();
        let mut terminal = Terminal::start(&program, &[("XDG_CONFIG_HOME", "/nowhere")], WIDE, answers);
        terminal.until("the floor", |screen| screen.contains("LIVE") && screen.contains("Acme"));
        let screen = terminal.redrawn();
        super::terminal::quit(terminal);
        screen
    };
    let is_ascii = |screen: &str| !screen.contains('│') && screen.contains("another width");
    // On a slow machine the answers come too late for the first frame.
    assert!((0..5).any(|_| is_ascii(&drawn(WIDE_LINES, &[]))));
    assert!(drawn(NARROW_LINES, &[]).contains('│'));
    assert!(drawn(WIDE_LINES, &["--theme", "default"]).contains('│'), "what was asked for wins");
}

#[test]
fn a_locale_without_utf8_is_drawn_in_ascii_unless_a_theme_is_named() {
    let drawn = |words: &[&str], variables: &[(&str, &str)]| {
        let mut terminal = Terminal::run_with(words, variables, WIDE);
        terminal.until("the floor", |screen| screen.contains("LIVE") && screen.contains("Acme"));
        let screen = terminal.redrawn();
        super::terminal::quit(terminal);
        screen
    };
    let nowhere = ("XDG_CONFIG_HOME", "/nowhere");
    let ascii = drawn(&[], &[nowhere, ("LC_ALL", ""), ("LC_CTYPE", "C"), ("LANG", "en_GB.UTF-8")]);
    assert!(!ascii.contains('│') && ascii.contains("no UTF-8"), "{ascii}");
    assert!(drawn(&["demo", "--theme", "default"], &[nowhere, ("LC_ALL", "C")]).contains('│'));
    assert!(drawn(&[], &[nowhere, ("LC_ALL", "C"), ("CALLBOARD_THEME", "default")]).contains('│'));
}

#[test]
fn a_dumb_terminal_gets_plain_lines_with_the_reason() {
    let terminal = Terminal::run_with(&[], &[("XDG_CONFIG_HOME", "/nowhere"), ("TERM", "dumb")], WIDE);
    let (success, ended) = terminal.ends();
    assert!(success && ended.written.contains("TERM is dumb"), "{}", ended.written);
    assert!(ended.written.contains("CONFIRMED") && !ended.written.contains('\x1b'), "{}", ended.written);
}

#[test]
fn a_terminal_without_a_size_is_waited_for() {
    let mut terminal = Terminal::run(&[], (0, 0));
    terminal.until_written("the terminal is taken", |written| written.contains("\x1b[?1049h").then_some(()));
    terminal.resize(WIDE);
    terminal.until("the floor, live", |screen| screen.contains("LIVE") && screen.contains("Acme"));
    super::terminal::quit(terminal);
}
