//! The findings in a text: an item, its members, and whether each was understood.

use std::fmt;

use serde::{Serialize, Serializer};

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
    /// The type that it was read as.
    pub read_as: ReadType,
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
    Kept(KeptReason),
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

/// Why a value was not understood, and is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptReason {
    /// No type has a member of this name.
    UnknownMember,
    /// It is a word that its open enum does not list.
    UnknownWord,
    /// Graph gives no such id.
    InvalidId,
    /// It is JSON that no type looks into.
    Unparsed,
}

impl fmt::Display for KeptReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownMember => "not understood, kept as received",
            Self::UnknownWord => "an unknown word, kept as received",
            Self::InvalidId => "not an id of Graph, read as absent",
            Self::Unparsed => "kept unparsed",
        })
    }
}

impl Serialize for KeptReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The type that a value was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadType {
    /// A list of values.
    List,
    /// `null`, where a value is optional.
    Null,
    /// A type of Graph, or a word such as `text`.
    Named(String),
    /// JSON that is kept unparsed.
    Json,
    /// An annotation of `OData`.
    Annotation,
    /// A member that no type has.
    UnknownMember,
}

impl ReadType {
    /// Returns the name of a type of Graph, or a word such as `text`; `None` for the other types.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::List | Self::Null | Self::Json | Self::Annotation | Self::UnknownMember => None,
        }
    }
}

impl fmt::Display for ReadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list",
            Self::Null => "nothing",
            Self::Named(name) => name,
            Self::Json => "JSON",
            Self::Annotation => "annotation",
            Self::UnknownMember => "unknown member",
        })
    }
}

impl Serialize for ReadType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
