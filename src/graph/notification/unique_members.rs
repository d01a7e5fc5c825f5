//! Finds a member that appears twice in an object. Readers disagree on which one counts.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON text in which no object has a member twice.
pub(super) struct UniqueMembers;

impl<'de> Deserialize<'de> for UniqueMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MemberCheck;
        impl<'de> Visitor<'de> for MemberCheck {
            type Value = UniqueMembers;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("members with different names")
            }
            fn visit_bool<E>(self, _: bool) -> Result<UniqueMembers, E> {
                Ok(UniqueMembers)
            }
            fn visit_i64<E>(self, _: i64) -> Result<UniqueMembers, E> {
                Ok(UniqueMembers)
            }
            fn visit_u64<E>(self, _: u64) -> Result<UniqueMembers, E> {
                Ok(UniqueMembers)
            }
            fn visit_f64<E>(self, _: f64) -> Result<UniqueMembers, E> {
                Ok(UniqueMembers)
            }
            fn visit_str<E>(self, _: &str) -> Result<UniqueMembers, E> {
                Ok(UniqueMembers)
            }
            fn visit_unit<E>(self) -> Result<UniqueMembers, E> {
                Ok(UniqueMembers)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<UniqueMembers, A::Error> {
                while items.next_element::<UniqueMembers>()?.is_some() {}
                Ok(UniqueMembers)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<UniqueMembers, A::Error> {
                let mut names = BTreeSet::new();
                while let Some(name) = members.next_key::<String>()? {
                    if !names.insert(name) {
                        return Err(de::Error::custom("a member appears twice"));
                    }
                    members.next_value::<UniqueMembers>()?;
                }
                Ok(UniqueMembers)
            }
        }
        deserializer.deserialize_any(MemberCheck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_appears_twice_is_found_at_any_depth() {
        let is_unique = |text: &str| serde_json::from_str::<UniqueMembers>(text).is_ok();
        assert!(is_unique(r#"{"a": [1, -2, 0.5, true, null, "x", {"a": {}}], "b": {"a": 1}}"#));
        for text in [r#"{"a": 1, "a": 1}"#, r#"[{"b": {"a": 1, "c": [{"a": 1, "\u0061": 2}]}}]"#, "[1"] {
            assert!(!is_unique(text), "{text}");
        }
    }
}
