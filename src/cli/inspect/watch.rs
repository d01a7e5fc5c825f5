//! A deserializer between Graph's types and the JSON reader. It passes requests and values through and logs both. It
//! changes no value; it only leaves out the values that the log marks as faulty.

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::value::RawValue;

use super::member_log::{ReadLog, RequestedType};
use super::position::TextPosition;
use super::{InspectedMember, PathStep};
use crate::graph::JsonReader;

/// The maximum number of readings of one text: each but the first shows the members behind a fault.
const MAX_READINGS: usize = 64;

/// Reads a text, and reads it again while a fault hides other members. Returns the result of the first reading, and the
/// record of every member.
pub(super) fn watch<T>(
    document: &str,
    start: TextPosition,
    read: impl Fn(&ReadLog<'_>) -> T,
) -> (T, Vec<InspectedMember>) {
    let log = ReadLog::new(document, start);
    let first = read(&log);
    for _ in 0..MAX_READINGS {
        if !log.mark_faults() {
            break;
        }
        read(&log);
    }
    (first, log.into_members())
}

impl JsonReader for ReadLog<'_> {
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error> {
        let before = self.open(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let read = T::deserialize(WatchedReader::new(&mut json, self)).and_then(|it| json.end().map(|()| it));
        if let Err(error) = &read {
            self.fail(text, error);
        }
        self.close(before);
        read
    }
}

/// Watches a deserializer, a seed, an access or a visitor of one value.
pub(super) struct WatchedReader<'w, T> {
    inner: T,
    log: &'w ReadLog<'w>,
    /// The record of the value: set where a visitor is watched.
    at: usize,
}

impl<'w, T> WatchedReader<'w, T> {
    pub(super) const fn new(inner: T, log: &'w ReadLog<'w>) -> Self {
        Self { inner, log, at: 0 }
    }

    fn watch_visitor<'de, V: Visitor<'de>>(
        &self,
        requested: RequestedType<'static>,
        visitor: V,
    ) -> WatchedReader<'w, V> {
        let expected = (&visitor as &dyn Expected).to_string();
        WatchedReader { inner: visitor, log: self.log, at: self.log.record_request(requested, &expected) }
    }
}

macro_rules! plain {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.watch_visitor(RequestedType::Value, visitor);
            self.inner.$method(visitor)
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for WatchedReader<'_, D> {
    type Error = D::Error;

    plain! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_option deserialize_unit deserialize_identifier deserialize_map
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.watch_visitor(RequestedType::List, visitor);
        self.inner.deserialize_seq(visitor)
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.watch_visitor(RequestedType::List, visitor);
        self.inner.deserialize_tuple(length, visitor)
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.watch_visitor(RequestedType::List, visitor);
        self.inner.deserialize_tuple_struct(name, length, visitor)
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.watch_visitor(RequestedType::Value, visitor);
        self.inner.deserialize_unit_struct(name, visitor)
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.watch_visitor(RequestedType::Entity(name), visitor);
        self.inner.deserialize_struct(name, members, visitor)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.watch_visitor(RequestedType::Choice(name), visitor);
        self.inner.deserialize_enum(name, members, visitor)
    }
    /// Handles texts with a name (ids, open enums), and raw JSON that is parsed later.
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        if name.starts_with("$serde_json") {
            let raw = self.log.record_raw(<&'de RawValue>::deserialize(self.inner)?);
            return Deserializer::deserialize_newtype_struct(raw, name, visitor).map_err(serde::de::Error::custom);
        }
        let visitor = self.watch_visitor(RequestedType::Named(name), visitor);
        self.inner.deserialize_newtype_struct(name, visitor)
    }
    /// Handles members that no type requests.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.log.record_ignored(<&'de RawValue>::deserialize(self.inner)?);
        visitor.visit_unit()
    }
}

