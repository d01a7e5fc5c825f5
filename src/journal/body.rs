//! The body of a row: its JSON text and, in the process that wrote it, the parsed fact until the first read, so that a
//! reader at the head of the journal does not parse a row that was just written. Pure.

use std::ops::Deref;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::floor::Fact;
use crate::time::Timestamp;

/// An entry's text as [`Fact::encode`] wrote it; clones share it.
#[derive(Debug, Clone)]
pub struct EncodedBody(Arc<EncodedEntry>);

#[derive(Debug)]
struct EncodedEntry {
    text: String,
    /// The first reader takes it, so that it is not kept longer than needed.
    fact: Mutex<Option<(Timestamp, Fact)>>,
}

impl EncodedBody {
    /// Encodes a fact, and keeps it for the first read.
    #[must_use]
    pub fn of(at: Timestamp, fact: Fact) -> Self {
        Self(Arc::new(EncodedEntry { text: fact.encode(at), fact: Mutex::new(Some((at, fact))) }))
    }

    /// Returns roughly the bytes of memory. A fact that was not read yet takes as much as its text.
    pub(super) fn size(&self) -> usize {
        let is_twice = self.0.fact.lock().is_some();
        self.len() * if is_twice { 2 } else { 1 }
    }

    /// Returns the time and the fact.
    ///
    /// # Errors
    /// The same as for [`Fact::decode`].
    pub fn read(&self) -> Result<(Timestamp, Fact), serde_json::Error> {
        let fact = self.0.fact.lock().take();
        fact.map_or_else(|| Fact::decode(&self.0.text), Ok)
    }
}

impl<T: Into<String>> From<T> for EncodedBody {
    fn from(text: T) -> Self {
        Self(Arc::new(EncodedEntry { text: text.into(), fact: Mutex::default() }))
    }
}

impl Deref for EncodedBody {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for EncodedBody {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for EncodedBody {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::Noted;

    #[test]
    fn the_fact_and_the_text_read_the_same() {
        let body = EncodedBody::of(Timestamp(7), Fact::Noted(Noted::Gap { reason: "full".into(), from: None }));
        let again = |(at, fact): (Timestamp, Fact)| (at, fact.encode(at));
        assert_eq!(body.size(), 2 * body.len());
        let first = again(body.read().unwrap());
        assert!(body.0.fact.lock().is_none(), "the first read takes the fact");
        assert_eq!(body.size(), body.len());
        assert_eq!(again(body.clone().read().unwrap()), first);
        assert_eq!((first.0, &*first.1), (Timestamp(7), &*body));
    }
}
