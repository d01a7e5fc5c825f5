//! Tests of the settings: the commands, a running console that reloads its file, the mouse, and plain output.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use callboard::desk::{DeskSetup, Event, Filter, Keymap, Pane, PaneColumns, PaneSort, SettingsUpdate};
use callboard::sim::SimSettings;
use secrecy::ExposeSecret as _;

use super::terminal::{WIDE, quit};
use crate::support::desk_driver::Story;
use crate::support::harness::{direct, reopening_day};
use crate::support::terminal::Terminal;

/// The binary with no settings but those of this test.
fn callboard(words: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(words).env("XDG_CONFIG_HOME", "/nowhere").env_remove("CALLBOARD_TOKEN").env_remove("NO_COLOR");
    command.envs(variables.iter().copied());
    command
}

fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn run(words: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    ended(&callboard(words, variables).output().unwrap())
}

fn written(folder: &Path, text: &str) -> String {
    let file = folder.join("config.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn the_settings_file_has_the_xdg_path_by_default() {
    let home = ("XDG_CONFIG_HOME", "/home/x/.conf");
    assert_eq!(run(&["config", "path"], &[home]).1, "/home/x/.conf/callboard/config.toml\n");
    assert_eq!(run(&["config", "path"], &[home, ("CALLBOARD_CONFIG", "a.toml")]).1, "a.toml\n");
    assert_eq!(run(&["config", "path", "--config", "b.toml"], &[("CALLBOARD_CONFIG", "a.toml")]).1, "b.toml\n");
    let mut bare = callboard(&["config", "path"], &[("HOME", "/home/y")]);
    let bare = ended(&bare.env_remove("XDG_CONFIG_HOME").output().unwrap());
    assert_eq!(bare.1, "/home/y/.config/callboard/config.toml\n");
}

#[test]
fn show_prints_the_origin_of_each_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(
        folder.path(),
        "[console]\ntheme = \"mono\"\nquiet = 50\nmose = true\n[keys]\nmute = \"M\"\n[profiles.night]\nquiet = 60\n",
    );
    let words = ["config", "show", "--config", &file, "--profile", "night", "--sort", "-age"];
    let (code, out, error) = run(&words, &[("CALLBOARD_HOLD_WARNING", "45"), ("CALLBOARD_TOKEN", "not-shown")]);
    assert_eq!(code, Some(0), "{error}");
    let line =
        |name: &str| out.lines().find(|it| it.split(' ').next() == Some(name)).unwrap_or_else(|| panic!("{out}"));
    for (name, value, origin) in [
        ("theme", "= \"mono\"", "# file, line 2"),
        ("quiet", "= 60", "# profile night, line 8"),
        ("hold-warning", "= 45", "# CALLBOARD_HOLD_WARNING"),
        ("calls-sort", "= \"-age\"", "# --sort"),
        ("lobby-warning", "= 30", "# default"),
        ("relay", "not set", "# default"),
        ("keys.mute", "= M", "# file, line 6"),
    ] {
        let line = line(name);
        assert!(line.contains(value) && line.ends_with(origin), "{line}");
    }
    assert!(error.contains("config.toml, line 4, column 1: there is no setting \"mose\"; the nearest is \"mouse\""));
    assert!(!out.contains("not-shown"));
}

