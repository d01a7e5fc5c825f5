//! The people of one call.

use std::collections::BTreeMap;
use std::ops::Index;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::person::Person;
use crate::graph::ParticipantId;

/// People by their id. It is serialized as a map.
///
/// A call has a few people and a floor has many calls: the nodes of a B-tree would be mostly empty, and take half of the
/// memory of a large floor.
///
/// Invariant: the ids are in order, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::vec_box, reason = "a vector of large values has room for several more of them")]
pub struct People(Vec<Box<Person>>);

impl People {
    fn position(&self, id: &ParticipantId) -> Result<usize, usize> {
        self.0.binary_search_by(|it| it.id.cmp(id))
    }

    /// Returns the person with this id.
    #[must_use]
    pub fn get(&self, id: &ParticipantId) -> Option<&Person> {
        self.position(id).ok().and_then(|at| self.0.get(at)).map(|it| &**it)
    }

    pub(in crate::floor) fn get_mut(&mut self, id: &ParticipantId) -> Option<&mut Person> {
        let at = self.position(id).ok()?;
        self.0.get_mut(at).map(|it| &mut **it)
    }

    /// Returns whether there is a person with this id.
    #[must_use]
    pub fn contains(&self, id: &ParticipantId) -> bool {
        self.position(id).is_ok()
    }

    /// Returns the number of people.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the people in the order of their ids.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Person> {
        self.0.iter().map(|it| &**it)
    }

    pub(in crate::floor) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Person> {
        self.0.iter_mut().map(|it| &mut **it)
    }

    /// Adds a person, or replaces the one with the same id.
    pub(in crate::floor) fn insert(&mut self, person: Person) {
        let person = Box::new(person);
        match self.position(&person.id) {
            Ok(at) => self.0.splice(at..=at, [person]).for_each(drop),
            Err(at) => self.0.insert(at, person),
        }
    }

    pub(in crate::floor) fn remove(&mut self, id: &ParticipantId) -> Option<Person> {
        let at = self.position(id).ok()?;
        Some(*self.0.remove(at))
    }
}

impl Index<&ParticipantId> for People {
    type Output = Person;

    /// Panics if there is no person with this id.
    #[expect(clippy::expect_used, reason = "as indexing a map does")]
    fn index(&self, id: &ParticipantId) -> &Person {
        self.get(id).expect("a person with this id")
    }
}

impl FromIterator<Person> for People {
    fn from_iter<I: IntoIterator<Item = Person>>(people: I) -> Self {
        let by_id: BTreeMap<ParticipantId, Box<Person>> =
            people.into_iter().map(|it| (it.id.clone(), Box::new(it))).collect();
        Self(by_id.into_values().collect())
    }
}

impl Serialize for People {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|it| (&it.id, it)))
    }
}

impl<'de> Deserialize<'de> for People {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let by_id = BTreeMap::<ParticipantId, Box<Person>>::deserialize(deserializer)?;
        Ok(Self(by_id.into_values().collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::floor::{Cursor, Entry, Fact, Floor, ReceivedItem, Sum};
    use crate::graph::CallId;
    use crate::time::Timestamp;

    /// People as a roster shows them.
    fn people(ids: &[&str]) -> People {
        let listed: Vec<_> = ids.iter().map(|id| serde_json::json!({"id": id, "info": {"identity": {}}})).collect();
        let item = serde_json::json!({"changeType": "updated", "resourceUrl": "/communications/calls/c/participants",
            "resourceData": listed});
        let raw = serde_json::value::RawValue::from_string(item.to_string()).unwrap();
        let (fact, mut floor) = (Fact::Notification(ReceivedItem::new(raw, None, 0)), Floor::default());
        floor.apply(&Entry { cursor: Cursor(1), after: Cursor(0), sum: Sum(0), at: Timestamp(1), fact });
        floor.call(&CallId::new("c").unwrap()).unwrap().people.clone()
    }

    fn ids(people: &People) -> Vec<String> {
        people.iter().map(|it| it.id.to_string()).collect()
    }

    #[test]
    fn people_are_found_replaced_and_removed_by_their_ids() {
        let id = |text| ParticipantId::new(text).unwrap();
        let mut there = people(&["d", "b", "a", "c"]);
        assert_eq!((ids(&there), there.len()), (["a", "b", "c", "d"].map(String::from).to_vec(), 4));
        assert!(there.contains(&id("B")) && !there.contains(&id("e")) && there.get(&id("e")).is_none());
        there.insert(Person { name: "Ada".into(), ..there[&id("b")].clone() });
        assert_eq!((&*there[&id("b")].name, there.len()), ("Ada", 4));
        there.get_mut(&id("d")).unwrap().muted = true;
        assert!(there.remove(&id("d")).unwrap().muted && there.remove(&id("d")).is_none());
        assert_eq!(ids(&there), ["a", "b", "c"]);
    }

    #[test]
    fn people_are_stored_as_a_map() {
        let there = people(&["b", "a"]);
        let map: BTreeMap<String, &Person> = there.iter().map(|it| (it.id.to_string(), it)).collect();
        let text = serde_json::to_string(&there).unwrap();
        assert_eq!(text, serde_json::to_string(&map).unwrap());
        assert_eq!(serde_json::from_str::<People>(&text).unwrap(), there);
        assert_eq!(there.iter().rev().cloned().collect::<People>(), there);
    }
}
