//! The calls of a floor.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{FloorCall, Uncertainty};
use crate::graph::CallId;

/// Calls by their id. It is serialized as a map.
///
/// A clone of it shares the calls until one of the two changes them: a floor with fifty thousand calls is cloned in
/// milliseconds, so that its snapshot can be written while the floor goes on.
///
/// Invariant: it knows how many of its calls are live and doubted because of a gap. Who changes that about a call with
/// [`CallTable::get_mut`] or its like must count it with [`CallTable::count_doubt`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::floor) struct CallTable {
    calls: BTreeMap<CallId, Arc<FloorCall>>,
    doubted_by_gap: usize,
}

impl CallTable {
    pub(in crate::floor) fn get(&self, id: &CallId) -> Option<&FloorCall> {
        self.calls.get(id).map(|it| &**it)
    }

    pub(in crate::floor) fn get_mut(&mut self, id: &CallId) -> Option<&mut FloorCall> {
        self.calls.get_mut(id).map(Arc::make_mut)
    }

    pub(in crate::floor) fn contains(&self, id: &CallId) -> bool {
        self.calls.contains_key(id)
    }

    /// Returns the call with this id, which is made if it is new.
    pub(in crate::floor) fn get_or_insert_with(
        &mut self,
        id: &CallId,
        make: impl FnOnce() -> FloorCall,
    ) -> &mut FloorCall {
        Arc::make_mut(self.calls.entry(id.clone()).or_insert_with(|| Arc::new(make())))
    }

    pub(in crate::floor) fn remove(&mut self, id: &CallId) -> Option<Arc<FloorCall>> {
        let removed = self.calls.remove(id)?;
        self.count_doubt(removed.is_doubted_by_gap(), false);
        Some(removed)
    }

    pub(in crate::floor) fn iter(&self) -> impl Iterator<Item = &FloorCall> {
        self.calls.values().map(|it| &**it)
    }

    pub(in crate::floor) fn iter_mut(&mut self) -> impl Iterator<Item = &mut FloorCall> {
        self.calls.values_mut().map(Arc::make_mut)
    }

    /// Makes every live call doubtful because of a gap.
    pub(in crate::floor) fn doubt_all_live(&mut self) {
        self.doubted_by_gap = 0;
        for call in self.calls.values_mut().filter(|it| it.is_live()) {
            Arc::make_mut(call).doubt = Some(Uncertainty::Gap);
            self.doubted_by_gap += 1;
        }
    }

    /// Returns how many live calls are doubtful because of a gap.
    pub(in crate::floor) const fn doubted_by_gap(&self) -> usize {
        self.doubted_by_gap
    }

    /// Counts a change of one call: whether it was doubted because of a gap before, and after.
    pub(in crate::floor) fn count_doubt(&mut self, before: bool, after: bool) {
        self.doubted_by_gap = (self.doubted_by_gap + usize::from(after)).saturating_sub(usize::from(before));
    }
}

impl FromIterator<FloorCall> for CallTable {
    fn from_iter<I: IntoIterator<Item = FloorCall>>(calls: I) -> Self {
        let calls: BTreeMap<_, _> = calls.into_iter().map(|it| (it.id.clone(), Arc::new(it))).collect();
        let doubted_by_gap = calls.values().filter(|it| it.is_doubted_by_gap()).count();
        Self { calls, doubted_by_gap }
    }
}

impl Serialize for CallTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.calls.iter().map(|(id, call)| (id, &**call)))
    }
}

impl<'de> Deserialize<'de> for CallTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::<CallId, FloorCall>::deserialize(deserializer)?.into_values().collect())
    }
}
