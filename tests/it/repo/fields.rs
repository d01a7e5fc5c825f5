//! The fields of the desk's states: what changes a state is a method of it, beside the invariant that it keeps.

use std::collections::BTreeSet;

use super::facts::OpenField;
use super::limits::{OPEN_STRUCTS, OpenStruct, STATE_ROOMS};
use super::tree::{Source, Tree};

/// The module of the part of the desk that a file belongs to, where that part keeps a state.
fn state_room(source: &Source) -> Option<&[String]> {
    let room = source.module.get(..2)?;
    (room[0] == "desk" && STATE_ROOMS.contains(&room[1].as_str())).then_some(room)
}

/// Whether nothing outside the state's part of the desk sees a field.
fn is_inside(source: &Source, field: &OpenField, room: &[String]) -> bool {
    let Some(first) = field.reach.first() else { return false };
    if first == "crate" {
        return field.reach[1..].starts_with(room);
    }
    let mut module = [source.module.as_slice(), &field.module].concat();
    for _ in field.reach.iter().filter(|it| *it == "super") {
        module.pop();
    }
    module.starts_with(room)
}

/// The fields that more than their part of the desk sees: the struct, and where the field is.
fn open_fields(tree: &Tree) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    for source in tree.program() {
        let Some(room) = state_room(source) else { continue };
        let open = source.facts.open_fields.iter().filter(|it| !it.is_test && !is_inside(source, it, room));
        found.extend(
            open.map(|it| (it.owner.as_str(), format!("{}:{}: {}.{}", source.name, it.line, it.owner, it.name))),
        );
    }
    found
}

/// The open fields of structs that are not in the list, and the structs of the list that have no open field.
fn unlisted(tree: &Tree, listed: &[OpenStruct]) -> Vec<String> {
    let open = open_fields(tree);
    let owners: BTreeSet<&str> = open.iter().map(|(owner, _)| *owner).collect();
    let more = open.iter().filter(|(owner, _)| !listed.iter().any(|(name, _)| name == owner));
    let more = more.map(|(_, field)| field.clone());
    let fewer = listed.iter().filter(|(name, _)| !owners.contains(name));
    more.chain(fewer.map(|(name, _)| format!("{name} is in OPEN_STRUCTS, and has no open field"))).collect()
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    vec![("fields of the desk's states that others see", unlisted(tree, OPEN_STRUCTS).len(), 0)]
}

#[test]
fn the_desks_states_keep_their_fields_to_themselves() {
    let found = unlisted(Tree::house(), OPEN_STRUCTS);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_field_that_others_see_is_found_in_every_form() {
    let tree = Tree::parse([
        ("src/desk.rs", "mod board; mod link; mod update; pub struct Desk { pub board: board::Board }"),
        ("src/desk/board.rs", "pub(super) struct Board { pub(super) rows: Rows, own: u8 }"),
        (
            "src/desk/board/rows.rs",
            "pub(in crate::desk) struct Rows { pub(super) kept: u8, pub(in crate::desk::board) near: u8, own: u8 }
             pub struct Wide { pub all: u8, pub(crate) house: u8, pub(in crate::desk) room: u8,
             pub(in super::super) above: u8 }
             mod deep { pub struct Deep { pub(super) near: u8, pub(in super::super::super) far: u8 } }
             pub struct Pair(u8, pub u8);
             pub enum Message { Open { all: u8 } }
             #[cfg(test)] mod tests { pub struct Ada { pub name: u8 } }",
        ),
        ("src/desk/link.rs", "pub struct Link { pub(super) state: u8, pub(self) own: u8 }"),
        ("src/desk/update.rs", "pub struct Free { pub all: u8 }"),
        ("src/floor/board.rs", "pub struct Elsewhere { pub all: u8 }"),
    ]);
    let rows = [
        "src/desk/board/rows.rs:2: Wide.all",
        "src/desk/board/rows.rs:2: Wide.house",
        "src/desk/board/rows.rs:2: Wide.room",
        "src/desk/board/rows.rs:3: Wide.above",
        "src/desk/board/rows.rs:4: Deep.far",
        "src/desk/board/rows.rs:5: Pair.1",
    ];
    let (board, link) = ("src/desk/board.rs:1: Board.rows", "src/desk/link.rs:1: Link.state");
    assert_eq!(unlisted(&tree, &[]), [[board].as_slice(), &rows, &[link]].concat());
    let listed: &[OpenStruct] = &[("Board", "it composes"), ("Wide", "a value"), ("Rows", "it has no open field")];
    let stale = "Rows is in OPEN_STRUCTS, and has no open field";
    assert_eq!(unlisted(&tree, listed), [&rows[4..], &[link, stale]].concat());
}
