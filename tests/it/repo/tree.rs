//! The source tree as the checks read it: each file of `src`, `tests` and `benches`, parsed, with its module path.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::facts::{Facts, facts};

/// The folders that hold Rust.
const ROOTS: [&str; 3] = ["src", "tests", "benches"];

pub(super) struct Source {
    /// From the repository's root on, with `/`.
    pub(super) name: String,
    pub(super) text: String,
    /// The path of its module in its crate; empty for a crate's root.
    pub(super) module: Vec<String>,
    /// A file that only tests compile: below `tests` or `benches`, or declared by `#[cfg(test)] mod …;`.
    pub(super) is_test: bool,
    pub(super) facts: Facts,
}

impl Source {
    fn parse(name: &str, text: &str) -> Self {
        let facts = facts(text).unwrap_or_else(|error| panic!("{name} does not parse: {error}"));
        let is_test = !name.starts_with("src/");
        Self { name: name.to_owned(), text: text.to_owned(), module: module(name), is_test, facts }
    }

    /// A file of the library: the crate whose modules refer to each other by `crate::`.
    pub(super) fn is_library(&self) -> bool {
        self.name.starts_with("src/") && self.name != "src/main.rs"
    }

    /// The room: the first folder below `src`, or the file that stands for it.
    pub(super) fn room(&self) -> &str {
        let below = self.name.split('/').nth(1).unwrap_or_default();
        below.strip_suffix(".rs").unwrap_or(below)
    }

    /// The folder that holds the file.
    pub(super) fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The name without its folder and `.rs`.
    pub(super) fn stem(&self) -> &str {
        let last = self.name.rsplit('/').next().unwrap_or_default();
        last.strip_suffix(".rs").unwrap_or(last)
    }
}

/// The parsed files, in the order of their names.
pub(super) struct Tree {
    pub(super) sources: Vec<Source>,
}

impl Tree {
    /// Parses files that are in memory: a name as `src/desk/act.rs`, and a text.
    pub(super) fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sources: Vec<Source> = files.into_iter().map(|(name, text)| Source::parse(name, text)).collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let tests: BTreeSet<Vec<String>> = sources.iter().flat_map(test_modules).collect();
        for source in &mut sources {
            source.is_test |= (1..=source.module.len()).any(|depth| tests.contains(&source.module[..depth]));
        }
        Self { sources }
    }

    /// The repository itself, read once.
    pub(super) fn house() -> &'static Self {
        static HOUSE: OnceLock<Tree> = OnceLock::new();
        HOUSE.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let files: Vec<(String, String)> = ROOTS.iter().flat_map(|it| rust_files(&root.join(it))).collect();
            Self::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        })
    }

    /// The library's files that every build compiles.
    pub(super) fn program(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|it| it.is_library() && !it.is_test)
    }
}

/// The modules that a file of the library declares by `#[cfg(test)] mod …;`.
fn test_modules(source: &Source) -> Vec<Vec<String>> {
    let declared = source.facts.modules.iter().filter(|it| it.is_test && source.is_library());
    declared.map(|it| [source.module.as_slice(), it.path.as_slice()].concat()).collect()
}

/// `src/desk/act.rs` is `desk::act`; a crate's root has no name.
fn module(name: &str) -> Vec<String> {
    let path = name.strip_suffix(".rs").unwrap_or(name);
    let mut steps: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
    if steps.last().is_some_and(|it| it == "lib" || it == "main") {
        steps.pop();
    }
    steps
}

fn rust_files(root: &Path) -> Vec<(String, String)> {
    let mut folders = vec![root.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                let name = name.to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn a_module_that_only_tests_compile_is_marked_with_all_below_it() {
    let tree = Tree::parse([
        ("src/lib.rs", "pub mod a;"),
        ("src/a.rs", "#[cfg(test)] mod checks; mod b;"),
        ("src/a/b.rs", ""),
        ("src/a/checks.rs", "mod deep;"),
        ("src/a/checks/deep.rs", ""),
    ]);
    let program: Vec<&str> = tree.program().map(|it| it.name.as_str()).collect();
    assert_eq!(program, ["src/a.rs", "src/a/b.rs", "src/lib.rs"]);
}
