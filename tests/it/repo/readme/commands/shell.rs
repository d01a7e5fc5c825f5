//! A reader's shell in a folder of its own: what one block sets, the next one has. Servers end with it.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// How long a block may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a file is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// The ports that the pages name; each is replaced by one that is free.
const PORTS: [&str; 3] = ["8443", "8900", "9464"];

/// What goes before each block: what the blocks before it have set, and everything exported for those after it.
const BEFORE: &str = "set -a; [ -e .state ] && . ./.state; ";
/// What goes after it.
const AFTER: &str = "; { export -p; declare -f; umask -p; } > .state";

/// A free port, held until a block names it, so that nobody else takes it.
struct Port {
    number: u16,
    held: Option<TcpListener>,
}

/// A shell that follows a page.
pub(crate) struct Shell {
    folder: tempfile::TempDir,
    ports: Vec<(&'static str, Port)>,
    servers: Vec<Child>,
    /// What servers said on standard error before they were ready.
    said: Vec<u8>,
}

impl Shell {
    /// A shell that finds this build's callboard, and the clone's assets where the clone's root has them.
    pub(crate) fn new(clone: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_callboard"), bin.join("callboard")).unwrap();
        std::os::unix::fs::symlink(clone.join("assets"), folder.path().join("assets")).unwrap();
        let free = || {
            let held = TcpListener::bind("127.0.0.1:0").unwrap();
            Port { number: held.local_addr().unwrap().port(), held: Some(held) }
        };
        let ports = PORTS.map(|it| (it, free())).into();
        Self { folder, ports, servers: Vec::new(), said: Vec::new() }
    }

    /// A block's text with ports that are free, which are its own from now on.
    fn script(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, port) in &mut self.ports {
            if text.contains(*name) {
                port.held = None;
                text = text.replace(*name, &port.number.to_string());
            }
        }
        text
    }

    /// The variables of a block's shell, beside those of the machine.
    fn variables(&self) -> [(&'static str, String); 4] {
        let folder = self.folder.path().display();
        let path = format!("{folder}/bin:{}", std::env::var("PATH").unwrap());
        [
            ("PATH", path),
            ("HOME", folder.to_string()),
            ("XDG_CONFIG_HOME", format!("{folder}/.config")),
            ("TERM", "xterm-256color".to_owned()),
        ]
    }

    fn bash(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", script]).current_dir(self.folder.path()).envs(self.variables()).env_remove("NO_COLOR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }

    /// Saves a block as a file.
    pub(crate) fn save(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs a block to its end; it must succeed.
    pub(crate) fn run(&mut self, place: &str, text: &str) {
        let script = format!("{BEFORE}set -eo pipefail\n{}\nset +eo pipefail{AFTER}", self.script(text));
        let (success, said) = finish(self.bash(&script), place);
        assert!(success, "{place} failed:\n{said}");
    }

    /// Runs one command, however it ends; what it prints.
    pub(crate) fn say(&mut self, command: &str) -> String {
        let script = format!("{BEFORE}\n{{ {}\n}} 2>&1{AFTER}", self.script(command));
        finish(self.bash(&script), command).1
    }

    /// Starts a block's server and waits until it has printed its first line, or written it to the block's file.
    pub(crate) fn serve(&mut self, place: &str, text: &str) {
        let file = text.rsplit_once(" > ").map(|(_, it)| self.folder.path().join(it.trim()));
        let script = format!("{BEFORE}\n{}", self.script(text));
        let mut child = self.bash(&script).spawn().unwrap();
        let (out, err) = (pieces(child.stdout.take().unwrap()), pieces(child.stderr.take().unwrap()));
        let began = now();
        let ready = loop {
            // A server that writes to a file closes its standard output: only its end says that it has ended.
            let written =
                file.as_ref().is_some_and(|file| std::fs::read_to_string(file).is_ok_and(|it| it.ends_with('\n')));
            if written || out.try_recv().is_ok() {
                break true;
            }
            if child.try_wait().unwrap().is_some() || began.elapsed() > PATIENCE {
                break false;
            }
            // Nothing comes from here while it is quiet: a wait that an error cuts short.
            if let Ok(part) = err.recv_timeout(GLANCE) {
                self.said.extend(part);
            }
        };
        if !ready {
            end(&mut child);
            self.said.extend(err.iter().flatten());
            panic!("{place} is not ready:\n{}", String::from_utf8_lossy(&self.said));
        }
        self.servers.push(child);
    }

    /// Runs a block in a terminal until its screen shows a word; `q` then ends it, and it must end well.
    pub(crate) fn show(&mut self, place: &str, text: &str, word: &str) {
        let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new("bash");
        command.args(["-c", &format!("{BEFORE}\n{}", self.script(text))]);
        command.cwd(self.folder.path());
        command.env_remove("NO_COLOR");
        self.variables().into_iter().for_each(|(name, value)| command.env(name, value));
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (mut keys, out) = (pair.master.take_writer().unwrap(), pair.master.try_clone_reader().unwrap());
        let bytes = pieces(out);
        let mut screen = vt100::Parser::new(size.rows, size.cols, 0);
        let began = now();
        while !screen.screen().contents().contains(word) {
            let left = PATIENCE.checked_sub(began.elapsed());
            let Some(part) = left.and_then(|it| bytes.recv_timeout(it).ok()) else {
                child.kill().unwrap();
                panic!("{place} never shows {word:?}:\n{}", screen.screen().contents());
            };
            screen.process(&part);
        }
        keys.write_all(b"q").unwrap();
        keys.flush().unwrap();
        while began.elapsed() < PATIENCE && bytes.recv_timeout(PATIENCE).is_ok() {}
        assert!(child.wait().unwrap().success(), "{place} did not end well");
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.servers.iter_mut().for_each(end);
    }
}

/// Ends a shell and what it started.
fn end(child: &mut Child) {
    let group = format!("-{}", child.id());
    drop(Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status());
    drop(child.wait());
}

/// Waits for a command's end: whether it succeeded, and what it printed.
fn finish(mut command: Command, place: &str) -> (bool, String) {
    let mut child = command.spawn().unwrap();
    let (out, err) = (whole(child.stdout.take().unwrap()), whole(child.stderr.take().unwrap()));
    let (Ok(said), Ok(error)) = (out.recv_timeout(PATIENCE), err.recv_timeout(PATIENCE)) else {
        end(&mut child);
        panic!("{place} does not end");
    };
    (child.wait().unwrap().success(), said + &error)
}

/// All that a pipe gives, once it is closed.
fn whole(mut from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, said) = channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        drop(from.read_to_string(&mut text));
        send.send(text)
    });
    said
}

/// What a pipe gives, piece by piece; it is read on, so that nobody is waiting for room in it.
fn pieces(mut from: impl std::io::Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, said) = channel();
    std::thread::spawn(move || {
        let mut part = [0; 8_192];
        while let Ok(read @ 1..) = from.read(&mut part) {
            drop(send.send(part[..read].to_vec()));
        }
    });
    said
}

#[expect(clippy::disallowed_methods, reason = "a test's patience is wall time")]
fn now() -> Instant {
    Instant::now()
}
