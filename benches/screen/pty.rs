//! A program in a pseudo-terminal, and when it writes.

use std::io::{Read as _, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::process;

/// The maximum time for a program to start, or to answer a key.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running program. It is ended when it is dropped.
pub(crate) struct Program {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    writes: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Program {
    /// Starts a program at 120x36, and waits until a text stands on its screen.
    pub(crate) fn start(path: &str, words: &[&str], ready: &str) -> Self {
        let (rows, cols) = (36, 120);
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal opens");
        let mut command = CommandBuilder::new(path);
        command.args(words);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env("XDG_CONFIG_HOME", "/nowhere");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let mut reader = pair.master.try_clone_reader().expect("the terminal is read");
        let keys = pair.master.take_writer().expect("the terminal takes keys");
        let (sender, writes) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        // A frame writes only the cells that change, so the bytes need not have the text in one piece.
        let screen = vt100::Parser::new(rows, cols, 0);
        let mut program = Self { child, keys, writes, screen, _master: pair.master };
        let shown = program.until(|it| it.contains(ready));
        assert!(shown.is_some(), "the program does not show {ready}:\n{}", program.screen.screen().contents());
        program
    }

    /// Reads what the program writes until its screen is as wanted, and returns when it was; `None` if it does not come.
    pub(crate) fn until(&mut self, is_wanted: impl Fn(&str) -> bool) -> Option<Instant> {
        let mut last = Instant::now();
        while !is_wanted(&self.screen.screen().contents()) {
            last = self.next_write()?;
        }
        Some(last)
    }

    /// Sends keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the terminal takes keys");
    }

    /// Drops what was written so far, and returns how many writes and bytes it was.
    pub(crate) fn drain(&mut self) -> (usize, usize) {
        let writes: Vec<Vec<u8>> = self.writes.try_iter().map(|(_, bytes)| bytes).collect();
        for bytes in &writes {
            self.screen.process(bytes);
        }
        (writes.len(), writes.iter().map(Vec::len).sum())
    }

    /// Returns when the program writes next; `None` if it does not.
    pub(crate) fn next_write(&mut self) -> Option<Instant> {
        let (at, bytes) = self.writes.recv_timeout(TIMEOUT).ok()?;
        self.screen.process(&bytes);
        Some(at)
    }

    /// Returns the time that the program has computed, where the system tells it in `/proc`.
    pub(crate) fn cpu_time(&self) -> Option<Duration> {
        process::cpu_time(self.child.process_id()?)
    }

    /// Returns the program's memory in KiB, where the system tells it in `/proc`.
    pub(crate) fn memory(&self) -> Option<f64> {
        process::memory(self.child.process_id()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
