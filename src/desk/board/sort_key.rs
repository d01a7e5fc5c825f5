//! A value to sort rows by, and the order of two of them.

use std::cmp::Ordering;

use crate::floor::StartTime;

/// A value to sort by: numbers before texts, missing values last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::desk) enum SortKey {
    Number(i64),
    Text(String),
    Nothing,
}

impl SortKey {
    pub(in crate::desk) fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(in crate::desk) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into().to_lowercase())
    }

    /// Compares two values. A missing value comes last, in a reversed order too.
    pub(in crate::desk) fn before(&self, other: &Self, reversed: bool) -> Ordering {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => self.cmp(other),
            _ if reversed => other.cmp(self),
            _ => self.cmp(other),
        }
    }

    /// Returns a key that puts the oldest first.
    pub(in crate::desk) fn since(since: Option<StartTime>) -> Self {
        since.map_or(Self::Nothing, |it| Self::Number(it.at.0))
    }
}
