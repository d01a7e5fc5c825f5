//! What the journal keeps of an entry: its text, and the fact as well where this process wrote it, so that whoever
//! follows the journal at its head need not read what was at hand a moment ago. Pure.

use std::ops::Deref;
use std::sync::Arc;

use crate::floor::Fact;
use crate::moment::Moment;

/// An entry's text as [`Fact::encode`] wrote it; copies share it.
#[derive(Debug, Clone)]
pub struct Body(Arc<Written>);

#[derive(Debug)]
struct Written {
    text: String,
    fact: Option<(Moment, Arc<Fact>)>,
}

impl Body {
    /// Writes a fact.
    #[must_use]
    pub fn of(at: Moment, fact: Fact) -> Self {
        Self(Arc::new(Written { text: fact.encode(at), fact: Some((at, Arc::new(fact))) }))
    }

    /// What it says, and when that was.
    ///
    /// # Errors
    /// As [`Fact::decode`].
    pub fn read(&self) -> Result<(Moment, Arc<Fact>), serde_json::Error> {
        if let Some((at, fact)) = &self.0.fact {
            return Ok((*at, Arc::clone(fact)));
        }
        let (at, fact) = Fact::decode(&self.0.text)?;
        Ok((at, Arc::new(fact)))
    }
}

impl<T: Into<String>> From<T> for Body {
    fn from(text: T) -> Self {
        Self(Arc::new(Written { text: text.into(), fact: None }))
    }
}

impl Deref for Body {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Body {}
