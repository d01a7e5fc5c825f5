//! The examples that the wire tests read: those of `tests/data`, which are always there, and the folder of documented
//! ones that `CALLBOARD_GRAPH_EXAMPLES` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::outside;

const DOCUMENTED: &str = "CALLBOARD_GRAPH_EXAMPLES";

/// `tests/data/index.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Index {
    /// What the summaries call the ids of the examples.
    pub(crate) ids: BTreeMap<String, String>,
    #[serde(rename = "example")]
    pub(crate) examples: Vec<Example>,
}

/// An example of our own writing, as the index describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// From `tests/data` on.
    pub(crate) file: String,
    pub(crate) kind: Kind,
    /// The heading of the contract that the example belongs to.
    pub(crate) heading: String,
    /// The form that it stands for.
    pub(crate) form: String,
    #[serde(default)]
    pub(crate) traps: Vec<String>,
    /// What must be understood of it.
    pub(crate) understood: Vec<String>,
    /// What no type reads.
    #[serde(default)]
    pub(crate) kept: Vec<String>,
    /// The text of the file.
    #[serde(skip)]
    pub(crate) text: String,
}

/// What an example is; each kind has a folder of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// The body of a webhook, as it is posted.
    Notification,
    /// `method`, `path`, `status`, `headers` and `body`.
    Answer,
    /// `method`, `path` and `body`.
    Request,
    /// Bodies of webhooks in turn, each `after` the one before.
    Sequence,
}

impl Example {
    /// Returns the file as JSON; `null` where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Returns what a documented example of the same kind has as its body, as text; none for a sequence.
    pub(crate) fn body(&self) -> Option<String> {
        match self.kind {
            Kind::Notification => Some(self.text.clone()),
            Kind::Answer | Kind::Request => Some(self.json()["body"].to_string()),
            Kind::Sequence => None,
        }
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// Returns the index, with the text of each example.
pub(crate) fn own() -> Index {
    let mut index: Index = toml::from_str(&std::fs::read_to_string(folder().join("index.toml")).unwrap()).unwrap();
    for example in &mut index.examples {
        example.text = std::fs::read_to_string(folder().join(&example.file)).unwrap_or_else(|error| {
            panic!("{}: {error}", example.file);
        });
    }
    index
}

/// A documented example: its file's name, its text, and what that says.
pub(crate) struct Documented {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) json: Value,
}

/// Returns every documented example, where there is a folder of them.
pub(crate) fn documented() -> Option<Vec<Documented>> {
    let Some(folder) = std::env::var_os(DOCUMENTED) else {
        outside::skipped(&format!("{DOCUMENTED} names no folder of documented examples"));
        return None;
    };
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let json = serde_json::from_str(&text).unwrap();
        Documented { name: path.file_stem().unwrap().to_string_lossy().into_owned(), text, json }
    };
    let all: Vec<_> = std::fs::read_dir(folder).unwrap().map(read).collect();
    assert!(all.len() > 250, "only {} examples in {DOCUMENTED}", all.len());
    Some(all)
}
