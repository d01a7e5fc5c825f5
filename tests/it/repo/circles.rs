//! Circles: files of one room that cannot be read one after the other, because each needs the other.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Form, Reference};
use super::limits::{NATURAL, Natural};
use super::resolve::{Index, Place};
use super::tree::{Source, Tree};

type Arrows<'t> = BTreeMap<&'t str, BTreeSet<&'t str>>;

/// Which file needs which other of its room: a re-export counts for the file that defines the item. A parent that
/// only declares and re-exports what is below it does not need it.
fn arrows(tree: &Tree) -> Arrows<'_> {
    let index = Index::of(tree);
    let rooms: BTreeMap<&str, &str> = tree.program().map(|it| (it.name.as_str(), it.room())).collect();
    let mut arrows = Arrows::new();
    for source in tree.program() {
        for reference in source.facts.references.keys().filter(|it| !it.is_test) {
            let Place::Item(file) = index.place(source, reference) else { continue };
            let is_near = file != source.name && rooms.get(file) == Some(&source.room());
            if is_near && !re_exports_below(source, reference, file) {
                arrows.entry(&source.name).or_default().insert(file);
            }
        }
    }
    arrows
}

fn re_exports_below(source: &Source, reference: &Reference, file: &str) -> bool {
    let is_public = match &reference.form {
        Form::Use { is_public, .. } | Form::Glob { is_public } => *is_public,
        Form::Inline => false,
    };
    let folder = source.name.strip_suffix(".rs").unwrap_or_default();
    is_public && file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn reached<'t>(arrows: &Arrows<'t>, from: &'t str) -> BTreeSet<&'t str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(arrows.get(file).into_iter().flatten().filter(|it| found.insert(**it)));
    }
    found
}

/// The circles that are not natural, the largest first.
fn circles(tree: &Tree, natural: &[Natural]) -> Vec<Vec<String>> {
    let arrows = arrows(tree);
    let reached: BTreeMap<&str, BTreeSet<&str>> = arrows.keys().map(|it| (*it, reached(&arrows, it))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut placed = BTreeSet::new();
    for (file, ahead) in &reached {
        let is_mutual = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(file));
        let circle: Vec<&str> = ahead.iter().filter(is_mutual).copied().collect();
        let is_natural = natural.iter().any(|(files, _)| circle.iter().all(|it| files.contains(it)));
        if circle.len() > 1 && placed.insert(circle.clone()) && !is_natural {
            found.push(circle.into_iter().map(str::to_owned).collect());
        }
    }
    found.sort_by_key(|it| std::cmp::Reverse(it.len()));
    found
}

/// The natural circles that the tree has no more.
fn broken_circles(tree: &Tree, natural: &[Natural]) -> Vec<String> {
    let held: BTreeSet<String> = circles(tree, &[]).into_iter().flatten().collect();
    let gone = natural.iter().filter(|(files, _)| !files.iter().all(|it| held.contains(*it)));
    gone.map(|(files, _)| format!("{} is a natural circle no more", files.join(", "))).collect()
}

/// Each circle with the arrows that make it.
fn drawn(tree: &Tree, circles: &[Vec<String>]) -> String {
    let arrows = arrows(tree);
    let line = |file: &String, circle: &[String]| {
        let ahead = arrows.get(file.as_str()).into_iter().flatten();
        let ahead: Vec<&str> = ahead.filter(|it| circle.iter().any(|file| file == *it)).copied().collect();
        format!("    {file} -> {}\n", ahead.join(" "))
    };
    let drawn = circles.iter().map(|circle| {
        let lines: String = circle.iter().map(|file| line(file, circle)).collect();
        format!("a circle of {} files\n{lines}", circle.len())
    });
    drawn.collect()
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    let circles = circles(tree, NATURAL);
    eprintln!("{}", drawn(tree, &circles));
    vec![("files in circles inside a room", circles.iter().map(Vec::len).sum(), 0)]
}

#[test]
fn files_of_a_room_depend_on_each_other_in_one_direction() {
    let tree = Tree::house();
    let circles = circles(tree, NATURAL);
    assert!(circles.is_empty(), "{}", drawn(tree, &circles));
    assert_eq!(broken_circles(tree, NATURAL), [""; 0]);
}

#[test]
fn a_circle_is_found_behind_a_re_export_and_a_glob() {
    let tree = Tree::parse([
        ("src/lib.rs", "pub mod room; pub mod other;"),
        ("src/room.rs", "mod a; mod b; mod c; mod d; mod e; pub use a::A; pub use b::B; pub use d::D; pub fn own() {}"),
        ("src/room/a.rs", "use super::B; pub struct A; #[cfg(test)] mod tests { use super::super::d::D; }"),
        ("src/room/b.rs", "use super::c::*; pub struct B; fn f() { step(); }"),
        ("src/room/c.rs", "pub fn step() { let _ = crate::room::A; }"),
        ("src/room/d.rs", "pub struct D; fn f() { super::own(); vec![super::e::E]; }"),
        ("src/room/e.rs", "use super::A; pub struct E; fn f(d: super::D) {}"),
        ("src/other.rs", "use crate::room::A; pub struct O;"),
    ]);
    let (large, small) = (["src/room/a.rs", "src/room/b.rs", "src/room/c.rs"], ["src/room/d.rs", "src/room/e.rs"]);
    assert_eq!(circles(&tree, &[]), [large.to_vec(), small.to_vec()]);
    assert_eq!(circles(&tree, &[(&["src/room/d.rs", "src/room/e.rs"], "two halves")]), [large]);
    let expected = "a circle of 2 files\n    src/room/d.rs -> src/room/e.rs\n    src/room/e.rs -> src/room/d.rs\n";
    assert_eq!(drawn(&tree, &circles(&tree, &[])[1..]), expected);
    let gone: &[Natural] = &[(&["src/room/a.rs", "src/other.rs"], "no circle")];
    assert_eq!(broken_circles(&tree, gone), ["src/room/a.rs, src/other.rs is a natural circle no more"]);
}

#[test]
fn a_parent_that_uses_its_child_is_in_the_circle_of_a_child_that_uses_it() {
    let child = ("src/room/child.rs", "pub struct Child(super::Parent);");
    let only_declares = Tree::parse([("src/room.rs", "mod child; pub use child::Child; pub struct Parent;"), child]);
    assert_eq!(circles(&only_declares, &[]), [[""; 0]; 0]);
    let uses = Tree::parse([("src/room.rs", "mod child; pub use child::Child; pub struct Parent(Box<Child>);"), child]);
    assert_eq!(circles(&uses, &[]), [["src/room.rs", "src/room/child.rs"]]);
}
