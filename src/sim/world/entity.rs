//! Graph's entities as JSON objects.

use serde_json::{Map, Value, json};

/// Returns an entity as a JSON object.
pub(super) fn entity<T: serde::Serialize>(entity: &T) -> Map<String, Value> {
    match serde_json::to_value(entity) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// Returns a JSON object that contains only its `@odata.type`.
pub(super) fn typed(kind: &str) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("@odata.type".into(), json!(kind));
    data
}
