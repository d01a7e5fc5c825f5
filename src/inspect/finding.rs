//! What is found in a text: the item, its members, and whether each was understood.

use serde::Serialize;

use super::JsonKind;

/// One thing that a text holds, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectedItem {
    /// The line where it begins, from 1.
    pub line: usize,
    /// What it is, by its content.
    pub kind: JsonKind,
    /// Whether all of it that has a use could be used.
    pub used: bool,
    /// What it says, a sentence each.
    pub says: Vec<String>,
    /// Its values, in its own order.
    pub members: Vec<InspectedMember>,
}

/// One value of a thing, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectedMember {
    /// Where it is.
    pub path: Vec<PathStep>,
    /// What it was read as: a type as Graph names it, or a word.
    pub read_as: String,
    /// The value as it came, at most 4 KiB of it; the number of items of a list; secrets are `***`.
    pub value: Option<String>,
    /// Whether it was understood.
    pub state: MemberState,
    /// What it may mean.
    pub note: Option<String>,
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum PathStep {
    /// To a member of an object.
    Member(String),
    /// To an item of a list, from 0.
    Item(usize),
}

/// Whether a value was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberState {
    /// It was, and is used.
    Understood,
    /// It is a note of `OData`, from which nothing follows.
    Annotation,
    /// It was not, which Graph allows; the reason.
    Kept(&'static str),
    /// It cannot be used.
    Wrong {
        /// What was expected and what was found.
        says: String,
        /// The line of the text, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
    },
}
