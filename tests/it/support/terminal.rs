//! The real binary in a pseudo-terminal, and an independent emulator that reads its screen.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a test waits for something to show before it gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a hand takes from key to key. Longer than the console waits for what belongs to an Esc.
const HAND: Duration = Duration::from_millis(60);

/// How long the console waits for what belongs to an Esc.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(50);

/// The last of the questions that the console asks its terminal at the start.
const LAST_QUESTION: &[u8] = b"\x1b[c";

/// What the emulator knows, and whether the program has closed its terminal.
struct View {
    emulator: vt100::Parser,
    written: Vec<u8>,
    closed: bool,
}

/// A program in a terminal of its own.
pub(crate) struct Terminal {
    view: Arc<(Mutex<View>, Condvar)>,
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    // Dropping it closes the terminal.
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Runs callboard with these words in a terminal of this size, and with no settings but the defaults.
    pub(crate) fn run(words: &[&str], size: (u16, u16)) -> Self {
        Self::run_with(words, &[("XDG_CONFIG_HOME", "/nowhere")], size)
    }

    /// The same with these variables.
    pub(crate) fn run_with(words: &[&str], variables: &[(&str, &str)], (columns, rows): (u16, u16)) -> Self {
        let program = [&[env!("CARGO_BIN_EXE_callboard")], words].concat();
        Self::start(&program, variables, (columns, rows), b"")
    }

    /// Runs a program in a terminal that answers this when it is asked about itself.
    pub(crate) fn start(
        program: &[&str],
        variables: &[(&str, &str)],
        (columns, rows): (u16, u16),
        answers: &'static [u8],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program[0]);
        command.args(&program[1..]);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR");
        command.env("TZ", "UTC");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        // The emulator needs a size although the terminal may have none.
        let (rows, columns) = if rows == 0 { (24, 80) } else { (rows, columns) };
        let emulator = vt100::Parser::new(rows, columns, 0);
        let view = Arc::new((Mutex::new(View { emulator, written: Vec::new(), closed: false }), Condvar::new()));
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        std::thread::spawn({
            let (view, keys) = (Arc::clone(&view), Arc::clone(&keys));
            move || {
                let mut bytes = [0; 8_192];
                loop {
                    let read = output.read(&mut bytes).unwrap_or(0);
                    if bytes[..read].windows(LAST_QUESTION.len()).any(|it| it == LAST_QUESTION) {
                        keys.lock().unwrap().write_all(answers).unwrap();
                    }
                    let mut held = view.0.lock().unwrap();
                    held.emulator.process(&bytes[..read]);
                    held.written.extend_from_slice(&bytes[..read]);
                    held.closed = read == 0;
                    view.1.notify_all();
                    if read == 0 {
                        return;
                    }
                }
            }
        });
        Self { view, keys, child, master: pair.master }
    }

