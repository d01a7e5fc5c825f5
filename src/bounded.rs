//! Collections with a bound in their type: a new item evicts the oldest when they are full.

use std::collections::VecDeque;
use std::collections::vec_deque;
use std::hash::Hash;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The newest `MOST` values, oldest first.
///
/// Written to a snapshot as a plain list; a longer list that is read keeps its newest values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "VecDeque<T>", into = "VecDeque<T>", bound(serialize = "T: Clone + Serialize"))]
pub struct Ring<T, const MOST: usize>(VecDeque<T>);

impl<T, const MOST: usize> Ring<T, MOST> {
    /// Adds the newest value, and returns the one that it evicts.
    pub fn push(&mut self, value: T) -> Option<T> {
        let evicted = if self.0.len() >= MOST { self.0.pop_front() } else { None };
        self.0.push_back(value);
        evicted
    }

    /// Removes and returns the oldest value.
    pub fn pop_oldest(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    /// Returns the newest value.
    #[must_use]
    pub fn newest(&self) -> Option<&T> {
        self.0.back()
    }

    /// Returns the newest value as mutable.
    pub fn newest_mut(&mut self) -> Option<&mut T> {
        self.0.back_mut()
    }

    /// Drops every value that `keep` refuses.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// Returns the values, oldest first.
    #[must_use]
    pub fn iter(&self) -> vec_deque::Iter<'_, T> {
        self.0.iter()
    }

    /// Returns the values, oldest first, mutable.
    pub fn iter_mut(&mut self) -> vec_deque::IterMut<'_, T> {
        self.0.iter_mut()
    }

    /// Returns how many values are kept: at most `MOST`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether no value is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T, const MOST: usize> Default for Ring<T, MOST> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T, const MOST: usize> From<VecDeque<T>> for Ring<T, MOST> {
    fn from(mut values: VecDeque<T>) -> Self {
        values.drain(..values.len().saturating_sub(MOST));
        Self(values)
    }
}

impl<T, const MOST: usize> From<Ring<T, MOST>> for VecDeque<T> {
    fn from(ring: Ring<T, MOST>) -> Self {
        ring.0
    }
}

impl<'a, T, const MOST: usize> IntoIterator for &'a Ring<T, MOST> {
    type Item = &'a T;
    type IntoIter = vec_deque::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T, const MOST: usize> IntoIterator for &'a mut Ring<T, MOST> {
    type Item = &'a mut T;
    type IntoIter = vec_deque::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Values by key, at most `MOST`: a new key evicts the one that was inserted first.
#[derive(Debug, Clone)]
pub struct BoundedMap<K, V, const MOST: usize>(IndexMap<K, V>);

impl<K: Hash + Eq, V, const MOST: usize> BoundedMap<K, V, MOST> {
    /// Sets the value of a key, and returns the pair that a new key evicts.
    pub fn insert(&mut self, key: K, value: V) -> Option<(K, V)> {
        let is_new = !self.0.contains_key(&key);
        let evicted = if is_new && self.0.len() >= MOST { self.0.shift_remove_index(0) } else { None };
        self.0.insert(key, value);
        evicted
    }

    /// Returns the value of a key.
    #[must_use]
    pub fn get<Q: ?Sized + Hash + indexmap::Equivalent<K>>(&self, key: &Q) -> Option<&V> {
        self.0.get(key)
    }

    /// Returns the value of a key, mutable.
    pub fn get_mut<Q: ?Sized + Hash + indexmap::Equivalent<K>>(&mut self, key: &Q) -> Option<&mut V> {
        self.0.get_mut(key)
    }

    /// Removes and returns the value of a key. The others keep their order.
    pub fn remove<Q: ?Sized + Hash + indexmap::Equivalent<K>>(&mut self, key: &Q) -> Option<V> {
        self.0.shift_remove(key)
    }

    /// Drops every pair that `keep` refuses.
    pub fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain(keep);
    }

    /// Returns the pairs, in the order of their insertion.
    #[must_use]
    pub fn iter(&self) -> indexmap::map::Iter<'_, K, V> {
        self.0.iter()
    }

    /// Returns how many pairs are kept: at most `MOST`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether no pair is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K, V, const MOST: usize> Default for BoundedMap<K, V, MOST> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<'a, K: Hash + Eq, V, const MOST: usize> IntoIterator for &'a BoundedMap<K, V, MOST> {
    type Item = (&'a K, &'a V);
    type IntoIter = indexmap::map::Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_keeps_the_newest() {
        let mut ring = Ring::<u32, 2>::default();
        assert_eq!((ring.push(1), ring.push(2), ring.push(3)), (None, None, Some(1)));
        assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [2, 3]);
        let read: Ring<u32, 2> = serde_json::from_str("[1, 2, 3]").unwrap();
        assert_eq!(read, ring);
        assert_eq!(serde_json::to_string(&read).unwrap(), "[2,3]");
    }

    #[test]
    fn only_a_new_key_evicts_the_first_one() {
        let mut map = BoundedMap::<&str, u32, 2>::default();
        assert_eq!((map.insert("a", 1), map.insert("b", 2), map.insert("a", 3)), (None, None, None));
        assert_eq!(map.insert("c", 4), Some(("a", 3)));
        assert_eq!(map.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>(), [("b", 2), ("c", 4)]);
    }
}
