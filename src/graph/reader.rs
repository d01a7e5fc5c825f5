//! Readers of Graph's types: the plain one, and the trait that `inspect` implements to record how each member is read.
//! Both share the code that decides which member is read as which type.

use serde::Deserialize;

/// Reads JSON texts.
pub trait JsonReader {
    /// Reads one text as one type.
    ///
    /// # Errors
    /// The JSON reader's message, which has line and column.
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error>;
}

/// Reads without recording anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainReader;

impl JsonReader for PlainReader {
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error> {
        serde_json::from_str(text)
    }
}
