//! The floor's operations by number, with an index by Graph's own id. Graph may repeat notifications of operations that
//! have ended, and without the index each of them would need a search through ten thousand operations.

use std::collections::{BTreeMap, btree_map};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::operation::{Operation, OperationNumber};
use crate::graph::{CallId, OperationId};

/// Operations by number. It is serialized as a map without the index; deserialization builds the index again.
///
/// Invariant: the index maps each call and id of Graph to the newest operation that has them. An operation gets its id once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OperationTable {
    operations: BTreeMap<OperationNumber, Operation>,
    by_id: BTreeMap<(CallId, OperationId), OperationNumber>,
}

impl OperationTable {
    /// Returns the operation with this number.
    pub(super) fn get(&self, number: OperationNumber) -> Option<&Operation> {
        self.operations.get(&number)
    }

    /// Returns the operation with this number for changes. Only [`Self::set_id`] may
    /// change its `operation_id`, because the index must follow.
    pub(super) fn get_mut(&mut self, number: OperationNumber) -> Option<&mut Operation> {
        self.operations.get_mut(&number)
    }

    /// Returns the number of the newest operation of a call with this id of Graph.
    pub(super) fn by_id(&self, call: &CallId, id: &OperationId) -> Option<OperationNumber> {
        self.by_id.get(&(call.clone(), id.clone())).copied()
    }

    /// Adds an operation, or replaces the one with its number.
    pub(super) fn insert(&mut self, operation: Operation) {
        self.index(&operation);
        self.operations.insert(operation.number, operation);
    }

    /// Sets Graph's own id of an operation, and updates the index.
    pub(super) fn set_id(&mut self, number: OperationNumber, id: Option<OperationId>) {
        let Some(operation) = self.operations.get_mut(&number) else { return };
        operation.operation_id = id;
        let operation = operation.clone();
        self.index(&operation);
    }

    /// Removes the oldest operation and returns it.
    pub(super) fn pop_first(&mut self) -> Option<Operation> {
        let (number, oldest) = self.operations.pop_first()?;
        if let Some(id) = &oldest.operation_id {
            let key = (oldest.call.clone(), id.clone());
            if self.by_id.get(&key) == Some(&number) {
                self.by_id.remove(&key);
            }
        }
        Some(oldest)
    }

    /// Returns the number of operations.
    pub(super) fn len(&self) -> usize {
        self.operations.len()
    }

    /// Returns the operations, oldest first.
    pub(super) fn values(&self) -> btree_map::Values<'_, OperationNumber, Operation> {
        self.operations.values()
    }

    /// Returns the operations for changes, oldest first.
    pub(super) fn values_mut(&mut self) -> btree_map::ValuesMut<'_, OperationNumber, Operation> {
        self.operations.values_mut()
    }

    fn index(&mut self, operation: &Operation) {
        let Some(id) = &operation.operation_id else { return };
        let newest = self.by_id.entry((operation.call.clone(), id.clone())).or_insert(operation.number);
        *newest = operation.number.max(*newest);
    }
}

impl FromIterator<Operation> for OperationTable {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        let mut table = Self::default();
        for operation in operations {
            table.insert(operation);
        }
        table
    }
}

impl Serialize for OperationTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.operations.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OperationTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let operations = BTreeMap::<OperationNumber, Operation>::deserialize(deserializer)?;
        Ok(operations.into_values().collect())
    }
}
