//! Notifications: the envelope of a webhook's body and the content of each item (graph-contract.md, "Notifications").
//!
//! Reading is in two steps so that an invalid item does not affect the others of its batch: [`envelope`] splits a body into its items
//! as received, [`read_by`] reads one item.

pub(super) mod partial;
mod unique_members;

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Call, CallId, ChangeType, CommsOperation, ContentSharingSession, DeltaParticipants, GeneralReader, JsonReader,
    OperationId, Participant, ParticipantId, Route,
};

/// A member that could not be read and was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableMember {
    /// Its place in the text, as a JSON pointer: `/resourceData/1/isMuted`.
    pub place: String,
    /// Why, in the words of the JSON reader.
    pub why: String,
}

/// One parsed notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The change of the resource.
    pub change: ChangeType,
    /// The call that it is about.
    pub call: CallId,
    /// The resource, as far as the item carries it.
    pub resource: NotifiedResource,
    /// What of the item could not be read and was left out.
    pub unreadable: Vec<UnreadableMember>,
}

/// The resource that a notification carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotifiedResource {
    /// A call, or a part of one.
    Call(Box<Call>),
    /// A roster: all participants, unless the call asked for delta rosters.
    Roster(Vec<Participant>),
    /// The participants who changed since the last roster.
    Delta(DeltaParticipants),
    /// An operation that has ended or made progress.
    Operation(Option<OperationId>, Box<CommsOperation>),
    /// The sessions of shared content.
    ContentSharing(Vec<ContentSharingSession>),
    /// Policy recording: a participant is about to join.
    Joining(Box<Call>),
    /// Policy recording: a participant has left.
    Left(Option<ParticipantId>),
}

/// The reason why an item, or a whole body, could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRejection {
    /// The kind of fault, for counting.
    pub reason: RejectReason,
    /// The fault, and its place in the text.
    pub detail: String,
}

/// The kinds of fault in a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RejectReason {
    /// The text is not JSON, or not UTF-8.
    Syntax,
    /// The body is JSON, but not an envelope of notifications.
    Envelope,
    /// The item names no call.
    Address,
    /// The item's `@odata.type` or path is not one of the calls API.
    Type,
    /// A required member is missing or of the wrong kind.
    Shape,
}

impl fmt::Display for RejectReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Syntax => "not JSON",
            Self::Envelope => "not an envelope of notifications",
            Self::Address => "names no call",
            Self::Type => "unknown type",
            Self::Shape => "wrong shape",
        })
    }
}

impl fmt::Display for ItemRejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.reason, self.detail)
    }
}

impl ItemRejection {
    /// The maximum number of bytes of a detail, which may quote the received text.
    const MAX_DETAIL: usize = 512;

    fn new(reason: RejectReason, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        detail.truncate(detail.floor_char_boundary(Self::MAX_DETAIL));
        Self { reason, detail }
    }
}

/// What some programs write before a text in UTF-8; it means nothing (RFC 8259, 8.1).
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// Splits a webhook's body into its items, as received. An envelope may have no items.
///
/// # Errors
/// An [`ItemRejection`] with line and column when the text is not JSON, or is not an envelope.
pub fn envelope(body: &str) -> Result<Vec<&RawValue>, ItemRejection> {
    envelope_by(&GeneralReader, body)
}

/// Splits a webhook's body like [`envelope`], with another JSON reader.
///
/// Fails if [`envelope`] fails.
pub(crate) fn envelope_by<'a>(reader: &impl JsonReader, body: &'a str) -> Result<Vec<&'a RawValue>, ItemRejection> {
    #[derive(Deserialize)]
    #[serde(rename = "commsNotifications")]
    struct EnvelopeItems<'a> {
        #[serde(borrow)]
        value: Vec<&'a RawValue>,
    }
    let items = reader.read::<EnvelopeItems<'_>>(body).map(|it| it.value).map_err(|error| {
        let reason = if error.is_data() { RejectReason::Envelope } else { RejectReason::Syntax };
        ItemRejection::new(reason, error.to_string())
    })?;
    refuse_list(body, RejectReason::Envelope)?;
    Ok(items)
}

