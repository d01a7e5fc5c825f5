//! The findings in a text: an item, its members, and whether each was understood.

use serde::Serialize;

use super::JsonKind;

/// One item of a text, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectedItem {
    /// The line where it begins, from 1.
    pub line: usize,
    /// Its kind, by its content.
    pub kind: JsonKind,
    /// Whether callboard can use it.
    pub used: bool,
    /// Its content, in sentences.
    pub says: Vec<String>,
    /// Its values, in its own order.
    pub members: Vec<InspectedMember>,
}

/// One value of an item, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectedMember {
    /// The path from the item to the value.
    pub path: Vec<PathStep>,
    /// The type that it was read as: a type of Graph, or a word such as `text`.
    pub read_as: String,
    /// The value, at most 4 KiB of it; for a list the number of its items; `***` for a secret.
    pub value: Option<String>,
    /// Whether it was understood.
    pub state: MemberState,
    /// A remark on its meaning.
    pub note: Option<String>,
}

/// A step of the path to a value.
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
    /// It was understood.
    Understood,
    /// It is an annotation of `OData`, which has no effect.
    Annotation,
    /// It was not understood, and is kept; the reason.
    Kept(&'static str),
    /// It has the wrong kind, and cannot be used.
    Wrong {
        /// The expected type, and the value found.
        says: String,
        /// The line of the text, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
    },
}
