//! External checks of the simulator: Microsoft's clients, and schemathesis with Graph's description.
//!
//! Each is a program under `tests/conformance`, which meets a real `callboard sim`. It tells the address of its webhook,
//! gets the simulator's ready line, and ends with 0 when it finds nothing wrong. Needs Python or Node with the pinned
//! packages; without them it says so and is skipped, except in the gate.

mod samples;

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::support::outside::skipped;

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn program(variable: &str, otherwise: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| otherwise.into())
}

/// Python, when it has these packages.
fn python(packages: &str) -> Option<Command> {
    let python = program("CALLBOARD_PYTHON", "python3");
    let look = format!("import importlib.util as it, sys; sys.exit(not all(map(it.find_spec, '{packages}'.split())))");
    let found = Command::new(&python).args(["-c", &look]).output();
    if found.is_ok_and(|it| it.status.success()) {
        let mut command = Command::new(python);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        return Some(command);
    }
    skipped(&format!(
        "{} lacks {packages}: install tests/conformance/python/requirements.txt, or name a Python that has them in \
         CALLBOARD_PYTHON",
        Path::new(&python).display()
    ));
    None
}

/// Node, for scripts that are put into this folder: modules are looked for beside a script.
fn node(scripts: &Path) -> Option<Command> {
    let Some(modules) = std::env::var_os("CALLBOARD_NODE_MODULES") else {
        skipped("CALLBOARD_NODE_MODULES does not name the modules of tests/conformance/js/package-lock.json");
        return None;
    };
    let node = program("CALLBOARD_NODE", "node");
    let version = Command::new(&node).arg("--version").output().map(|it| String::from_utf8(it.stdout).unwrap());
    let version = version.unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse::<u32>().ok());
    if major.is_none_or(|it| it < 20) {
        skipped(&format!("Node 20 or newer is needed, {version:?} is there; CALLBOARD_NODE names another"));
        return None;
    }
    std::os::unix::fs::symlink(modules, scripts.join("node_modules")).unwrap();
    Some(Command::new(node))
}

/// Runs an external check against a new simulator, in a separate folder.
fn sits(mut judge: Command, room: &Path) {
    judge.current_dir(room).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut judge = Process(judge.spawn().unwrap());
    let mut said = BufReader::new(judge.0.stdout.take().unwrap());
    let errors = judge.0.stderr.take().unwrap();
    let errors = std::thread::spawn(move || std::io::read_to_string(errors).unwrap());
    let mut webhook = String::new();
    said.read_line(&mut webhook).unwrap();
    let simulator = webhook.starts_with("http").then(|| simulator(webhook.trim(), judge.0.stdin.take().unwrap()));
    let said = std::io::read_to_string(said).unwrap();
    let (status, errors) = (judge.0.wait().unwrap(), errors.join().unwrap());
    drop(simulator);
    assert!(status.success(), "{webhook}{said}\n{errors}");
    eprintln!("{said}");
}

/// Starts an empty simulator, whose ready line the check gets.
fn simulator(webhook: &str, mut to: ChildStdin) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(["sim", "--json", "--seed", "7", "--speed", "10", "--callback", webhook, "--scenario"]);
    command.arg(folder().join("quiet.toml")).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut simulator = Process(command.spawn().unwrap());
    let mut ready = String::new();
    BufReader::new(simulator.0.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    to.write_all(ready.as_bytes()).unwrap();
    simulator
}

#[test]
fn microsofts_python_sdk_drives_every_documented_row() {
    let Some(mut judge) = python("msgraph jwt requests") else { return };
    judge.arg(folder().join("python/sdk.py"));
    sits(judge, tempfile::tempdir().unwrap().path());
}

#[test]
fn microsofts_javascript_client_drives_every_documented_row() {
    let room = tempfile::tempdir().unwrap();
    let scripts = room.path().join("js");
    std::fs::create_dir(&scripts).unwrap();
    let Some(mut judge) = node(&scripts) else { return };
    for name in ["harness.mjs", "rows.mjs", "floor.mjs", "webhook.mjs"] {
        std::fs::copy(folder().join("js").join(name), scripts.join(name)).unwrap();
    }
    std::fs::copy(folder().join("rows.json"), room.path().join("rows.json")).unwrap();
    judge.arg(scripts.join("harness.mjs"));
    sits(judge, room.path());
}

#[test]
fn schemathesis_finds_no_answer_outside_graphs_description() {
    let Some(description) = std::env::var_os("CALLBOARD_OPENAPI") else {
        return skipped("CALLBOARD_OPENAPI does not name the OpenAPI description of Graph's calls API");
    };
    let Some(mut judge) = python("schemathesis jwt requests yaml") else { return };
    judge.env("CALLBOARD_OPENAPI", std::path::absolute(description).unwrap());
    judge.arg(folder().join("python/schema.py"));
    sits(judge, tempfile::tempdir().unwrap().path());
}
