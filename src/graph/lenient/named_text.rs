//! Texts with a meaning in Graph: ids, addresses and the words of open enums.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

/// Reads a text without copying it, and returns what `read` makes of it. The name tells a watching deserializer what
/// the text is: `id`, or an open enum and its members, `CallState|incoming|…`.
pub(in crate::graph) fn named_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    name: &'static str,
    read: fn(&str) -> T,
) -> Result<T, D::Error> {
    struct NamedTextReader<T>(fn(&str) -> T);
    impl<'de, T> Visitor<'de> for NamedTextReader<T> {
        type Value = T;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a text")
        }
        fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
            deserializer.deserialize_str(self)
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            Ok((self.0)(text))
        }
    }
    deserializer.deserialize_newtype_struct(name, NamedTextReader(read))
}
