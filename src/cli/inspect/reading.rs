//! Reads an item by its kind, with the types and decisions of the relay and the floor, and puts
//! its content into sentences.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::member_log::ReadLog;
use super::position::TextPosition;
use super::watch::watch;
use super::{InspectedItem, InspectedMember, JsonKind, MemberState, PathStep, ReadType};
use crate::floor::{Fact, GraphReading, Noted, Outcome};
use crate::graph::{
    self, ActionBody, AudioRoutingGroup, Call, Collection, CommsOperation, ContentSharingSession, DeltaParticipants,
    ErrorBody, JsonReader, MAIN_AUDIO, MediaDirection, Notification, NotifiedResource, Participant,
};

/// The result of a reading: whether the item can be used, and its content in sentences.
struct ReadVerdict {
    used: bool,
    says: Vec<String>,
}

/// Reads a text that begins at `start` as an item of this kind.
pub(super) fn read(kind: JsonKind, text: &str, start: TextPosition) -> InspectedItem {
    let (ReadVerdict { used, says }, mut members) = watch(text, start, |log| verdict(kind, text, log));
    note_types(&mut members);
    note_holds(&mut members);
    note_addresses(&mut members);
    let has_wrong_member = members.iter().any(|it| matches!(it.state, MemberState::Wrong { .. }));
    InspectedItem { line: start.line, kind, used: used && !has_wrong_member, says, members }
}

fn verdict(kind: JsonKind, text: &str, log: &ReadLog<'_>) -> ReadVerdict {
    match kind {
        JsonKind::Envelope => envelope(text, log),
        JsonKind::Notification => one(text, log),
        JsonKind::ChangeNotification => subscription(text, log),
        JsonKind::MeetingCallEvent => elsewhere(log.read::<MeetingCallEvent>(text)),
        JsonKind::Call => of(log.read(text), |it| call(&it)),
        JsonKind::Participant => of(log.read(text), |it| participant(&it)),
        JsonKind::DeltaParticipants => {
            of(log.read(text), |it: DeltaParticipants| format!("{} in a roster changed", people(it.participants.len())))
        }
        JsonKind::Operation => of(log.read(text), |it| operation(&it)),
        JsonKind::AudioRoutingGroup => of(log.read(text), |it: AudioRoutingGroup| {
            format!("{} heard by {}", people(it.sources.len()), people(it.receivers.len()))
        }),
        JsonKind::ContentSharingSession => {
            of(log.read(text), |_: ContentSharingSession| "content is shared".to_owned())
        }
        JsonKind::Participants => of(log.read(text), |it: Collection<Participant>| people(it.value.len())),
        JsonKind::Operations => of(log.read(text), |it: Collection<CommsOperation>| count(it.value.len(), "operation")),
        JsonKind::AudioRoutingGroups => {
            of(log.read(text), |it: Collection<AudioRoutingGroup>| count(it.value.len(), "group"))
        }
        JsonKind::ContentSharingSessions => {
            of(log.read(text), |it: Collection<ContentSharingSession>| count(it.value.len(), "session"))
        }
        JsonKind::Calls => of(log.read(text), |it: Collection<Call>| count(it.value.len(), "call")),
        JsonKind::Error => of(log.read(text), |it: ErrorBody| format!("{}: {}", it.error.code, it.error.message)),
        JsonKind::ActionBody => of(log.read(text), |_: ActionBody| "the body of an action".to_owned()),
        JsonKind::Claims => {
            of(log.read(text), |_: InspectedClaims| "the claims of a token; its signature is not included".to_owned())
        }
        JsonKind::Record => record(text, log),
        JsonKind::Nothing => said("nothing to read; many answers have no body"),
        JsonKind::Text => said("nothing to look into; not every body is an object"),
        JsonKind::List if is_empty(text) => said("an empty list: there is nothing in it to read"),
        JsonKind::List | JsonKind::Captured => unused("a list or message within another is not read"),
        JsonKind::Unknown if !text.trim_start().starts_with('{') => unused(BARE),
        JsonKind::Unknown => {
            log.read::<UnknownObject>(text).map_or_else(|error| unused(&error.to_string()), |_| unused(UNKNOWN))
        }
    }
}

