//! The folder of documented Graph examples, where `CALLBOARD_GRAPH_EXAMPLES` names one; always in CI.

use std::path::PathBuf;

use serde_json::Value;

const EXAMPLES: &str = "CALLBOARD_GRAPH_EXAMPLES";

/// The folder; without one the test says so and is skipped, and fails in CI.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os(EXAMPLES).map(PathBuf::from);
    if folder.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{EXAMPLES} must name the folder of documented examples in CI");
        eprintln!("skipped: {EXAMPLES} names no folder of documented examples");
    }
    folder
}

/// Every example: the file's name, its text, and what that says.
pub(crate) fn all() -> Option<Vec<(String, String, Value)>> {
    let files = std::fs::read_dir(folder()?).unwrap();
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let example = serde_json::from_str(&text).unwrap();
        (path.file_name().unwrap().to_string_lossy().into_owned(), text, example)
    };
    let all: Vec<_> = files.map(read).collect();
    assert!(all.len() > 250, "only {} examples in {EXAMPLES}", all.len());
    Some(all)
}