    /// Types one key at human speed, because faster keys would count as a paste.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        drop(self.view.1.wait_timeout_while(self.view.0.lock().unwrap(), HAND, |_| true).unwrap());
        self.send(keys.as_bytes());
        self
    }

    /// Sends bytes at once.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.keys.lock().unwrap().write_all(bytes).unwrap();
    }

    /// Sends bytes over and over, until the program has closed its terminal.
    pub(crate) fn flood(&self, bytes: &'static [u8]) {
        let (view, keys) = (Arc::clone(&self.view), Arc::clone(&self.keys));
        std::thread::spawn(
            move || {
                while !view.0.lock().unwrap().closed && keys.lock().unwrap().write_all(bytes).is_ok() {}
            },
        );
    }

    /// Sends bytes in parts, with a pause before each but the first. Returns whether no two of them were as far apart as
    /// the console waits for what belongs to an Esc: a slow machine can make any pause longer.
    pub(crate) fn send_parts(&mut self, parts: &[&[u8]], pause: Duration) -> bool {
        let mut sent = patience();
        let mut close = true;
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                drop(self.view.1.wait_timeout_while(self.view.0.lock().unwrap(), pause, |_| true).unwrap());
            }
            self.send(part);
            close &= at == 0 || sent.elapsed() < ESCAPE_PATIENCE;
            sent = patience();
        }
        close
    }

    /// Has the screen drawn anew, after everything that was sent before; returns what it shows then.
    pub(crate) fn redrawn(&mut self) -> String {
        let clears = |written: &str| written.matches("\x1b[2J").count();
        let ends = |written: &str| written.matches("\x1b[?2026l").count();
        let before = clears(&String::from_utf8_lossy(&self.view.0.lock().unwrap().written));
        self.press("\x0c");
        self.until_written("a whole frame", |written| {
            let (_, frame) = written.rsplit_once("\x1b[2J")?;
            (clears(written) > before && ends(frame) > 0).then_some(())
        });
        self.screen()
    }

    /// What the screen shows, a line a row.
    pub(crate) fn screen(&self) -> String {
        self.view.0.lock().unwrap().emulator.screen().contents()
    }

    /// Waits until the program has written something that no screen shows.
    pub(crate) fn until_written<T>(&mut self, what: &str, found: impl Fn(&str) -> Option<T>) -> T {
        let begin = patience();
        let mut view = self.view.0.lock().unwrap();
        loop {
            if let Some(found) = found(&String::from_utf8_lossy(&view.written)) {
                return found;
            }
            let left = PATIENCE.checked_sub(begin.elapsed());
            let left = left.unwrap_or_else(|| panic!("never written: {what}\n{}", view.emulator.screen().contents()));
            view = self.view.1.wait_timeout(view, left).unwrap().0;
        }
    }

    /// Waits until the screen shows something.
    pub(crate) fn until(&mut self, what: &str, shown: impl Fn(&str) -> bool) -> String {
        let begin = patience();
        let mut view = self.view.0.lock().unwrap();
        loop {
            let screen = view.emulator.screen().contents();
            if shown(&screen) {
                return screen;
            }
            let left = PATIENCE.checked_sub(begin.elapsed());
            let left = left.unwrap_or_else(|| panic!("never shown: {what}\n{screen}"));
            assert!(!view.closed, "ended before it showed {what}:\n{screen}");
            view = self.view.1.wait_timeout(view, left).unwrap().0;
        }
    }

    pub(crate) fn shows(&mut self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Changes the terminal's size.
    pub(crate) fn resize(&mut self, (columns, rows): (u16, u16)) -> &mut Self {
        self.view.0.lock().unwrap().emulator.screen_mut().set_size(rows, columns);
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self
    }

    /// The terminal is as it was found, although the program has not ended.
    pub(crate) fn is_as_found(&self) -> bool {
        !is_taken(self.view.0.lock().unwrap().emulator.screen())
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Quits with its key, and answers the question where the key came amid others.
    pub(crate) fn quit(&mut self) {
        self.press("q");
        let begin = patience();
        let mut view = self.view.0.lock().unwrap();
        while !view.closed {
            if view.emulator.screen().contents().contains("y   quit") {
                drop(view);
                self.press("y");
                return;
            }
            let left = PATIENCE.checked_sub(begin.elapsed());
            let left =
                left.unwrap_or_else(|| panic!("it neither quits nor asks:\n{}", view.emulator.screen().contents()));
            view = self.view.1.wait_timeout(view, left).unwrap().0;
        }
    }

    /// Waits for the end, and returns whether it succeeded and everything that was written.
    pub(crate) fn ends(mut self) -> (bool, Ended) {
        let status = self.child.wait().unwrap();
        let mut view = self.view.0.lock().unwrap();
        while !view.closed {
            view = self.view.1.wait_timeout(view, PATIENCE).unwrap().0;
        }
        let screen = view.emulator.screen();
        let ended = Ended {
            taken: is_taken(screen),
            text: screen.contents(),
            written: String::from_utf8_lossy(&view.written).into_owned(),
        };
        (status.success(), ended)
    }
}

/// Whether the alternate screen, a hidden cursor, the marks of pastes or the mouse are on.
fn is_taken(screen: &vt100::Screen) -> bool {
    screen.alternate_screen()
        || screen.hide_cursor()
        || screen.bracketed_paste()
        || screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
}

/// How a program left its terminal.
pub(crate) struct Ended {
    /// Whether the alternate screen, a hidden cursor, the marks of pastes or the mouse were left on.
    taken: bool,
    pub(crate) text: String,
    pub(crate) written: String,
}

impl Ended {
    /// The terminal is as it was found.
    pub(crate) fn is_as_found(&self) -> bool {
        !self.taken
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's patience is wall time")]
fn patience() -> Instant {
    Instant::now()
}