/// The verdict on an object of no known kind.
const UNKNOWN: &str = "no type, address or member shows its kind; give a notification, an answer or a record";
/// The verdict on a number or a flag.
const BARE: &str = "a number, true or false by itself; a notification, an answer or a record is an object: {...}";
/// The sentence about an item of a subscription.
const FROM_SUBSCRIPTION: &str =
    "it comes from a subscription; callboard reads the webhooks of calls, and has no use for it";

/// Returns whether a list has no items.
fn is_empty(list: &str) -> bool {
    serde_json::from_str::<Vec<&RawValue>>(list).is_ok_and(|it| it.is_empty())
}

/// An object of which no member is known.
#[derive(Deserialize)]
#[serde(rename = "object")]
struct UnknownObject {}

/// An event of a meeting.
#[derive(Deserialize)]
#[serde(rename = "callEvent", rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to be shown, not to be used")]
struct MeetingCallEvent {
    #[serde(default)]
    id: Option<Box<str>>,
    #[serde(default)]
    event_type: Option<Box<str>>,
    #[serde(default)]
    event_date_time: Option<Box<str>>,
    #[serde(rename = "participants@delta", alias = "participants", default)]
    participants: Option<Vec<Participant>>,
}

/// A notification of a subscription.
#[derive(Deserialize)]
#[serde(rename = "changeNotification", rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to be shown, not to be used")]
struct ChangeNotification<'a> {
    #[serde(default)]
    subscription_id: Option<Box<str>>,
    #[serde(default)]
    subscription_expiration_date_time: Option<Box<str>>,
    #[serde(default)]
    client_state: Option<Box<str>>,
    #[serde(default)]
    tenant_id: Option<Box<str>>,
    #[serde(default)]
    change_type: Option<Box<str>>,
    #[serde(default)]
    resource: Option<Box<str>>,
    #[serde(borrow, default)]
    resource_data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename = "changeNotifications")]
struct ChangeNotifications<'a> {
    #[serde(borrow)]
    value: Vec<ChangeNotification<'a>>,
}

/// The claims of a webhook's token.
#[derive(Deserialize)]
#[serde(rename = "claims")]
#[expect(dead_code, reason = "it is read to be shown, not to be used")]
struct InspectedClaims {
    aud: Box<str>,
    iss: Box<str>,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    exp: Option<i64>,
    #[serde(default)]
    tid: Option<Box<str>>,
}

fn said(what: impl Into<String>) -> ReadVerdict {
    ReadVerdict { used: true, says: vec![what.into()] }
}

/// Returns the verdict on an item that cannot be used. Drops the line and column from the reason: they count from the
/// item's beginning, and the members have the place in the whole text.
fn unused(why: &str) -> ReadVerdict {
    let why = why.rsplit_once(" at line ").map_or(why, |(why, _)| why);
    ReadVerdict { used: false, says: vec![format!("not used: {why}")] }
}

/// Returns the verdict on a decoded text, or on the error.
fn of<T>(read: Result<T, serde_json::Error>, says: impl FnOnce(T) -> String) -> ReadVerdict {
    match read {
        Ok(it) => said(says(it)),
        Err(error) => unused(&error.to_string()),
    }
}

/// Returns the verdict on a text of another stream of Graph.
fn elsewhere<T>(read: Result<T, serde_json::Error>) -> ReadVerdict {
    of(read, |_| FROM_SUBSCRIPTION.to_owned())
}

fn subscription(text: &str, log: &ReadLog<'_>) -> ReadVerdict {
    let items = if super::kind::has_value(text) {
        log.read::<ChangeNotifications<'_>>(text).map(|it| it.value)
    } else {
        log.read::<ChangeNotification<'_>>(text).map(|it| vec![it])
    };
    let read = items.and_then(|items| {
        let events = items.iter().filter_map(|it| it.resource_data);
        events
            .filter(|it| it.get().starts_with('{'))
            .try_for_each(|it| log.read::<MeetingCallEvent>(it.get()).map(drop))
    });
    elsewhere(read)
}

