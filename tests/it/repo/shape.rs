//! The shape of files, folders, functions and structs: how large each may be, and what each file opens with.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{FILE_LINES, FUNCTION_LINES, PARAMETERS, SHORT_DOCS, STRUCT_FIELDS};
use super::limits::{FOLDER_FILES, IMPL_FILES, TEST_FOLDER_FILES, WIDE, WIDE_STRUCTS, WORLD_IMPL_FILES, WideStruct};
use super::resolve::{Index, Place};
use super::tree::Tree;

/// The names that say nothing of what a file is for.
const EMPTY_NAMES: [&str; 6] = ["utils", "common", "types", "manager", "handler", "helpers"];

/// A measured thing: where it is, and how large.
type Measure = (String, usize);

fn file_lines(tree: &Tree) -> Vec<Measure> {
    tree.sources.iter().map(|it| (it.name.clone(), it.text.lines().count())).collect()
}

fn function_lines(tree: &Tree) -> Vec<Measure> {
    functions(tree, |it| it.lines)
}

fn parameters(tree: &Tree) -> Vec<Measure> {
    functions(tree, |it| it.parameters)
}

fn functions(tree: &Tree, size: fn(&super::facts::Function) -> usize) -> Vec<Measure> {
    let all = tree.sources.iter().flat_map(|source| source.facts.functions.iter().map(move |it| (source, it)));
    all.map(|(source, it)| (format!("{}:{}: {}", source.name, it.line, it.name), size(it))).collect()
}

/// The files of each folder below one of these roots.
fn folder_files(tree: &Tree, roots: &[&str]) -> Vec<Measure> {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for source in &tree.sources {
        if !roots.iter().any(|root| source.name.starts_with(root)) {
            continue;
        }
        *folders.entry(source.folder()).or_default() += 1;
    }
    folders.into_iter().map(|(folder, files)| (folder.to_owned(), files)).collect()
}

fn struct_fields(tree: &Tree, wide: &[WideStruct]) -> Vec<Measure> {
    let mut found = Vec::new();
    for source in tree.program() {
        let structs = source.facts.items.iter().filter(|it| it.is_type && !it.is_test);
        let others = structs.filter(|it| !wide.iter().any(|(name, ..)| *name == it.name));
        found.extend(others.map(|it| (format!("{}:{}: {}", source.name, it.line, it.name), it.fields)));
    }
    found
}

/// The entries of the list that no struct needs any more.
fn narrow_structs(tree: &Tree, wide: &[WideStruct], most: usize) -> Vec<String> {
    let large = struct_fields(tree, &[]).into_iter().filter(|(_, fields)| *fields > most);
    let large: Vec<String> = large.filter_map(|(name, _)| name.rsplit(' ').next().map(str::to_owned)).collect();
    let narrow = wide.iter().filter(|(name, ..)| !large.iter().any(|it| it == name));
    narrow.map(|(name, kind, _)| format!("{name} ({kind}) is in WIDE_STRUCTS, and has few fields")).collect()
}

/// The files that hold an inherent `impl` of each type, by the file that defines the type.
fn impl_files(tree: &Tree, is_counted: fn(&str) -> bool) -> Vec<Measure> {
    let index = Index::of(tree);
    let mut files: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for source in tree.program() {
        for reference in source.facts.impls.iter().filter(|it| !it.is_test) {
            let (Place::Item(home), Some(name)) = (index.place(source, reference), reference.path.last()) else {
                continue;
            };
            files.entry((home, name.clone())).or_default().insert(&source.name);
        }
    }
    let counted = files.into_iter().filter(|((_, name), _)| is_counted(name));
    counted.map(|((home, name), files)| (format!("{home}: {name}"), files.len())).collect()
}

fn is_world(name: &str) -> bool {
    name == "World"
}

fn is_not_world(name: &str) -> bool {
    !is_world(name)
}

/// What the name and the first line of a file lack.
fn heads(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in &tree.sources {
        if !source.text.starts_with("//! ") {
            found.push(format!("{}: does not open with what it is for", source.name));
        }
        if source.stem() == "mod" {
            found.push(format!("{}: a module stands beside its folder", source.name));
        }
        if EMPTY_NAMES.contains(&source.stem()) {
            found.push(format!("{}: {} says nothing", source.name, source.stem()));
        }
    }
    found
}

/// The doc comments of one or two words.
fn short_docs(tree: &Tree) -> Vec<String> {
    let sources = tree.sources.iter().filter(|it| it.name.starts_with("src/"));
    let docs = sources.flat_map(|source| source.facts.docs.iter().map(move |(line, words)| (source, line, words)));
    let short = docs.filter(|(.., words)| **words <= 2);
    short.map(|(source, line, words)| format!("{}:{line}: {words} words", source.name)).collect()
}

/// The measures above the limit, the largest first.
fn above(mut measures: Vec<Measure>, most: usize) -> Vec<String> {
    measures.retain(|(_, size)| *size > most);
    measures.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    measures.into_iter().map(|(name, size)| format!("{name}: {size}, at most {most}")).collect()
}