#[test]
fn check_and_start_refuse_a_broken_file_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "[console]\nrelay = \"http://127.0.0.1:1\"\nquiet = 0\n");
    let says = "config.toml, line 3, column 9: quiet: it takes whole seconds from 1 to 86400, not 0";
    for words in [
        &["config", "check", &file][..],
        &["config", "show", "--config", &file],
        &["console", "--config", &file],
        &["console", "--plain", "--config", &file],
    ] {
        let (code, _, error) = run(words, &[("CALLBOARD_TOKEN", "t")]);
        assert!(code == Some(2) && error.contains(says), "{words:?}: {error}");
    }
    let cases: [(&str, &str); 4] = [
        ("[profiles.a]\nhold-warning = 999\n", "profile a"),
        ("[profiles.a]\nhold-warning = 999\n", "hold-warning is longer than hold-critical"),
        ("[console\n", "line 1, column 9"),
        (&"#\n".repeat(40_000), "larger than 64 KiB"),
    ];
    for (text, says) in cases {
        let file = written(folder.path(), text);
        let (code, _, error) = run(&["config", "check", &file], &[]);
        assert!(code == Some(2) && error.contains(says), "{error}");
    }
    for (words, says) in [
        (["console", "--config", "/nowhere/c.toml"], "/nowhere/c.toml cannot be read"),
        (["config", "check", "/"], "is not a file"),
        (["console", "--profile", "night"], "there is no profile \"night\""),
        (["console", "--filter", "is:lost"], "--filter: calls-filter: is:lost is not known here"),
        (["console", "--columns", "colour"], "there are alert, number"),
        (["console", "--sort", "colour"], "Calls cannot be sorted by"),
        (["console", "--theme", "pink"], "auto, default, dark"),
        (["console", "--relay", "ftp://x"], "a relay's address is https://HOST:PORT"),
        (["console", "--relay", "nonsense"], "a relay's address is https://HOST:PORT"),
        (["demo", "--columns", "colour"], "there are alert, number"),
    ] {
        let (code, _, error) = run(&words, &[("CALLBOARD_TOKEN", "t")]);
        assert!(code == Some(2) && error.contains(says), "{words:?}: {error}");
    }
    let (code, _, error) = run(&["console"], &[("CALLBOARD_TOKEN", "t")]);
    assert!(code == Some(2) && error.contains("there is no relay: give --relay URL"), "{error}");
}

#[test]
fn the_example_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let (_, example, _) = run(&["config", "example"], &[]);
    let file = written(folder.path(), &example);
    let (code, out, error) = run(&["config", "check", &file], &[]);
    assert!(code == Some(0) && out.contains("0 values, 0 profiles, 0 warnings"), "{out}{error}");
}

#[test]
fn a_running_console_reloads_its_file_and_survives_a_broken_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "[console]\ncalls-columns = \"number, subject\"\n[keys]\npause = \"F9\"\n");
    let mut terminal = Terminal::run_with(&["demo"], &[("CALLBOARD_CONFIG", &file)], WIDE);
    terminal.until("the chosen columns", |it| it.contains("LIVE") && it.contains("Acme") && !it.contains("STATE"));
    terminal.press("\x1b[20~");
    terminal.shows("PAUSED");
    terminal.press("\x1b[20~");
    terminal.until("it goes on", |it| !it.contains("PAUSED"));

    written(folder.path(), "[console]\ncalls-columns = \"number, state, subject\"\n[keys]\npause = \"F8\"\n");
    terminal.until("the new columns", |it| it.contains("STATE") && it.contains("settings read from"));
    terminal.press("\x1b[19~");
    terminal.shows("PAUSED");
    terminal.press("\x1b[19~");

    written(folder.path(), "[console]\nquiet = 0\n");
    let screen = terminal.shows("the settings stay as they are");
    assert!(screen.contains("STATE"), "{screen}");
    written(folder.path(), "[console]\ntheme = \"ascii\"\n");
    terminal.press(":");
    for letter in "reload".chars() {
        terminal.press(&letter.to_string());
    }
    terminal.press("\r");
    terminal.until("plain rules", |it| it.contains("= 1 Calls"));
    quit(terminal);
}

#[test]
fn the_mouse_selects_and_scrolls_and_is_released_at_the_end() {
    let mut terminal = Terminal::run(&["demo", "--mouse"], WIDE);
    let screen = terminal.until("the floor", |it| it.contains("LIVE") && it.contains("Wingtip"));
    let row = screen.lines().position(|it| it.contains("Wingtip")).unwrap() + 1;
    assert!(!screen.lines().nth(row - 1).unwrap().starts_with('\u{258c}'), "{screen}");
    terminal.press(&format!("\x1b[<0;20;{row}M"));
    terminal.until("the row is selected", |screen| {
        screen.lines().nth(row - 1).is_some_and(|it| it.starts_with('\u{258c}'))
    });
    terminal.press(&format!("\x1b[<65;20;{row}M"));
    terminal.until("the next is selected", |screen| {
        screen.lines().nth(row - 1).is_some_and(|it| !it.starts_with('\u{258c}'))
    });
    quit(terminal);
    let terminal = super::terminal::demo(&[], WIDE);
    let process = terminal.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    assert!(!terminal.ends().1.written.contains("\x1b[?1000h"), "the mouse is not asked for unless it is wished");
}

