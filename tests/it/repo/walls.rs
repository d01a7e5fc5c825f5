//! The walls: which rooms each room may use, and which crates pure rooms must not use.

use std::collections::BTreeSet;

use super::resolve::{Index, Place, absolute};
use super::tree::{Source, Tree};

/// A room, and the rooms that it may know.
type Room = (&'static str, &'static [&'static str]);

/// Each room, and the rooms that it may know.
pub(crate) const ROOMS: &[Room] = &[
    ("bounded", &[]),
    ("time", &[]),
    ("graph", &[]),
    ("floor", &["bounded", "graph", "time"]),
    ("protocol", &["floor", "graph", "time"]),
    ("desk", &["bounded", "floor", "graph", "protocol", "time"]),
    ("screen", &["desk", "floor", "graph", "time"]),
    ("journal", &["bounded", "floor", "time"]),
    ("feed", &["floor", "graph", "protocol", "time"]),
    ("relay", &["bounded", "feed", "floor", "graph", "journal", "protocol", "time"]),
    ("sim", &["bounded", "graph", "time"]),
    ("console", &["bounded", "desk", "feed", "floor", "graph", "protocol", "screen", "time"]),
    ("demo", &["bounded", "console", "desk", "feed", "floor", "graph", "protocol", "relay", "screen", "sim", "time"]),
    (
        "cli",
        &[
            "bounded", "console", "demo", "desk", "floor", "graph", "journal", "protocol", "relay", "screen", "sim",
            "time",
        ],
    ),
    ("main", &[]),
];

/// The rooms, or parts of rooms, that do no I/O, read no clock and spawn nothing.
const PURE: &[&str] = &[
    "bounded",
    "time",
    "graph",
    "floor",
    "desk",
    "screen",
    "protocol",
    "cli/inspect",
    "cli/settings",
    "sim/world",
    "sim/scenario",
    "sim/settings",
];

/// The parts of pure rooms that are not pure: the command that reads the text to inspect, and the clocks.
const SHELLS: &[&str] = &["cli/inspect/command", "time/clock"];

/// The crates and modules that a pure room must not use.
const IMPURE: &[&str] = &[
    "axum",
    "crate::time::clock",
    "hyper",
    "hyper_util",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "reqwest",
    "rusqlite",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "tokio",
    "tokio_rustls",
    "tokio_tungstenite",
    "tokio_util",
];

/// The paths that lead from a room to one that it may not know. Tests keep to the walls as the program does.
fn breaches(tree: &Tree, rooms: &[Room]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for source in tree.sources.iter().filter(|it| it.name.starts_with("src/") && it.name != "src/lib.rs") {
        let Some((_, known)) = rooms.iter().find(|(room, _)| *room == source.room()) else {
            found.insert(format!("{}: {} is no room; ROOMS names them", source.name, source.room()));
            continue;
        };
        for (reference, line) in &source.facts.references {
            let Some(path) = absolute(source, reference) else { continue };
            let Some(room) = path.first().filter(|it| rooms.iter().any(|(room, _)| room == it)) else { continue };
            if room != source.room() && !known.contains(&room.as_str()) {
                found.insert(format!("{}:{line}: {} may not know {room}", source.name, source.room()));
            }
        }
    }
    found.into_iter().collect()
}

/// The rooms that come before a room that they may know: a circle of rooms needs one.
fn rooms_out_of_order(rooms: &[Room]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, (room, known)) in rooms.iter().enumerate() {
        let below: Vec<&str> = rooms[..at].iter().map(|(room, _)| *room).collect();
        found.extend(known.iter().filter(|it| !below.contains(it)).map(|it| format!("{room} stands before {it}")));
    }
    found
}

/// The paths of pure rooms that lead to I/O, a clock, a thread or a task. Unit tests may use them.
fn impurities(tree: &Tree, pure: &[&str]) -> Vec<String> {
    let index = Index::of(tree);
    let mut found = BTreeSet::new();
    for source in tree.program().filter(|it| is_pure(it, pure)) {
        for (reference, line) in source.facts.references.iter().filter(|(it, _)| !it.is_test) {
            let path = match (absolute(source, reference), index.place(source, reference)) {
                (Some(inside), _) | (None, Place::Module(inside)) => format!("crate::{}", inside.join("::")),
                (None, Place::Outside(outside)) => outside.join("::"),
                (None, Place::Item(_)) => continue,
            };
            let begins =
                |it: &&&str| path.strip_prefix(**it).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
            if let Some(impure) = IMPURE.iter().find(begins) {
                found.insert(format!("{}:{line}: {impure}", source.name));
            }
        }
    }
    found.into_iter().collect()
}

fn is_pure(source: &Source, pure: &[&str]) -> bool {
    let path = source.module.join("/");
    let is_in = |it: &&str| path.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    pure.iter().any(is_in) && !SHELLS.iter().any(is_in)
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    vec![
        ("paths through a wall", breaches(tree, ROOMS).len(), 0),
        ("impure paths in pure rooms", impurities(tree, PURE).len(), 0),
    ]
}

#[test]
fn rooms_use_only_allowed_rooms() {
    let found = [breaches(Tree::house(), ROOMS), rooms_out_of_order(ROOMS)].concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn pure_rooms_have_no_side_effects() {
    let found = impurities(Tree::house(), PURE);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_path_through_a_wall_is_found_in_every_form() {
    let tree = Tree::parse([
        ("src/low.rs", "pub struct Low;\nuse super::high::High;\n#[cfg(test)]\nmod tests {\nuse crate::high;\n}"),
        ("src/low/deep.rs", "use crate::{low::Low, high::{High, Other}};\nfn f() { super::super::high::call(); }"),
        (
            "src/low/made.rs",
            "fn f() {\n    vec![crate::high::X];\n}\n#[serde(with = \"crate::high::text\")]\nstruct S;",
        ),
        ("src/high.rs", "use crate::low::Low; use crate::high; use callboard::low;"),
        ("src/attic.rs", ""),
    ]);
    let rooms: &[Room] = &[("low", &[]), ("high", &["low"])];
    let expected = [
        "src/attic.rs: attic is no room; ROOMS names them",
        "src/low.rs:2: low may not know high",
        "src/low.rs:5: low may not know high",
        "src/low/deep.rs:1: low may not know high",
        "src/low/deep.rs:2: low may not know high",
        "src/low/made.rs:2: low may not know high",
        "src/low/made.rs:4: low may not know high",
    ];
    assert_eq!(breaches(&tree, rooms), expected);
    assert_eq!(rooms_out_of_order(&[("low", &["high"]), ("high", &["low"])]), ["low stands before high"]);
}

#[test]
fn an_impure_path_is_found_behind_an_import_and_below_the_first_unit_test() {
    let tree = Tree::parse([
        (
            "src/pure.rs",
            "use std::time::{Duration, Instant as Then};\nuse jiff::Timestamp;\n#[cfg(test)]\nuse tokio::test;
             fn f() { Timestamp::now(); }\n#[cfg(test)]\nmod checks { use std::fs; }\nfn g() { dbg!(std::env::args()); }",
        ),
        ("src/pure/part.rs", "fn f() { tokio_like(); Then::now(); fs::read(); }\nuse std::{fmt, fs};"),
        ("src/pure/part/clock.rs", "use crate::time::clock::Clock;\nfn f(now: jiff::Timestamp) {}"),
        ("src/purest.rs", "use tokio::sync;"),
    ]);
    let expected = [
        "src/pure.rs:1: std::time::Instant",
        "src/pure.rs:5: jiff::Timestamp::now",
        "src/pure.rs:8: std::env",
        "src/pure/part.rs:1: std::fs",
        "src/pure/part.rs:2: std::fs",
        "src/pure/part/clock.rs:1: crate::time::clock",
    ];
    assert_eq!(impurities(&tree, &["pure"]), expected);
}
