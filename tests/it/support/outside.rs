//! What only the project's own gate has: folders outside the repository, and programs of others.
//!
//! Every CI service sets `CI`, also for a fork that has none of this, so the gate has a word of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

const GATE: &str = "CALLBOARD_GATE";

/// Returns whether a test must fail when it lacks something from outside: the gate sets `CALLBOARD_GATE=1`.
pub(crate) fn required() -> bool {
    std::env::var_os(GATE).is_some_and(|it| it == "1")
}

/// Says why a test is skipped, or fails it where nothing may be skipped.
pub(crate) fn skipped(why: &str) {
    assert!(!required(), "{why}");
    eprintln!("skipped: {why}");
}

/// Builds the library of `tests/data/NAME/shim.c`, which a process can preload, in a folder. Returns `None`, and says why,
/// where it cannot be built or preloaded.
pub(crate) fn preloaded_library(name: &str, folder: &Path) -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        skipped("a library can be preloaded like this on Linux only");
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}/shim.c"));
    let library = folder.join(format!("{name}.so"));
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).output();
    match built {
        Ok(ended) if ended.status.success() => Some(library),
        Ok(ended) => panic!("cc cannot build the {name} shim: {}", String::from_utf8_lossy(&ended.stderr)),
        Err(error) => {
            skipped(&format!("there is no cc to build the {name} shim: {error}"));
            None
        }
    }
}

#[test]
fn only_ci_requires_external_programs() {
    let test = "floor::wire::every_documented_example_is_understood";
    for (variable, value, passes) in [(GATE, "1", false), (GATE, "0", true), ("CI", "true", true)] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([test, "--exact", "--nocapture"]);
        child.env_remove("CI").env_remove(GATE).env_remove("CALLBOARD_GRAPH_EXAMPLES").env(variable, value);
        let ended = child.output().unwrap();
        let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
        assert!(said.contains("1 test") && said.contains("CALLBOARD_GRAPH_EXAMPLES names no folder"), "{said}");
        assert_eq!(
            (ended.status.success(), said.contains("skipped: ")),
            (passes, passes),
            "{variable}={value}: {said}"
        );
    }
}