fn setup(columns: &str, filter: &str, sort: &str) -> Box<DeskSetup> {
    let mut setup = DeskSetup { columns: PaneColumns::default(), ..DeskSetup::default() };
    setup.columns.set_from_list(Pane::Calls, columns).unwrap();
    setup.filters.extend(Filter::parse(Pane::Calls, filter).unwrap().map(|it| (Pane::Calls, it)));
    setup.sorts.push((Pane::Calls, PaneSort::parse(Pane::Calls, sort).unwrap()));
    setup.keymap = Keymap::with([("pause", vec!["Z".to_owned()])]).unwrap();
    Box::new(setup)
}

fn seen(story: &Story) -> (Vec<&'static str>, Option<String>, Option<&'static str>) {
    let columns = story.desk.columns(Pane::Calls).iter().map(|it| it.column.name).collect();
    let filter = story.desk.filter(Pane::Calls).map(|it| it.text().to_owned());
    (columns, filter, story.desk.sort(Pane::Calls).map(|it| it.by.name))
}

#[test]
fn new_settings_keep_manual_changes() {
    let news =
        |setup| Event::SettingsChanged(SettingsUpdate { setup: Some(setup), said: "read".into(), warning: false });
    let mut story = Story::seated();
    story.happens(news(setup("number, subject", "!nobody", "age")));
    assert_eq!(seen(&story), (vec!["number", "subject"], Some("!nobody".into()), Some("age")));
    story.press("Z");
    assert!(story.desk.behind().is_some(), "the new key works");
    story.press("Z");
    assert_eq!(story.desk.message(), None, "a key takes the message away");

    // The operator sorts by hand: that stays, the columns and the filter do not.
    story.press("1 O");
    let by_hand = story.desk.sort(Pane::Calls);
    assert!(by_hand.is_some_and(|it| it.reversed), "{by_hand:?}");
    story.happens(news(setup("subject", "!nothing", "number")));
    assert_eq!(story.desk.sort(Pane::Calls), by_hand);
    assert_eq!((seen(&story).0, seen(&story).1), (vec!["subject"], Some("!nothing".into())));

    let broken = SettingsUpdate { setup: None, said: "quiet: it takes …".into(), warning: true };
    story.happens(Event::SettingsChanged(broken));
    assert_eq!(seen(&story).0, ["subject"]);
    assert!(story.desk.message().is_some_and(|it| it.warning && it.text.starts_with("quiet")));
}

/// A console that writes lines, until the test ends.
struct Lines {
    child: Child,
    out: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Lines {
    fn until(&mut self, part: &str) -> String {
        let found = self.out.by_ref().map(Result::unwrap).find(|it| it.contains(part));
        found.unwrap_or_else(|| panic!("it ended before it said {part}"))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_console_prints_each_change_once_and_ends_on_ctrl_c() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let seat = stage.relay_access("dana").unwrap();
    let token = seat.token.expose_secret().to_owned();
    let mut command = callboard(&["console", "--plain", "--relay", seat.url.as_str()], &[("CALLBOARD_TOKEN", &token)]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = Lines { child, out };
    let mut lines = tokio::task::spawn_blocking(move || {
        lines.until("acts need the full console");
        lines.until("LIVE");
        lines.until("live calls");
        lines.until("Support / Wingtip: ");
        lines
    })
    .await
    .unwrap();
    direct(&stage, "Support / Wingtip", "Olga Petrenko", "mute").await;
    let (mut lines, said) = tokio::task::spawn_blocking(move || {
        let said = lines.until("Olga Petrenko is muted");
        (lines, said)
    })
    .await
    .unwrap();
    assert!(said.contains("  Support / Wingtip: Olga Petrenko is muted"), "{said}");
    assert!(!said.contains('\u{1b}'));
    stage.shut_down().await;
    tokio::task::spawn_blocking(move || {
        lines.until("NO LINE since ");
        let process = lines.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
        assert!(lines.child.wait().unwrap().success());
    })
    .await
    .unwrap();
}
