//! Deserializers for the deviations of Graph's payloads from its metadata: `null` for a list, numbers and flags as
//! strings, ids that are `null` or empty.

pub(super) mod named_text;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};

use super::ResourceId;
use named_text::named_text;

/// Returns a list; `null` reads as an empty one.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads an id; `null`, an empty text and a text that can be no id read as `None`.
pub(super) fn id<'de, D: Deserializer<'de>, T: From<ResourceId>>(deserializer: D) -> Result<Option<T>, D::Error> {
    read_id(deserializer, |text| Ok(ResourceId::new(text)))
}

/// Reads the id of somebody in a roster; `null` and an empty text read as `None`. A text that can be no id is an error:
/// whom it means is not known, and without it somebody else would seem to have left.
pub(super) fn id_of_person<'de, D: Deserializer<'de>, T: From<ResourceId>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    read_id(deserializer, |text| {
        let id = ResourceId::new(text);
        if id.is_none() && !text.trim().is_empty() { Err("a text that is no id") } else { Ok(id) }
    })
}

/// What a text says: an id, none, or why it can be none.
type IdRead = Result<Option<ResourceId>, &'static str>;

fn read_id<'de, D: Deserializer<'de>, T: From<ResourceId>>(
    deserializer: D,
    read: fn(&str) -> IdRead,
) -> Result<Option<T>, D::Error> {
    struct OptionalIdReader<T>(fn(&str) -> IdRead, PhantomData<T>);
    impl<'de, T: From<ResourceId>> Visitor<'de> for OptionalIdReader<T> {
        type Value = Option<T>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("an id, or null")
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            let id = named_text(deserializer, ResourceId::NAME, self.0)?;
            id.map(|it| it.map(T::from)).map_err(de::Error::custom)
        }
    }
    deserializer.deserialize_option(OptionalIdReader(read, PhantomData))
}

/// A value that payloads also write as a string.
trait LenientScalar: Sized {
    /// The expected type, for the error.
    const EXPECTED: &'static str;

    fn of_number(number: i64) -> Option<Self>;
    fn of_flag(flag: bool) -> Option<Self>;
    fn of_text(text: &str) -> Option<Self>;
}

impl LenientScalar for i64 {
    const EXPECTED: &'static str = "a whole number, or one in a string";

    fn of_number(number: i64) -> Option<Self> {
        Some(number)
    }
    fn of_flag(_flag: bool) -> Option<Self> {
        None
    }
    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl LenientScalar for bool {
    const EXPECTED: &'static str = "true, false, or one of them in a string";

    fn of_number(_number: i64) -> Option<Self> {
        None
    }
    fn of_flag(flag: bool) -> Option<Self> {
        Some(flag)
    }
    fn of_text(text: &str) -> Option<Self> {
        text.to_ascii_lowercase().parse().ok()
    }
}

struct ScalarReader<T>(PhantomData<T>);

impl<T: LenientScalar> Visitor<'_> for ScalarReader<T> {
    type Value = Option<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(T::EXPECTED)
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        T::of_number(number).map(Some).ok_or_else(|| E::invalid_type(Unexpected::Signed(number), &self))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_i64(i64::try_from(number).map_err(E::custom)?)
    }
    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
        T::of_flag(flag).map(Some).ok_or_else(|| E::invalid_type(Unexpected::Bool(flag), &self))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        T::of_text(text).map(Some).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Returns a whole number, also where it is written as a string (`"code": "200"`); `null` and empty
/// texts read as `None`.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_any(ScalarReader(PhantomData))
}

/// Returns a flag, also where it is written as a string (`"isMuted": "true"`); `null` and empty texts read as `None`.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    deserializer.deserialize_any(ScalarReader(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct LenientMembers {
        #[serde(default, deserialize_with = "number")]
        code: Option<i64>,
        #[serde(default, deserialize_with = "flag")]
        muted: Option<bool>,
    }

    #[test]
    fn scalars_may_be_strings_and_errors_name_the_expected_type() {
        let cases = [
            (r#"{"code": 7, "muted": true}"#, Some(7), Some(true)),
            (r#"{"code": "-7", "muted": "False"}"#, Some(-7), Some(false)),
            (r#"{"code": null, "muted": ""}"#, None, None),
            ("{}", None, None),
        ];
        for (text, code, muted) in cases {
            let read: LenientMembers = serde_json::from_str(text).unwrap();
            assert_eq!((read.code, read.muted), (code, muted), "{text}");
        }
        for (text, said) in [(r#"{"code": true}"#, "a whole number"), (r#"{"muted": "maybe"}"#, "true, false")] {
            assert!(serde_json::from_str::<LenientMembers>(text).err().unwrap().to_string().contains(said), "{text}");
        }
    }
}
