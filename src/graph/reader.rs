//! How a text becomes one of Graph's types: plainly, or watched by somebody who wants to know what is made of each
//! member. What is read, and as which type, is decided by the same code for both.

use serde::Deserialize;

/// Reads JSON texts.
pub trait JsonReader {
    /// Reads one text as one type.
    ///
    /// # Errors
    /// The JSON reader's own sentence, with line and column.
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error>;
}

/// Reads, and nothing else.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainReader;

impl JsonReader for PlainReader {
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error> {
        serde_json::from_str(text)
    }
}