/// Refuses a list where an object belongs: the JSON reader takes the items of a list for the members of an object.
fn refuse_list(text: &str, reason: RejectReason) -> Result<(), ItemRejection> {
    if text.trim_start().starts_with('[') {
        return Err(ItemRejection::new(reason, "a list where an object belongs"));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename = "commsNotification", rename_all = "camelCase")]
struct RawItem<'a> {
    #[serde(default)]
    change_type: Option<ChangeType>,
    #[serde(default)]
    resource_url: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    resource: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    resource_data: Option<&'a RawValue>,
    #[serde(rename = "@odata.type", default)]
    odata_type: Option<std::borrow::Cow<'a, str>>,
}

/// Reads an item like [`super::read`], with another JSON reader.
///
/// Fails if [`super::read`] fails.
pub(crate) fn read_by(reader: &impl JsonReader, item: &str) -> Result<Notification, ItemRejection> {
    let read: RawItem<'_> = reader.read(item).map_err(|error| shape("the notification", &error))?;
    refuse_list(item, RejectReason::Shape)?;
    if let Some(joining) = policy_recording(reader, item, read.odata_type.as_deref()) {
        return joining;
    }
    let path = [&read.resource_url, &read.resource].into_iter().flatten().find(|it| !it.is_empty());
    let path = path.ok_or_else(|| ItemRejection::new(RejectReason::Address, "neither resourceUrl nor resource"))?;
    let route = Route::parse(path)
        .ok_or_else(|| ItemRejection::new(RejectReason::Address, format!("{path:?} is not a path of the calls API")))?;
    let Some(call) = route.call().cloned() else {
        return Err(ItemRejection::new(RejectReason::Address, format!("{path:?} names no call")));
    };
    let change = read.change_type.ok_or_else(|| ItemRejection::new(RejectReason::Shape, "changeType is missing"))?;
    let resource = resource(reader, &route, read.resource_data.map(RawValue::get))?;
    Ok(Notification { change, call, resource, unreadable: Vec::new() })
}

/// The number of bytes within which a delta roster in a list shows its type.
const TYPE_WITHIN: usize = 128;

fn shape(what: &str, error: &serde_json::Error) -> ItemRejection {
    let reason = if error.is_data() { RejectReason::Shape } else { RejectReason::Syntax };
    ItemRejection::new(reason, format!("{what}: {error}"))
}

fn resource(reader: &impl JsonReader, route: &Route, data: Option<&str>) -> Result<NotifiedResource, ItemRejection> {
    let data = data.map(str::trim).filter(|it| *it != "null");
    // A roster, the largest of all, is known by its address: looking for its type would read it twice.
    // Only an item that shows early that it is a delta roster is read twice.
    let starts_plain_list =
        |it: &str| it.starts_with('[') && !it.get(..TYPE_WITHIN).unwrap_or(it).contains("deltaParticipants");
    let is_roster = matches!(route, Route::Participants(_)) && data.is_some_and(starts_plain_list);
    let kind = data.filter(|_| !is_roster).and_then(data_kind);
    match (route, kind.as_deref()) {
        (_, Some("deltaParticipants")) => Ok(NotifiedResource::Delta(delta(reader, data)?)),
        (Route::Call(_), Some("call") | None) => {
            Ok(NotifiedResource::Call(data.map_or_else(|| Ok(Box::default()), |it| typed(reader, "call", it))?))
        }
        (Route::Participants(_), Some("participant") | None) => {
            Ok(NotifiedResource::Roster(one_or_many(reader, "participant", data)?))
        }
        (Route::Participant(..), Some("participant") | None) => {
            let participants = one_or_many(reader, "participant", data)?;
            Ok(NotifiedResource::Delta(DeltaParticipants { sequence_number: None, participants }))
        }
        (Route::Operation(_, id), kind) if kind.is_none_or(is_operation) => operation(reader, Some(id.clone()), data),
        // One documented example gives an operation the address of a roster: only its clientContext identifies it.
        (Route::Participants(_), Some(kind)) if is_operation(kind) => operation(reader, None, data),
        (Route::ContentSharingSession(_, id), None) => {
            let session = ContentSharingSession { id: Some(id.clone()), ..ContentSharingSession::default() };
            Ok(NotifiedResource::ContentSharing(vec![session]))
        }
        (Route::ContentSharingSessions(_) | Route::ContentSharingSession(..), Some("contentSharingSession") | None) => {
            Ok(NotifiedResource::ContentSharing(one_or_many(reader, "contentSharingSession", data)?))
        }
        (_, Some(kind)) => Err(ItemRejection::new(RejectReason::Type, format!("a {kind} at {route} is not known"))),
        (_, None) => Err(ItemRejection::new(RejectReason::Type, format!("a notification about {route} is not known"))),
    }
}

