//! Reads Graph's types from JSON. `inspect` implements the same trait to record how each member is read, so both
//! readers read the same text as the same type.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads JSON texts.
pub trait JsonReader {
    /// Reads one text as one type.
    ///
    /// # Errors
    /// Returns the JSON parser's error, with line and column.
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error>;

    /// Reads one text as a type that keeps nothing of it.
    ///
    /// # Errors
    /// Returns the JSON parser's error, with line and column.
    fn read_owned<T: DeserializeOwned>(&self, text: &str) -> Result<T, serde_json::Error> {
        self.read(text)
    }
}

/// Reads any type, and records nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct GeneralReader;

impl JsonReader for GeneralReader {
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error> {
        serde_json::from_str(text)
    }
}
