//! `callboard guide` in the real binary.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Output, Stdio};

use super::pages;
use crate::repo::tree::Tree;

fn guide(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callboard")).arg("guide").args(words).output().unwrap()
}

#[test]
fn every_page_is_listed_and_printed() {
    let listed = guide(&[]);
    assert!(listed.status.success());
    let listed = String::from_utf8(listed.stdout).unwrap();
    let rows: Vec<&str> = listed.lines().filter_map(|it| it.strip_prefix("  ")).collect();
    let guide_pages: Vec<_> = pages().into_iter().filter(|it| it.path != "README.md").collect();
    assert_eq!(rows.len(), guide_pages.len(), "{listed}");
    for page in guide_pages {
        let name = page.name();
        let about = rows.iter().find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
        assert!(about.is_some_and(|it| it.trim().len() > 10), "{name} is not in the list:\n{listed}");
        let printed = guide(&[name]);
        assert!(printed.status.success());
        let printed = String::from_utf8(printed.stdout).unwrap();
        let is_comment = |it: &&str| it.starts_with("<!--") && it.ends_with("-->");
        let wanted: Vec<&str> = page.text.lines().filter(|it| !is_comment(it)).collect();
        assert_eq!(printed.lines().collect::<Vec<_>>(), wanted, "{name}");
    }
}

/// Words that the source and the guide use in a sense of their own.
const OWN_WORDS: [&str; 16] = [
    "desk", "floor", "gate", "feed", "journal", "entry", "cursor", "epoch", "proof", "act", "gap", "doubtful", "trap",
    "envelope", "leg", "room",
];

#[test]
fn the_glossary_defines_the_words_that_are_used() {
    let pages = pages();
    let glossary = pages.iter().find(|it| it.name() == "glossary").unwrap();
    let terms =
        glossary.text.lines().map(|line| line.trim_start_matches("- ")).filter_map(|line| line.strip_prefix("**"));
    let defined: BTreeSet<String> = terms
        .filter_map(|it| it.split_once(".**"))
        .map(|(word, _)| word.trim_matches(['[', ']']).to_lowercase())
        .collect();
    let missing: Vec<&str> = OWN_WORDS.into_iter().filter(|it| !defined.contains(*it)).collect();
    assert_eq!(missing, [""; 0], "not in the glossary");
    let other_pages = pages.iter().filter(|it| it.name() != "glossary").map(|it| it.text.as_str());
    let sources = Tree::house().sources.iter().map(|it| it.text.as_str());
    // A term of two words may stand on two lines.
    let is_word = |it: &&str| !it.starts_with("//");
    let in_one_line = |it: &str| it.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ").to_lowercase();
    let texts: Vec<String> = other_pages.chain(sources).map(in_one_line).collect();
    let unused: Vec<&String> =
        defined.iter().filter(|word| !texts.iter().any(|it| it.contains(word.as_str()))).collect();
    assert_eq!(unused, [""; 0], "in the glossary, and nowhere else");
}

#[test]
fn a_missing_page_suggests_the_nearest() {
    let refused = guide(&["superviser"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("the nearest is supervisor"), "{words}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    let mut child =
        command.args(["guide", "graph-contract"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("# "), "{first}");
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!((child.wait().unwrap().code(), error.as_str()), (Some(0), ""));
}