/// Returns a delta roster, alone or in a list: which of the two Graph sends is not documented.
fn delta(reader: &impl JsonReader, data: Option<&str>) -> Result<DeltaParticipants, ItemRejection> {
    let all: Vec<DeltaParticipants> = one_or_many(reader, "deltaParticipants", data)?;
    let sequence_number = all.iter().filter_map(|it| it.sequence_number).max();
    Ok(DeltaParticipants { sequence_number, participants: all.into_iter().flat_map(|it| it.participants).collect() })
}

fn is_operation(kind: &str) -> bool {
    kind.ends_with("Operation")
}

fn operation(
    reader: &impl JsonReader,
    id: Option<OperationId>,
    data: Option<&str>,
) -> Result<NotifiedResource, ItemRejection> {
    Ok(NotifiedResource::Operation(id, data.map_or_else(|| Ok(Box::default()), |it| typed(reader, "operation", it))?))
}

/// Returns the `@odata.type` of the data, or of the first item of an array, without its namespace.
fn data_kind(data: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(rename = "@odata.type", borrow, default)]
        odata_type: Option<std::borrow::Cow<'a, str>>,
    }
    let first = if data.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(data).ok()?;
        items.first().map(|it| it.get())?
    } else {
        data
    };
    let typed: Typed<'_> = serde_json::from_str(first).ok()?;
    let name = typed.odata_type?;
    Some(name.strip_prefix("#microsoft.graph.").unwrap_or(&name).to_owned())
}

fn typed<T: DeserializeOwned>(reader: &impl JsonReader, what: &str, data: &str) -> Result<T, ItemRejection> {
    reader.read_owned(data).map_err(|error| shape(what, &error))
}

fn one_or_many<T: DeserializeOwned>(
    reader: &impl JsonReader,
    what: &str,
    data: Option<&str>,
) -> Result<Vec<T>, ItemRejection> {
    match data {
        None => Err(ItemRejection::new(RejectReason::Shape, format!("resourceData of the {what} is missing"))),
        Some(data) if data.starts_with('[') => typed(reader, what, data),
        Some(data) => typed(reader, what, data).map(|it| vec![it]),
    }
}

/// Reads a notification of policy recording, which is a bare item without an envelope and contains its call. Returns `None`
/// for any other type.
fn policy_recording(
    reader: &impl JsonReader,
    item: &str,
    kind: Option<&str>,
) -> Option<Result<Notification, ItemRejection>> {
    #[derive(Deserialize)]
    #[serde(rename = "participantNotification", rename_all = "camelCase")]
    struct Recorded {
        #[serde(default)]
        call: Option<Box<Call>>,
        #[serde(default)]
        participant_id: Option<ParticipantId>,
    }
    let is_joining = kind?.ends_with("participantJoiningNotification");
    if !is_joining && !kind?.ends_with("participantLeftNotification") {
        return None;
    }
    Some(reader.read_owned::<Recorded>(item).map_err(|error| shape("the recorder's notification", &error)).and_then(
        |it| {
            let call = it.call.unwrap_or_default();
            let id = call.id.clone();
            let id = id.ok_or_else(|| ItemRejection::new(RejectReason::Address, "the recorded call has no id"))?;
            let resource =
                if is_joining { NotifiedResource::Joining(call) } else { NotifiedResource::Left(it.participant_id) };
            Ok(Notification { change: ChangeType::Updated, call: id, resource, unreadable: Vec::new() })
        },
    ))
}
