//! Identifiers of Graph resources. Graph writes one id in several forms (upper or lower case, with dashes or
//! without), even inside one notification, so ids compare without regard to case and dashes (graph-contract.md,
//! "Addresses, tokens and conventions").

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::lenient::named_text::named_text;

/// An identifier as Graph gives it: a GUID in any spelling, or any other text.
///
/// Invariant: two ids are equal exactly when their texts are equal once dashes are removed and case is ignored.
#[derive(Clone)]
pub struct ResourceId(IdForm);

#[derive(Clone)]
enum IdForm {
    Guid(Uuid),
    Text(Box<str>),
}

impl ResourceId {
    /// The name of an id in errors and in `inspect`.
    pub(super) const NAME: &'static str = "id";
    /// The maximum length of an id, in bytes.
    const MAX_BYTES: usize = 256;

    /// Parses an id. Returns `None` if the text is empty, too long, or contains characters other than
    /// letters, digits and `$:_@.=~+-`.
    ///
    /// Invariant: an id is exactly one segment of any path that contains it: no slash, no escape, no dot segment.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(guid) = guid(text) {
            return Some(Self(IdForm::Guid(guid)));
        }
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "$:_@.=~+-".contains(letter);
        if text.is_empty()
            || text.len() > Self::MAX_BYTES
            || !text.chars().all(is_allowed)
            || matches!(text, "." | "..")
        {
            return None;
        }
        Some(Self(IdForm::Text(text.into())))
    }

    /// Creates the id made of these 128 bits, written as a GUID.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(IdForm::Guid(Uuid::from_u128(bits)))
    }

    /// Returns the first eight characters: enough to distinguish the people of one call on a screen.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }

    /// Returns the characters that identify a text id: without dashes, in lower case.
    fn folded(&self) -> impl Iterator<Item = char> + '_ {
        let text = match &self.0 {
            IdForm::Guid(_) => "",
            IdForm::Text(text) => text,
        };
        text.chars().filter(|letter| *letter != '-').flat_map(char::to_lowercase)
    }
}

/// Reads a GUID written with dashes in the usual places, or without any.
fn guid(text: &str) -> Option<Uuid> {
    let is_guid_length = matches!(text.len(), 32 | 36);
    is_guid_length.then(|| Uuid::try_parse_ascii(text.as_bytes()).ok()).flatten()
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ResourceId {}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (IdForm::Guid(a), IdForm::Guid(b)) => a.cmp(b),
            (IdForm::Guid(_), IdForm::Text(_)) => Ordering::Less,
            (IdForm::Text(_), IdForm::Guid(_)) => Ordering::Greater,
            (IdForm::Text(_), IdForm::Text(_)) => self.folded().cmp(other.folded()),
        }
    }
}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            IdForm::Guid(guid) => guid.hash(state),
            IdForm::Text(_) => self.folded().for_each(|letter| letter.hash(state)),
        }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            IdForm::Guid(guid) => fmt::Display::fmt(guid.as_hyphenated(), out),
            IdForm::Text(text) => out.write_str(text),
        }
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named_text(deserializer, Self::NAME, Self::new)?
            .ok_or_else(|| serde::de::Error::custom("an id is empty, or contains characters that are not allowed"))
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub ResourceId);

        impl $name {
            /// Reads an id; `None` when the text is empty.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                ResourceId::new(text).map(Self)
            }
        }

        impl From<ResourceId> for $name {
            fn from(id: ResourceId) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, out)
            }
        }
    };
}

id!(
    /// The id of a call.
    CallId
);
id!(
    /// The id of a participant of one call (not of the person: the same person may join twice).
    ParticipantId
);
id!(
    /// The id of an operation.
    OperationId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_compare_without_case_and_dashes() {
        let dashed = CallId::new("57dab8b1-894c-409a-b240-bd8beae78896").unwrap();
        let bare = CallId::new("57DAB8B1894C409AB240BD8BEAE78896").unwrap();
        assert_eq!(dashed, bare);
        assert_eq!(bare.to_string(), "57dab8b1-894c-409a-b240-bd8beae78896");
        let odd = CallId::new("19:Meeting-X").unwrap();
        assert_eq!(odd, CallId::new("19:meetingx").unwrap());
        assert_eq!(odd.to_string(), "19:Meeting-X");
        for unfit in ["  ", ".", "..", "..\\users", "%2e%2e", "a/b", "a?b", "a\u{1b}b", &"a".repeat(257)] {
            assert_eq!(CallId::new(unfit), None, "{unfit}");
        }
        assert_ne!(CallId::new("57dab8b1-894c-409a-b240-bd8beae7889").unwrap(), dashed);
    }
}
