//! Hostile names on every part of the board and in the log, checked with an independent terminal emulator.
//!
//! The frames are written as the console writes them and read by `vt100`. Its widths differ from ours in two ways, as
//! those of real terminals do: it knows no clusters and gives each character its own columns, so a family of four is
//! eight columns wide there and two here; and it draws nothing for U+FFFD. What stands beside such a name must hold all
//! the same, which is why only the board's own signs are compared, and all of them.

use callboard::floor::{Fact, Noted};
use callboard::protocol::FeedEvent;
use callboard::screen::{DisplayText, Theme, changes, paint};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde::Deserialize;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ME, but, person};

#[derive(Deserialize)]
struct Names {
    name: Vec<Name>,
}

#[derive(Deserialize)]
struct Name {
    what: String,
    text: String,
    #[serde(default)]
    fill: String,
    #[serde(default)]
    times: usize,
}

/// What each name is, and the name.
pub(crate) fn names() -> Vec<(String, String)> {
    let names: Names = toml::from_str(include_str!("hostile_names/names.toml")).unwrap();
    assert!(names.name.len() >= 40);
    names.name.into_iter().map(|it| (it.what, format!("{}{}", it.text, it.fill.repeat(it.times)))).collect()
}

/// An independent terminal emulator, and our console's frame for it.
struct Watched {
    emulator: vt100::Parser,
    shown: Buffer,
    next: Buffer,
}

impl Watched {
    fn new((columns, rows): (u16, u16)) -> Self {
        let area = Rect::new(0, 0, columns, rows);
        let mut emulator = vt100::Parser::new(rows, columns, 0);
        emulator.process(b"\x1b[?1049h\x1b[?2004h\x1b[?25l");
        Self { emulator, shown: Buffer::empty(area), next: Buffer::empty(area) }
    }

    /// Draws a desk as the console does, and compares what the emulator shows.
    fn draws(&mut self, story: &Story, what: &str) {
        self.next.reset();
        let area = self.next.area;
        paint(&mut self.next, area, &story.desk, &Theme::default());
        let mut written = Vec::new();
        for run in changes(&self.shown, &self.next) {
            CrosstermBackend::new(&mut written).draw(run.into_iter()).unwrap();
        }
        self.emulator.process(&written);
        std::mem::swap(&mut self.shown, &mut self.next);
        let screen = self.emulator.screen();
        for (at, cell) in self.shown.content.iter().enumerate() {
            let (x, y) = self.shown.pos_of(at);
            let ours = cell.symbol();
            if matches!(ours, "\u{2500}" | "\u{2501}" | "\u{252c}" | "\u{258c}") {
                let theirs = screen.cell(y, x).map(|it| it.contents().to_owned()).unwrap_or_default();
                assert_eq!(theirs, ours, "{what}: column {x} of row {y}\n{}", screen.contents());
            }
        }
        assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste(), "{what}");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "{what}");
        let text = String::from_utf8(written).unwrap();
        // Frames contain only positions and colours: no OSC, no DCS, no mode, no C1.
        assert!(!text.contains("\x1b]") && !text.contains("\x1bP") && !text.contains("\x1b[?"), "{what}: {text:?}");
        assert!(!text.contains(|it: char| ('\u{80}'..='\u{9f}').contains(&it)), "{what}");
        let controls = text.chars().filter(|it| it.is_control() && *it != '\x1b').count();
        assert_eq!(controls, 0, "{what}: {text:?}");
    }
}

/// A call in which somebody has this name: held, in the lobby, in the ledger, in the floor's lines; its subject too.
fn with(name: &str) -> Story {
    let mut story = Story::seated();
    let other = "44444444-0000-0000-0000-000000000001";
    let held = but(person(other, name), &json!({"isMuted": true}));
    let waits = but(person("44444444-0000-0000-0000-000000000002", name), &json!({"isInLobby": true}));
    story.history.later(1_000).roster(&[
        person(ME, "Callboard"),
        held,
        waits,
        person(crate::support::journal_builder::BOB, name),
    ]);
    story.history.call_said("updated", &json!({"subject": name}));
    story.history.fact(Fact::Noted(Noted::Refused { reason: name.into(), count: 3 }));
    story.catches_up().press("1 g 2 g j").press("H y").accepted().notice("startHoldMusicOperation");
    story.after(70_000);
    story
}

#[test]
fn hostile_names_never_corrupt_the_terminal() {
    for (what, name) in names() {
        let mut story = with(&name);
        for size in [(60, 20), (120, 36)] {
            let mut watched = Watched::new(size);
            for keys in ["1", "2", "j", "k", "3", "1 d", "Esc 2 d", "Esc 3 Enter", "Esc w", "j", "Esc 2 g X", "Esc r"] {
                story.press(keys);
                watched.draws(&story, &format!("{what}, after {keys} at {size:?}"));
            }
            story.press("Esc").presence(&name).fed(FeedEvent::Refused(name.clone()));
            watched.draws(&story, &format!("{what}, said by the line at {size:?}"));
            story.fed(FeedEvent::CaughtUp);
        }
    }
}

#[test]
fn cells_have_their_stated_width_with_every_name() {
    for (what, name) in names() {
        let clean = DisplayText::clean(&name);
        assert!(!clean.as_str().is_empty(), "{what}");
        assert!(!clean.as_str().chars().any(char::is_control), "{what}");
        assert_eq!(DisplayText::clean(clean.as_str()).as_str(), clean.as_str(), "{what}: cleaning twice changes it");
        for width in 0..40 {
            let fitted = clean.fit(width);
            let cells: usize = Buffer::with_lines([fitted.as_str()]).area.width.into();
            assert_eq!((fitted.width(), cells), (width, width), "{what} in {width}: {fitted:?}");
        }
        for line in clean.wrap(20) {
            assert!(line.trim_end().width() <= 20, "{what}: {line:?}");
        }
    }
}

#[test]
fn log_lines_with_hostile_names_have_no_control_characters() {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl Write for Kept {
        fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for (what, name) in names() {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || tracing::warn!(name = ?name, "somebody is called so"));
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{what}: {text:?}");
        assert!(!text.trim_end().chars().any(char::is_control), "{what}: {text:?}");
    }
}
