//! The names of types: each stands in one file, and few are a single word.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{ONE_WORD_PERCENT, SHARED_NAMES, SharedName};
use super::tree::Tree;

/// The files that define a type of each name.
fn types(tree: &Tree) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in tree.program() {
        for item in source.facts.items.iter().filter(|it| it.is_type && !it.is_test) {
            types.entry(&item.name).or_default().insert(&source.name);
        }
    }
    types
}

/// The names that two files define and that are not in the list, and the names in the list that no two files define.
fn repeated(tree: &Tree, shared: &[SharedName]) -> Vec<String> {
    let types = types(tree);
    let is_shared = |name: &str| shared.iter().any(|(it, _)| *it == name);
    let more = types.iter().filter(|(name, files)| files.len() > 1 && !is_shared(name));
    let more = more.map(|(name, files)| format!("{name}: {}", files.iter().copied().collect::<Vec<_>>().join(" ")));
    let fewer = shared.iter().filter(|(name, _)| types.get(name).is_none_or(|it| it.len() < 2));
    more.chain(fewer.map(|(name, _)| format!("{name} is in SHARED_NAMES, and no two files define it"))).collect()
}

/// The names of a single word.
fn one_word(tree: &Tree) -> Vec<&str> {
    let words = |name: &str| name.chars().filter(char::is_ascii_uppercase).count();
    types(tree).into_keys().filter(|name| words(name) < 2).collect()
}

fn one_word_percent(tree: &Tree) -> usize {
    one_word(tree).len() * 100 / types(tree).len().max(1)
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    eprintln!("Type names that two files define\n    {}\n", repeated(tree, SHARED_NAMES).join("\n    "));
    eprintln!("Type names of one word\n    {}\n", one_word(tree).join(" "));
    vec![
        ("type names that two files define", repeated(tree, SHARED_NAMES).len(), 0),
        ("percent of type names that are one word", one_word_percent(tree), ONE_WORD_PERCENT),
    ]
}

#[test]
fn a_type_name_stands_in_one_file() {
    let found = repeated(Tree::house(), SHARED_NAMES);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn few_type_names_are_one_word() {
    let (tree, percent) = (Tree::house(), one_word_percent(Tree::house()));
    assert!(percent <= ONE_WORD_PERCENT, "{percent} %, at most {ONE_WORD_PERCENT}: {}", one_word(tree).join(" "));
}

#[test]
fn a_type_name_in_two_files_is_found() {
    let tree = Tree::parse([
        (
            "src/a.rs",
            "pub struct Call; enum CallState {} trait Row {} type Rows = Vec<u8>; union Bits { a: u8 }
             open_enum! { /// Where it is.
             CallMode { Open = \"open\" } }
             #[cfg(test)] mod tests { struct Free; }",
        ),
        ("src/b.rs", "struct CallMode; mod deep { trait CallState {} } struct Free; fn f() { struct Bits; }"),
        (
            "src/c.rs",
            "macro_rules! make { () => { pub struct Rows; } } id!(/// An id.\n Row); struct Rows; struct Free2;",
        ),
        ("tests/it/d.rs", "struct Call;"),
    ]);
    let all = [
        "Bits: src/a.rs src/b.rs",
        "CallMode: src/a.rs src/b.rs",
        "CallState: src/a.rs src/b.rs",
        "Row: src/a.rs src/c.rs",
        "Rows: src/a.rs src/c.rs",
    ];
    assert_eq!(repeated(&tree, &[]), all);
    let listed: &[SharedName] = &[("Bits", "both are bits"), ("Row", "both are rows"), ("Free", "one file has it")];
    let fewer = ["CallMode: src/a.rs src/b.rs", "CallState: src/a.rs src/b.rs", "Rows: src/a.rs src/c.rs"];
    let stale = ["Free is in SHARED_NAMES, and no two files define it"];
    assert_eq!(repeated(&tree, listed), [fewer.as_slice(), &stale].concat());
    assert_eq!(one_word(&tree), ["Bits", "Call", "Free", "Free2", "Row", "Rows"]);
    assert_eq!(one_word_percent(&tree), 75);
}
