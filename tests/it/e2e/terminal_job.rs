//! The real binary as a job of a shell, and in a terminal that takes nothing.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::terminal::Terminal;

use super::terminal::WIDE;

fn kill(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

/// Runs the demo as a job of an interactive shell, and returns the job's process too.
fn job() -> (Terminal, String) {
    let variables = [("XDG_CONFIG_HOME", "/nowhere"), ("PS1", "prompt> "), ("ENV", "")];
    let mut shell = Terminal::start(&["/bin/sh", "-i"], &variables, WIDE, b"");
    shell.shows("prompt>");
    shell.press(&format!("sh -c 'echo pid=$$=; exec {}'\r", env!("CARGO_BIN_EXE_callboard")));
    let process = shell.until_written("the process", |written| {
        let (_, rest) = written.rsplit_once("pid=")?;
        let (process, _) = rest.split_once('=')?;
        process.parse::<u32>().ok().map(|it| it.to_string())
    });
    live(&mut shell);
    (shell, process)
}

fn live(shell: &mut Terminal) {
    shell.until("the floor, live", |screen| screen.contains("LIVE") && screen.contains("Acme"));
}

/// The shell has the terminal, as it was, and its line editing works.
fn is_the_shells(shell: &mut Terminal, word: &str) {
    shell.until("the shell's screen", |screen| screen.contains("prompt>") && !screen.contains("LIVE"));
    shell.press(&format!("echo {word}-$((40 + 2))\r"));
    shell.shows(&format!("{word}-42"));
    assert!(shell.is_as_found(), "{}", shell.screen());
}

#[test]
fn a_suspended_console_comes_back_whole() {
    let (mut shell, process) = job();
    shell.press("\x1a");
    is_the_shells(&mut shell, "ctrl-z");
    shell.resize((100, 30));
    shell.press("fg\r");
    live(&mut shell);
    assert!(!shell.is_as_found(), "raw, on the alternate screen");
    let screen = shell.redrawn();
    assert!(screen.lines().any(|it| it.chars().count() == 100), "the new size: {screen}");
    kill("-TSTP", &process);
    is_the_shells(&mut shell, "tstp");
    shell.press("fg\r");
    live(&mut shell);
    shell.press("?").shows("Mute the participant");
    // Over a modal, and in a text that is typed.
    shell.press("/").press("\x1a");
    is_the_shells(&mut shell, "modal");
    shell.press("fg\r");
    shell.shows("Mute the participant");
    // This stop cannot be noticed: the shell gets the terminal as it is.
    kill("-STOP", &process);
    shell.until_written("the shell's word", |written| {
        let (_, rest) = written.rsplit_once("\x1b[?2026l")?;
        rest.contains("prompt>").then_some(())
    });
    // In raw mode no system turns the return into a new line.
    shell.press("fg\n");
    shell.until_written("the terminal is taken anew", |written| {
        let (_, frame) = written.rsplit_once("\x1b[?1049h")?;
        // The spaces between words are not written where the screen is blank.
        (frame.contains("Mute") && !frame.contains("prompt>")).then_some(())
    });
    kill("-TERM", &process);
    is_the_shells(&mut shell, "ended");
    shell.press("exit\r");
    shell.ends();
}

#[test]
fn without_a_shell_a_suspend_is_refused_and_a_continue_draws_anew() {
    let mut terminal = super::terminal::demo(&[], WIDE);
    terminal.press("\x1a").shows("no shell to suspend to");
    let frames = |written: &str| written.matches("\x1b[?1049h").count();
    let process = terminal.process_id().to_string();
    kill("-TSTP", &process);
    terminal.until_written("the terminal is restored", |written| written.contains("\x1b[?1049l").then_some(()));
    // It stops after it has restored the terminal: a continue that comes before is lost.
    let mut taken = false;
    for _ in 0..600 {
        kill("-CONT", &process);
        std::thread::sleep(Duration::from_millis(50));
        taken = terminal.until_written("something", |written| Some(frames(written) > 1));
        if taken {
            break;
        }
    }
    assert!(taken, "the terminal is taken anew");
    live(&mut terminal);
    super::terminal::quit(terminal);
}

#[test]
fn a_signal_ends_it_amid_a_flood_of_input() {
    let terminal = super::terminal::demo(&[], WIDE);
    let process = terminal.process_id().to_string();
    terminal.flood(b"jk\x1b[<64;10;10M");
    std::thread::sleep(Duration::from_millis(500));
    kill("-TERM", &process);
    let (_, ended) = terminal.ends();
    assert!(ended.is_as_found(), "{}", ended.text);
}

/// The longest that an end may take in a test, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_signal_ends_it_while_the_terminal_takes_nothing() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let pair =
            native_pty_system().openpty(PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_callboard"));
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("XDG_CONFIG_HOME", "/nowhere")] {
            command.env(name, value);
        }
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (mut output, mut keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let mut written = Vec::new();
        while !String::from_utf8_lossy(&written).contains("LIVE") {
            let mut bytes = [0; 4_096];
            let read = output.read(&mut bytes).unwrap();
            written.extend_from_slice(&bytes[..read]);
        }
        // From here on nobody reads, and what it draws is far more than the system holds.
        for _ in 0..60 {
            keys.write_all(b"\x0c").unwrap();
            std::thread::sleep(Duration::from_millis(15));
        }
        kill(signal, &child.process_id().unwrap().to_string());
        let (ended, end) = std::sync::mpsc::channel();
        std::thread::spawn(move || ended.send(child.wait().unwrap()));
        assert!(end.recv_timeout(PATIENCE).is_ok(), "{signal} does not end it");
        let mut rest = Vec::new();
        // A pseudo-terminal whose last program has ended reads as an error.
        drop(output.read_to_end(&mut rest));
        let rest = String::from_utf8_lossy(&rest).into_owned();
        assert!(rest.contains("\x1b[?1049l") && rest.contains("\x1b[?25h"), "{signal}: not restored: {rest:?}");
    }
}
