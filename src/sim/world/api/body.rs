//! Reads the parts that every body has: a JSON object, its required members and the client's context.

use serde_json::Value;

use crate::graph::ClientContext;
use crate::sim::settings::{Permit, SimSettings};

use super::answer::Refusal;

/// Returns the `clientContext` of a body, which must be a JSON object.
pub(in crate::sim::world) fn client_context(settings: &SimSettings, body: &[u8]) -> Result<Option<Box<str>>, Refusal> {
    if body.is_empty() && settings.empty_body == Permit::Allowed {
        return Ok(None);
    }
    let asked = json_object(body)?;
    match asked.get("clientContext") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            ClientContext::new(text).map_err(|error| Refusal::invalid(format!("{error}.")))?;
            Ok(Some(text.as_str().into()))
        }
        Some(_) => Err(Refusal::invalid("clientContext is not a string.")),
    }
}

/// Returns a required member of a body.
pub(in crate::sim::world) fn required<'a>(asked: &'a Value, member: &str) -> Result<&'a Value, Refusal> {
    asked.get(member).filter(|it| !it.is_null()).ok_or_else(|| Refusal::missing(member))
}

/// Parses a body, which must be a JSON object.
pub(in crate::sim::world) fn json_object(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Err(Refusal::invalid("The request has no body; a JSON object is expected."));
    }
    let read: Value =
        serde_json::from_slice(body).map_err(|error| Refusal::invalid(format!("The body is not JSON: {error}.")))?;
    if read.is_object() { Ok(read) } else { Err(Refusal::invalid("The body is not a JSON object.")) }
}
