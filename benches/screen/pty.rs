//! A program in a pseudo-terminal, and when it writes.

use std::io::{Read as _, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

/// The maximum time for a program to start, or to answer a key.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running program. It is ended when it is dropped.
pub(crate) struct Program {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    writes: Receiver<(Instant, Vec<u8>)>,
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
        let program = Self { child, keys, writes, _master: pair.master };
        // A frame writes only the cells that change, so the bytes need not have the text in one piece.
        let mut terminal = vt100::Parser::new(rows, cols, 0);
        while !terminal.screen().contents().contains(ready) {
            let (_, bytes) = program.writes.recv_timeout(TIMEOUT).expect("the program draws");
            terminal.process(&bytes);
        }
        program
    }

    /// Sends keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the terminal takes keys");
    }

    /// Drops what was written so far, and returns how many writes and bytes it was.
    pub(crate) fn drain(&self) -> (usize, usize) {
        let writes: Vec<usize> = self.writes.try_iter().map(|(_, bytes)| bytes.len()).collect();
        (writes.len(), writes.iter().sum())
    }

    /// Returns when the program writes next; `None` if it does not.
    pub(crate) fn next_write(&self) -> Option<Instant> {
        match self.writes.recv_timeout(TIMEOUT) {
            Ok((at, _)) => Some(at),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Returns the time that the program has computed, where the system tells it in `/proc`.
    pub(crate) fn cpu_time(&self) -> Option<Duration> {
        let id = self.child.process_id()?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The fields after the name, which is in parentheses: the 12th and the 13th are ticks of 10 ms.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u64 = fields.get(11..13)?.iter().filter_map(|it| it.parse::<u64>().ok()).sum();
        Some(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
