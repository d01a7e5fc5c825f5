//! Detects the kind of a JSON value: by types and addresses first, then by members that only one kind has.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum JsonKind {
    /// A webhook's body: an envelope of notifications.
    Envelope,
    /// A notification without an envelope.
    Notification,
    /// A notification of a subscription: another stream of Graph's.
    ChangeNotification,
    /// An event of a meeting, from that other stream.
    MeetingCallEvent,
    /// A call resource.
    Call,
    /// A participant resource.
    Participant,
    /// A delta roster: the participants that changed.
    DeltaParticipants,
    /// An operation resource.
    Operation,
    /// An audio routing group.
    AudioRoutingGroup,
    /// A session of shared content.
    ContentSharingSession,
    /// A list answer of participants.
    Participants,
    /// A list answer of operations.
    Operations,
    /// A list answer of audio routing groups.
    AudioRoutingGroups,
    /// A list answer of content sharing sessions.
    ContentSharingSessions,
    /// A list answer of calls.
    Calls,
    /// An error answer.
    Error,
    /// The body of an action.
    ActionBody,
    /// The claims of a webhook's token.
    Claims,
    /// A record of the journal.
    Record,
    /// `null`: a message without a body.
    Nothing,
    /// A bare text: a body that is not JSON.
    Text,
    /// A list of items.
    List,
    /// A captured message, with the body within.
    Captured,
    /// Not part of the calls API.
    Unknown,
}

impl JsonKind {
    /// Returns the kind of a JSON value.
    #[must_use]
    pub(super) fn of(text: &str) -> Self {
        match text.trim_start().chars().next() {
            Some('n') => Self::Nothing,
            Some('"') => Self::Text,
            Some('[') => Self::List,
            Some('{') => OpaqueObject::of(text).kind(),
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for JsonKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Envelope => "the body of a webhook: an envelope of notifications",
            Self::Notification => "a notification",
            Self::ChangeNotification => "a notification of a subscription: another stream of Graph's",
            Self::MeetingCallEvent => "an event of a meeting: another stream of Graph's",
            Self::Call => "a call",
            Self::Participant => "a participant",
            Self::DeltaParticipants => "the changes of a roster",
            Self::Operation => "an operation",
            Self::AudioRoutingGroup => "an audio routing group",
            Self::ContentSharingSession => "a session of shared content",
            Self::Participants => "a list of participants",
            Self::Operations => "a list of operations",
            Self::AudioRoutingGroups => "a list of audio routing groups",
            Self::ContentSharingSessions => "a list of sessions of shared content",
            Self::Calls => "a list of calls",
            Self::Error => "an error answer",
            Self::ActionBody => "the body of an action",
            Self::Claims => "the claims of a webhook's token",
            Self::Record => "a record of the journal",
            Self::Nothing => "no body",
            Self::Text => "a bare text",
            Self::List => "a list",
            Self::Captured => "a captured message",
            Self::Unknown => "nothing of the calls API",
        })
    }
}

/// Returns the body of a captured message, if it has one.
pub(super) fn body_of(text: &str) -> Option<&str> {
    OpaqueObject::of(text).0.remove("body").map(RawValue::get)
}

/// Returns whether an object wraps others in `value`.
pub(super) fn has_value(text: &str) -> bool {
    OpaqueObject::of(text).has(&["value"])
}

/// The members that name the fact of a journal record.
const FACTS: [&str; 6] = ["notification", "asked", "answered", "observed", "rejected", "noted"];
/// The members that only the body of an action has.
const ACTION: [&str; 17] = [
    "clientContext",
    "acceptedModalities",
    "callbackUri",
    "targets",
    "transferTarget",
    "participants",
    "prompts",
    "customPrompt",
    "tones",
    "reason",
    "role",
    "quality",
    "status",
    "participantMixerLevels",
    "mediaConfig",
    "transferee",
    "playBeep",
];