fn envelope(text: &str, log: &ReadLog<'_>) -> ReadVerdict {
    let items = match graph::envelope_by(log, text) {
        Ok(items) => items,
        Err(reject) => return unused(&reject.to_string()),
    };
    let mut verdict = said(count(items.len(), "notification"));
    for (at, item) in items.into_iter().enumerate() {
        let ReadVerdict { used, says } = one(item.get(), log);
        verdict.used &= used;
        verdict.says.extend(says.into_iter().map(|it| format!("{}: {it}", at + 1)));
    }
    verdict
}

fn one(text: &str, log: &ReadLog<'_>) -> ReadVerdict {
    match (graph::read_by(log, text), graph::read(text)) {
        (Ok(it), _) => said(notification(&it)),
        // The relay applies what is left of it.
        (Err(_), Ok(it)) => {
            let left_out: Vec<&str> = it.unreadable.iter().map(|member| &*member.place).collect();
            let without =
                if left_out.is_empty() { String::new() } else { format!(", without {}", left_out.join(", ")) };
            said(format!("{}{without}", notification(&it)))
        }
        (Err(reject), Err(_)) => unused(&reject.to_string()),
    }
}

fn notification(it: &Notification) -> String {
    let about = match &it.resource {
        NotifiedResource::Call(part) => call(part),
        NotifiedResource::Roster(all) => format!("a roster of {}", people(all.len())),
        NotifiedResource::Delta(delta) => format!("{} in the roster changed", people(delta.participants.len())),
        NotifiedResource::Operation(_, it) => operation(it),
        NotifiedResource::ContentSharing(all) => count(all.len(), "session of shared content"),
        NotifiedResource::Joining(_) => "a recorded person is about to join".to_owned(),
        NotifiedResource::Left(_) => "a recorded person has left".to_owned(),
    };
    format!("{}: {about}; of the call {}", it.change, it.call)
}

fn record(text: &str, log: &ReadLog<'_>) -> ReadVerdict {
    let fact = match Fact::decode_by(log, text) {
        Ok((_, fact)) => fact,
        Err(error) => return unused(&error.to_string()),
    };
    match fact {
        Fact::Notification(received) => one(received.item().get(), log),
        Fact::Asked(it) => said(format!("{} asked: {}, in the call {}", it.by, it.act, it.call)),
        Fact::Answered(it) => answered(&it.outcome, log),
        Fact::Observed(it) => match &it.read {
            GraphReading::Call(raw) => of(log.read(raw.get()), |it| call(&it)),
            GraphReading::Participants(raw) => of(log.read(raw.get()), |it: Vec<Participant>| people(it.len())),
            GraphReading::Operation(_, raw) => of(log.read(raw.get()), |it| operation(&it)),
            GraphReading::Gone => said(format!("Graph did not know the call {}", it.call)),
        },
        Fact::Rejected(it) => said(format!("a notification that was not understood: {}: {}", it.reason, it.detail)),
        Fact::Noted(it) => said(noted(&it)),
    }
}

fn answered(outcome: &Outcome, log: &ReadLog<'_>) -> ReadVerdict {
    match outcome {
        Outcome::Replied { status, body: None, .. } => said(format!("Graph answered {status}")),
        Outcome::Replied { status, body: Some(body), .. } if (200..300).contains(status) => {
            of(log.read(body.get()), |it| format!("Graph answered {status}: {}", operation(&it)))
        }
        Outcome::Replied { status, body: Some(body), .. } => of(log.read(body.get()), |it: ErrorBody| {
            format!("Graph answered {status}: {}: {}", it.error.code, graph::explain(*status, &it.error.code))
        }),
        Outcome::Refused { reason, .. } => said(format!("the gate did not send it: {reason}")),
        Outcome::Lost { error, .. } => said(format!("no answer came: {error}")),
    }
}

