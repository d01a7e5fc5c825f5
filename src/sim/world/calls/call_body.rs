//! Validates request bodies that create or answer a call, or that contain identities.

use serde_json::Value;
use url::Url;

use crate::graph::{Call, IdentitySet, Modality};

use crate::sim::world::api::answer::Refusal;

/// Requires an `@odata.type` on each member whose declared type is abstract.
pub(in crate::sim::world) fn abstract_types(raw: &Value) -> Result<(), Refusal> {
    const MEMBERS: [(&str, &[&str]); 3] = [
        ("mediaConfig", &["serviceHostedMediaConfig", "appHostedMediaConfig"]),
        ("meetingInfo", &["organizerMeetingInfo", "joinMeetingIdMeetingInfo", "tokenMeetingInfo"]),
        ("callOptions", &["outgoingCallOptions", "incomingCallOptions"]),
    ];
    for (member, kinds) in MEMBERS {
        let Some(value) = raw.get(member).filter(|it| !it.is_null()) else { continue };
        let kind = value.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        let name = kind.strip_prefix("#microsoft.graph.").unwrap_or_default();
        if !kinds.contains(&name) {
            let wanted = kinds.join(", ");
            return Err(Refusal::invalid(format!(
                "{member} needs an @odata.type: #microsoft.graph. and one of {wanted}."
            )));
        }
    }
    Ok(())
}

/// Returns the address for notifications: HTTPS, or HTTP to this machine, which Graph would refuse.
pub(in crate::sim::world) fn callback(asked: &Call) -> Result<Box<str>, Refusal> {
    callback_at(asked.callback_uri.as_deref().ok_or_else(|| Refusal::missing("callbackUri"))?)
}

/// Validates an address for notifications; see [`callback`].
pub(in crate::sim::world) fn callback_at(text: &str) -> Result<Box<str>, Refusal> {
    let url =
        Url::parse(text).map_err(|error| Refusal::invalid(format!("callbackUri {text:?} is not a URL: {error}.")))?;
    if allowed_callback(&url) {
        Ok(text.into())
    } else {
        Err(Refusal::invalid("callbackUri must be an HTTPS address."))
    }
}

/// Returns whether notifications may go to an address.
#[must_use]
pub fn allowed_callback(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let bare = url.username().is_empty() && url.password().is_none();
    bare && (url.scheme() == "https" || (url.scheme() == "http" && local))
}

/// Returns whether the application handles the media itself.
pub(in crate::sim::world) fn app_hosted(asked: &Call) -> bool {
    let kind = asked.media_config.as_ref().and_then(|it| it.odata_type.as_deref());
    kind.is_some_and(|it| it.ends_with("appHostedMediaConfig"))
}

/// Refuses a kind of media that Graph does not know.
pub(in crate::sim::world) fn modality(asked: &Modality, member: &str) -> Result<(), Refusal> {
    match asked {
        Modality::Audio | Modality::Video | Modality::VideoBasedScreenSharing | Modality::Data => Ok(()),
        Modality::Unknown(text) => Err(Refusal::invalid(format!("{member}: {text:?} is not a modality; use audio."))),
    }
}

/// Reads the identity of one item in the list `member`.
pub(in crate::sim::world) fn identity_of(item: &Value, member: &str) -> Result<IdentitySet, Refusal> {
    let identity = item.get("identity").cloned().unwrap_or_default();
    let read: IdentitySet = serde_json::from_value(identity)
        .map_err(|error| Refusal::invalid(format!("{member}: an identity cannot be read: {error}.")))?;
    read.principal().ok_or_else(|| Refusal::invalid(format!("{member}: each item needs an identity.")))?;
    Ok(read)
}