/// The members of an object, unparsed.
struct OpaqueObject<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> OpaqueObject<'a> {
    fn of(text: &'a str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.contains_key(*name))
    }

    fn text(&self, name: &str) -> String {
        self.0.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }

    /// Returns the object's type without its namespace, in lower case.
    fn type_name(&self) -> String {
        let name = self.text("@odata.type").to_ascii_lowercase();
        name.rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// Returns the first item of `value`, where that is a list; an empty object where the list is empty.
    fn first(&self) -> Option<OpaqueObject<'a>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.0.get("value")?.get()).ok()?;
        Some(items.first().map_or_else(|| OpaqueObject(BTreeMap::new()), |item| OpaqueObject::of(item.get())))
    }

    fn kind(&self) -> JsonKind {
        let frame = ["method", "path", "url", "status", "headers", "kind"];
        let captured = self.has(&["body"]) && frame.iter().filter(|it| self.has(&[**it])).count() >= 2;
        if captured {
            return JsonKind::Captured;
        }
        if self.has(&["at"]) && self.has(&FACTS) {
            return JsonKind::Record;
        }
        if self.has(&["error"]) {
            return JsonKind::Error;
        }
        self.message().or_else(|| self.entity()).or_else(|| self.list()).unwrap_or_else(|| self.by_members())
    }

    /// Returns the kind of a message in a notification stream.
    fn message(&self) -> Option<JsonKind> {
        let name = self.type_name();
        if name == "callevent" || self.text("@odata.id").contains("meetingCallEvents") {
            return Some(JsonKind::MeetingCallEvent);
        }
        let subscribed = |it: &Self| it.has(&["subscriptionId", "subscriptionExpirationDateTime", "clientState"]);
        let notifies =
            |it: &Self| it.has(&["resourceUrl", "resourceData"]) || it.has(&["resource"]) && it.has(&["changeType"]);
        let first = self.first();
        if subscribed(self) || first.as_ref().is_some_and(subscribed) {
            return Some(JsonKind::ChangeNotification);
        }
        if name == "commsnotifications" || first.as_ref().is_some_and(notifies) {
            return Some(JsonKind::Envelope);
        }
        let recorder = name == "participantjoiningnotification" || name == "participantleftnotification";
        (name == "commsnotification" || recorder || notifies(self)).then_some(JsonKind::Notification)
    }

    /// Returns the kind by the type that the object names.
    fn entity(&self) -> Option<JsonKind> {
        Some(match self.type_name().as_str() {
            "call" => JsonKind::Call,
            "participant" => JsonKind::Participant,
            "deltaparticipants" => JsonKind::DeltaParticipants,
            "audioroutinggroup" => JsonKind::AudioRoutingGroup,
            "contentsharingsession" => JsonKind::ContentSharingSession,
            name if name.ends_with("operation") => JsonKind::Operation,
            "" => return None,
            _ => JsonKind::Unknown,
        })
    }

    /// Returns the kind of a list answer, by the type of its first item or by its context.
    fn list(&self) -> Option<JsonKind> {
        let first = self.first()?;
        let context = self.text("@odata.context").to_ascii_lowercase();
        let of = first.entity().unwrap_or_else(|| first.by_members());
        let about = |name: &str| context.split(['/', '#', '(', ')']).next_back().is_some_and(|it| it == name);
        let lists = [
            (JsonKind::Participant, "participants", JsonKind::Participants),
            (JsonKind::Operation, "operations", JsonKind::Operations),
            (JsonKind::AudioRoutingGroup, "audioroutinggroups", JsonKind::AudioRoutingGroups),
            (JsonKind::ContentSharingSession, "contentsharingsessions", JsonKind::ContentSharingSessions),
            (JsonKind::Call, "calls", JsonKind::Calls),
        ];
        let known = lists.iter().find(|it| it.0 == of).or_else(|| lists.iter().find(|it| about(it.1)));
        let empty = if first.0.is_empty() { JsonKind::Envelope } else { JsonKind::Unknown };
        Some(known.map_or(empty, |it| it.2))
    }

    /// Returns the kind of an object without a type, by the members that only one kind has.
    fn by_members(&self) -> JsonKind {
        if self.has(&["aud"]) && self.has(&["iss"]) {
            JsonKind::Claims
        } else if self.has(&["status"]) && self.has(&["id", "resultInfo"]) {
            JsonKind::Operation
        } else if self.has(&["state", "requestedModalities", "callChainId", "myParticipantId"]) {
            JsonKind::Call
        } else if self.has(&["isMuted", "mediaStreams", "isInLobby", "info"]) {
            JsonKind::Participant
        } else if self.has(&["routingMode", "receivers"]) {
            JsonKind::AudioRoutingGroup
        } else if self.has(&["presenterParticipantId"]) {
            JsonKind::ContentSharingSession
        } else if self.has(&["errorCode", "Message"]) {
            JsonKind::Error
        } else if self.has(&ACTION) {
            JsonKind::ActionBody
        } else {
            JsonKind::Unknown
        }
    }
}