fn noted(it: &Noted) -> String {
    match it {
        Noted::RelayStarted => "the relay opened its journal".to_owned(),
        Noted::AttemptStarted { attempt, .. } => format!("a request was sent, attempt {attempt}"),
        Noted::Refused { reason, count } => format!("{count} webhooks were refused: {reason}"),
        Noted::CallersRefused { reason, count } => format!("{count} callers were refused: {reason}"),
        Noted::Gap { reason, .. } => format!("notifications may be missing: {reason}"),
        Noted::ForwardFailed { reason, count } => format!("{count} webhooks did not reach the bot: {reason}"),
        Noted::ClockMoved(moved) => moved.to_string(),
        Noted::Graph { words } => format!("the connection to Graph: {words}"),
        Noted::ReadFailed { call, error } => format!("the call {call} could not be read: {error}"),
    }
}

fn call(it: &Call) -> String {
    it.state.as_ref().map_or_else(|| "a call, or a part of one".to_owned(), |state| format!("a call, {state}"))
}

fn participant(it: &Participant) -> String {
    let name = it.info.as_ref().and_then(|it| it.identity.as_ref()).and_then(|it| it.name());
    name.unwrap_or("somebody without a name").to_owned()
}

fn operation(it: &CommsOperation) -> String {
    let kind = it.kind.as_ref().map_or("an operation", |it| it.as_str());
    let kind = kind.strip_prefix("#microsoft.graph.").unwrap_or(kind);
    it.status.as_ref().map_or_else(|| kind.to_owned(), |status| format!("{kind}, {status}"))
}

fn people(many: usize) -> String {
    if many == 1 { "1 person".to_owned() } else { format!("{many} people") }
}

fn count(many: usize, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{many} {what}s") }
}

/// Notes each value that names another type than the one it is read as.
fn note_types(members: &mut [InspectedMember]) {
    let entity = |it: &InspectedMember| Some((it.path.clone(), it.read_as.name()?.to_owned()));
    let entities: std::collections::BTreeMap<Vec<PathStep>, String> =
        members.iter().filter(|it| it.value.is_none()).filter_map(entity).collect();
    for member in members {
        let Some((PathStep::Member(name), owner)) = member.path.split_last() else { continue };
        let named = member.value.as_deref().and_then(|it| it.strip_prefix("#microsoft.graph."));
        if let (true, Some(named), Some(read_as)) = (name == "@odata.type", named, entities.get(owner))
            && member.state == MemberState::Annotation
            && !named.eq_ignore_ascii_case(read_as)
        {
            member.note = Some(format!("read as {read_as}"));
        }
    }
}

/// Notes the address in a notification: the member is known, and the board does not use it.
fn note_addresses(members: &mut [InspectedMember]) {
    let notifications: std::collections::BTreeSet<Vec<PathStep>> =
        members.iter().filter(|it| it.read_as.name() == Some("commsNotification")).map(|it| it.path.clone()).collect();
    for member in members {
        let named = member.path.split_last().filter(|(last, _)| **last == PathStep::Member("callbackUri".to_owned()));
        if named.is_some_and(|(_, owner)| notifications.contains(owner)) && matches!(member.state, MemberState::Kept(_))
        {
            member.state = MemberState::Understood;
            member.read_as = ReadType::Named("text".to_owned());
            member.note = Some("the address of the notification; the board does not use it".to_owned());
        }
    }
}

/// Notes the direction of the main audio: Graph has no hold property, so it is only a hint.
fn note_holds(members: &mut [InspectedMember]) {
    let main: std::collections::BTreeSet<Vec<PathStep>> = members
        .iter()
        .filter(|it| it.value.as_deref() == Some(MAIN_AUDIO))
        .filter_map(|it| it.path.split_last().filter(|(last, _)| **last == PathStep::Member("label".to_owned())))
        .map(|(_, owner)| owner.to_vec())
        .collect();
    for member in members {
        let is_inactive = member.value.as_deref().map(MediaDirection::parse) == Some(MediaDirection::Inactive);
        if let Some((PathStep::Member(last), owner)) = member.path.split_last()
            && (last == "direction" && is_inactive && main.contains(owner))
        {
            member.note = Some("maybe on hold: a hint, not a proof".to_owned());
        }
    }
}