macro_rules! leaves {
    ($($method:ident($kind:ty))+) => {
        $(fn $method<E: serde::de::Error>(self, value: $kind) -> Result<V::Value, E> {
            self.log.record_value(self.at, &value.to_string());
            self.inner.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for WatchedReader<'_, V> {
    type Value = V::Value;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.expecting(out)
    }

    leaves! {
        visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_char(char) visit_str(&str)
        visit_borrowed_str(&'de str) visit_string(String)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.log.record_null(self.at);
        self.inner.visit_none()
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.log.record_null(self.at);
        self.inner.visit_unit()
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(WatchedReader::new(deserializer, self.log))
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(WatchedReader::new(deserializer, self.log))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.log.record_count(self.at, 0);
        self.inner.visit_seq(WatchedItems { inner: items, log: self.log, at: self.at, next: 0 })
    }
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(WatchedReader { inner: members, log: self.log, at: self.at })
    }
    fn visit_enum<A: EnumAccess<'de>>(self, choice: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(WatchedReader { inner: choice, log: self.log, at: self.at })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for WatchedReader<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(WatchedReader::new(deserializer, self.log))
    }
}

struct WatchedItems<'w, A> {
    inner: A,
    log: &'w ReadLog<'w>,
    at: usize,
    next: usize,
}

/// Reads the seed's value, or returns the seed where the log marks the item as faulty.
struct SkippableSeed<'w, S>(WatchedReader<'w, S>);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for SkippableSeed<'_, S> {
    type Value = Result<S::Value, S>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if !self.0.log.is_left_out() {
            return self.0.deserialize(deserializer).map(Ok);
        }
        serde::de::IgnoredAny::deserialize(deserializer)?;
        Ok(Err(self.0.inner))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for WatchedItems<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let mut seed = seed;
        loop {
            self.log.enter(PathStep::Item(self.next));
            let found = self.inner.next_element_seed(SkippableSeed(WatchedReader::new(seed, self.log)))?;
            self.log.leave();
            let Some(found) = found else { return Ok(None) };
            self.next += 1;
            self.log.record_count(self.at, self.next);
            match found {
                Ok(value) => return Ok(Some(value)),
                Err(unused) => seed = unused,
            }
        }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WatchedReader<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        while let Some(key) = self.inner.next_key::<String>()? {
            self.log.enter(PathStep::Member(key.clone()));
            if !self.log.is_left_out() {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            self.inner.next_value::<serde::de::IgnoredAny>()?;
            self.log.leave();
        }
        Ok(None)
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let value = self.inner.next_value_seed(WatchedReader::new(seed, self.log))?;
        self.log.leave();
        Ok(value)
    }
}

impl<'de, 'w, A: EnumAccess<'de>> EnumAccess<'de> for WatchedReader<'w, A> {
    type Error = A::Error;
    type Variant = TaggedContent<'w, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, content) = self.inner.variant::<String>()?;
        self.log.record_value(self.at, &name);
        let value = seed.deserialize(name.as_str().into_deserializer())?;
        Ok((value, TaggedContent { inner: content, log: self.log, name }))
    }
}

/// The content of a value that has one of several forms.
pub(super) struct TaggedContent<'w, A> {
    inner: A,
    log: &'w ReadLog<'w>,
    name: String,
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for TaggedContent<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.log.enter(PathStep::Member(self.name));
        let value = self.inner.newtype_variant_seed(WatchedReader::new(seed, self.log))?;
        self.log.leave();
        Ok(value)
    }
    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.log.enter(PathStep::Member(self.name));
        let visitor = WatchedReader::new((), self.log).watch_visitor(RequestedType::List, visitor);
        let value = self.inner.tuple_variant(length, visitor)?;
        self.log.leave();
        Ok(value)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.log.enter(PathStep::Member(self.name.clone()));
        let visitor = WatchedReader::new((), self.log).watch_visitor(RequestedType::Choice("content"), visitor);
        let value = self.inner.struct_variant(members, visitor)?;
        self.log.leave();
        Ok(value)
    }
}