/// Each measure of the tree, with its name and its limit.
fn measured(tree: &Tree) -> Vec<(&'static str, Vec<Measure>, usize)> {
    vec![
        ("lines of a file", file_lines(tree), FILE_LINES),
        ("lines of a function", function_lines(tree), FUNCTION_LINES),
        ("parameters of a function", parameters(tree), PARAMETERS),
        ("files in a folder of src", folder_files(tree, &["src/"]), FOLDER_FILES),
        ("files in a folder of tests and benches", folder_files(tree, &["tests/", "benches/"]), TEST_FOLDER_FILES),
        ("fields of a struct", struct_fields(tree, WIDE_STRUCTS), STRUCT_FIELDS),
        ("files with an impl of one type", impl_files(tree, is_not_world), IMPL_FILES),
        ("files with an impl of World", impl_files(tree, is_world), WORLD_IMPL_FILES),
    ]
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    let largest = |measures: &[Measure]| measures.iter().map(|(_, size)| *size).max().unwrap_or_default();
    let sizes = measured(tree).into_iter().map(|(what, measures, most)| (what, largest(&measures), most));
    let docs = ("doc comments of one or two words", short_docs(tree).len(), SHORT_DOCS);
    sizes.chain([docs, ("files with no head or an empty name", heads(tree).len(), 0)]).collect()
}

#[test]
fn files_functions_and_folders_are_within_their_limits() {
    let tree = Tree::house();
    let found = measured(tree).into_iter().flat_map(|(what, measures, most)| {
        above(measures, most).into_iter().map(move |it| format!("{what}: {it}")).collect::<Vec<_>>()
    });
    let found: Vec<String> = found.chain(narrow_structs(tree, WIDE_STRUCTS, WIDE)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_has_a_head_comment() {
    let found = heads(Tree::house());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn few_doc_comments_are_one_or_two_words() {
    let found = short_docs(Tree::house());
    assert!(found.len() <= SHORT_DOCS, "{}, at most {SHORT_DOCS}\n{}", found.len(), found.join("\n"));
}

#[test]
fn too_large_files_and_functions_are_found() {
    let body = "fn long(a: u8, b: u8) {\n    // a comment\n    a();\n\n    /* more\n    */ b();\n    c(); // and\n}\n";
    let tree = Tree::parse([
        ("src/a.rs", body),
        ("src/b.rs", ""),
        ("src/c.rs", ""),
        ("src/d.rs", ""),
        (
            "src/a/one.rs",
            "struct Narrow(u8);\nstruct Wide { a: u8, b: u8, c: u8 }\nstruct Wire { a: u8, b: u8, c: u8 }",
        ),
        ("src/a/two.rs", "use super::one::Narrow;\nimpl Narrow { fn f(self, a: u8) {} }\n#[cfg(test)] impl Wide {}"),
        ("src/a/three.rs", "impl super::one::Narrow {}\nimpl Fn for u8 { fn many(a: u8, b: u8, c: u8) {} }"),
        ("tests/it/b.rs", "\n\n\n\n\n\n\n\n\nfn long_test() {\n  a();\n  b();\n  c();\n}"),
    ]);
    assert_eq!(above(file_lines(&tree), 8), ["tests/it/b.rs: 14, at most 8"]);
    let long = ["src/a.rs:1: long: 3, at most 2", "tests/it/b.rs:10: long_test: 3, at most 2"];
    assert_eq!(above(function_lines(&tree), 2), long);
    let many = ["src/a.rs:1: long: 2, at most 1", "src/a/two.rs:2: f: 2, at most 1"];
    assert_eq!(above(parameters(&tree), 1), many);
    assert_eq!(above(folder_files(&tree, &["src/"]), 2), ["src: 4, at most 2", "src/a: 3, at most 2"]);
    assert_eq!(above(folder_files(&tree, &["tests/"]), 0), ["tests/it: 1, at most 0"]);
    let wide: &[WideStruct] = &[("Wire", "wire", "a message has its fields"), ("Narrow", "wire", "it had many")];
    assert_eq!(above(struct_fields(&tree, wide), 2), ["src/a/one.rs:2: Wide: 3, at most 2"]);
    assert_eq!(narrow_structs(&tree, wide, 2), ["Narrow (wire) is in WIDE_STRUCTS, and has few fields"]);
    assert_eq!(above(impl_files(&tree, is_not_world), 1), ["src/a/one.rs: Narrow: 2, at most 1"]);
    assert_eq!(above(impl_files(&tree, is_world), 0), [""; 0]);
}

#[test]
fn missing_heads_and_one_word_docs_are_found() {
    let tree = Tree::parse([
        (
            "src/a/mod.rs",
            "//! A.\n/// Name.\nstruct Name;\n/// The\n/// longer one.\nstruct Other {\n    /// A b.\n    a: u8 }",
        ),
        ("src/a/utils.rs", "// no head"),
        (
            "src/a/made.rs",
            "//! Made.\nmade! {\n    /// The kind.\n    Kind }\n// plain\n/// Two words more, here.\nfn f() {}",
        ),
        ("tests/it/b.rs", "//! B.\n/// Word.\nfn f() {}"),
    ]);
    let expected = [
        "src/a/mod.rs: a module stands beside its folder",
        "src/a/utils.rs: does not open with what it is for",
        "src/a/utils.rs: utils says nothing",
    ];
    assert_eq!(heads(&tree), expected);
    assert_eq!(short_docs(&tree), ["src/a/made.rs:3: 2 words", "src/a/mod.rs:2: 1 words", "src/a/mod.rs:7: 2 words"]);
}
