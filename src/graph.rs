//! Graph's language: calls, participants, identities, notifications, operations, errors, paths and ids.
//!
//! The only room that knows Graph's JSON spelling. It reads leniently (ids in either form, open enums in any
//! case, unknown members, partial calls, nulls) and writes exactly (Graph's member names, `@odata.type`, absent
//! members left out). It knows nothing of journals, floors or terminals.

mod body;
mod call;
mod error;
mod id;
mod identity;
mod lenient;
mod notification;
mod open_enum;
mod operation;
mod participant;
mod path;
mod reader;
mod request;
mod roster;
mod secret;
mod terms;

pub use body::{ActionBody, Prompt};
pub use call::{
    AudioRoutingGroup, Call, CallMediaState, CallOptions, CallRoute, CallTranscriptionInfo, ChatInfo,
    ContentSharingSession, IncomingContext, MediaConfig, MediaInfo, MeetingInfo, ToneInfo,
};
pub use error::{ErrorBody, GraphError, InnerError, explain};
pub use id::{CallId, OperationId, ParticipantId, ResourceId};
pub use identity::{Identity, IdentityKind, IdentitySet};
pub use notification::partial::decode_partly;
pub use notification::{
    BYTE_ORDER_MARK, ItemRejection, Notification, NotifiedResource, RejectReason, UnreadableMember, envelope,
};
pub(crate) use notification::{envelope_by, read_by};
pub use operation::{ClientContext, ClientContextTooLong, CommsOperation, Invited, OperationKind, ResultInfo};
pub use participant::{
    DeltaParticipants, InvitationParticipantInfo, MAIN_AUDIO, MediaStream, Participant, ParticipantInfo, RecordingInfo,
    RemovedState, RestrictedExperience,
};
pub use path::{CallAction, ParticipantAction, Route};
pub use reader::{GeneralReader, JsonReader};
pub use request::{ExactRequest, GraphAction, Method};
pub use secret::{MASK, is_secret, mask_secrets};
pub use terms::{
    CallDirection, CallState, CallTranscriptionState, ChangeType, CommsOperationStatus, EndpointType, MediaDirection,
    MediaState, Modality, RecordingStatus, RejectCallReason, RoutingMode, RoutingType, ScreenSharingRole, Tone,
};

/// The collection that a list answer wraps: `{"value": [...]}`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Collection<T> {
    /// The items, in Graph's order.
    pub value: Vec<T>,
}

/// Reads one Graph entity or collection leniently.
///
/// # Errors
/// The JSON reader's message, which has line and column.
pub fn decode<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

/// Reads one item, by the tail of its path *and* by the type of its data. Members of a wrong kind are left out and named.
///
/// # Errors
/// An [`ItemRejection`] that says what is missing, unknown or of the wrong kind, if it is not known which call the item is
/// about or what it says of it.
pub fn read(item: &str) -> Result<Notification, ItemRejection> {
    let read = roster::read(item).map_or_else(|| read_by(&GeneralReader, item), Ok);
    read.or_else(|rejection| notification::partial::read(item).ok_or(rejection))
}

/// Reads a call as far as possible, and names what was left out.
///
/// # Errors
/// The JSON reader's message, if the text is no call.
pub fn decode_call(text: &str) -> Result<(Call, Vec<UnreadableMember>), serde_json::Error> {
    let (mut call, unreadable) = decode_partly(text)?;
    notification::partial::assign_call(&mut call, &unreadable);
    Ok((call, unreadable))
}

/// Reads a list of participants as far as possible; each one knows what of it was left out.
///
/// # Errors
/// The JSON reader's message, if the text is no list.
pub fn decode_people(text: &str) -> Result<Vec<Participant>, serde_json::Error> {
    let (mut people, unreadable): (Vec<Participant>, _) = decode_partly(text)?;
    notification::partial::assign_people(&mut people, &unreadable);
    Ok(people)
}
