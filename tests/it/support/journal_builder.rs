//! Journals written by hand: each act appends one entry, with cursors, checksums and times as a journal gives them.

use callboard::floor::{
    Act, Answered, Asked, Cursor, Entry, Fact, Floor, GraphReading, Noted, Observed, Outcome, ReceivedItem, Sum, Ticket,
};
use callboard::graph::{CallId, ParticipantId};
use callboard::time::{ClockMove, ClockMoveCause, Millis, Timestamp};
use serde_json::{Value, json};

/// The call of the documented mute example.
pub(crate) const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";
/// The participant of the documented mute example.
pub(crate) const BOB: &str = "2765eb15-01f8-47c6-b12b-c32111a4a86f";
/// Somebody else.
pub(crate) const ADA: &str = "a7ebfb2d-871e-419c-87af-27290b22e8db";
/// The application's own participant.
pub(crate) const ME: &str = "499ff390-7a72-40e8-83a0-8fac6295ae7e";

/// A journal in memory and the floor folded from it.
#[derive(Clone, Default)]
pub(crate) struct History {
    pub(crate) entries: Vec<Entry>,
    pub(crate) floor: Floor,
    at: i64,
}

impl History {
    /// A group call with Ada, Bob and the application, read from Graph.
    pub(crate) fn seated() -> Self {
        let mut history = Self::default();
        history.seat();
        history
    }

    /// The same group call, in a journal that has a time already.
    pub(crate) fn seat(&mut self) -> &mut Self {
        let call = json!({
            "@odata.type": "#microsoft.graph.call", "id": CALL, "state": "established", "subject": "Support / Acme",
            "direction": "incoming", "myParticipantId": ME,
            "chatInfo": {"threadId": "19:meeting_x@thread.v2", "messageId": "0"},
        });
        self.observed(GraphReading::Call(raw(&call)));
        self.observed(GraphReading::Participants(raw(&json!([
            person(ME, "Callboard"),
            person(ADA, "Ada"),
            person(BOB, "Bob"),
        ]))))
    }

    pub(crate) fn later(&mut self, millis: i64) -> &mut Self {
        self.at += millis;
        self
    }

    /// The relay's clock moves: time goes on from there.
    pub(crate) fn clock_moved(&mut self, by: i64, cause: ClockMoveCause) -> &mut Self {
        self.later(by).fact(Fact::Noted(Noted::ClockMoved(ClockMove { by: Millis(by), cause })))
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.at)
    }

    pub(crate) fn fact(&mut self, fact: Fact) -> &mut Self {
        let after = self.entries.last().map_or(Cursor(0), |it| it.cursor);
        let cursor = Cursor(after.0 + 1);
        let entry = Entry { cursor, after, sum: Sum(cursor.0.wrapping_mul(0x9e37_79b9)), at: Timestamp(self.at), fact };
        self.floor.apply(&entry);
        self.entries.push(entry);
        self
    }

    pub(crate) fn notified(&mut self, item: &Value) -> &mut Self {
        self.fact(Fact::Notification(ReceivedItem::new(raw(item), None, 0)))
    }

    pub(crate) fn roster(&mut self, people: &[Value]) -> &mut Self {
        self.notified(&json!({
            "@odata.type": "#microsoft.graph.commsNotification", "changeType": "updated",
            "resourceUrl": format!("/communications/calls/{CALL}/participants"), "resourceData": people,
        }))
    }

    pub(crate) fn call_said(&mut self, change: &str, call: &Value) -> &mut Self {
        self.notified(&json!({
            "changeType": change, "resourceUrl": format!("/communications/calls/{CALL}"), "resourceData": call,
        }))
    }

    pub(crate) fn asked(&mut self, ticket: &str, act: Act, participant: Option<&str>) -> &mut Self {
        self.asked_by("dana", ticket, act, participant)
    }

    pub(crate) fn asked_by(&mut self, by: &str, ticket: &str, act: Act, participant: Option<&str>) -> &mut Self {
        self.fact(Fact::Asked(Box::new(Asked {
            ticket: Ticket(ticket.into()),
            by: by.into(),
            act,
            call: CallId::new(CALL).unwrap(),
            participant: participant.and_then(ParticipantId::new),
            pressed_ago: Millis(5),
            request: "POST …".into(),
        })));
        self.fact(Fact::Noted(Noted::AttemptStarted { ticket: Ticket(ticket.into()), attempt: 1 }))
    }

    pub(crate) fn replied(&mut self, ticket: &str, status: u16, body: &Value) -> &mut Self {
        let body = (!body.is_null()).then(|| raw(body));
        self.outcome(ticket, Outcome::Replied { status, location: None, body })
    }

    pub(crate) fn outcome(&mut self, ticket: &str, outcome: Outcome) -> &mut Self {
        self.fact(Fact::Answered(Box::new(Answered { ticket: Ticket(ticket.into()), outcome, took: Millis(80) })))
    }

    /// The operation's own notification, in the documented form.
    pub(crate) fn operation_said(&mut self, kind: &str, operation: &str, ticket: &str, status: &str) -> &mut Self {
        self.notified(&json!({
            "@odata.type": "#microsoft.graph.commsNotification", "changeType": "deleted",
            "resourceUrl": format!("communications/calls/{CALL}/operations/{operation}"),
            "resourceData": {
                "@odata.type": format!("#microsoft.graph.{kind}"),
                "@odata.id": format!("communications/calls/{CALL}/operations/{operation}"),
                "@odata.etag": "W/\"54451\"", "clientContext": ticket, "status": status,
            },
        }))
    }

    pub(crate) fn observed(&mut self, read: GraphReading) -> &mut Self {
        self.observed_since(read, None)
    }

    pub(crate) fn observed_since(&mut self, read: GraphReading, since: Option<Cursor>) -> &mut Self {
        self.fact(Fact::Observed(Box::new(Observed { call: CallId::new(CALL).unwrap(), read, since })))
    }
}

pub(crate) fn raw(value: &Value) -> Box<serde_json::value::RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

/// A roster entry of somebody who talks.
pub(crate) fn person(id: &str, name: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.participant", "id": id,
        "info": {"identity": {"user": {"displayName": name, "id": id}}, "region": "westus", "languageId": "en-US"},
        "mediaStreams": [
            {"mediaType": "audio", "label": "main-audio", "sourceId": "1", "direction": "sendReceive"},
        ],
        "isMuted": false, "isInLobby": false,
    })
}

/// The same person, with members changed (`mediaStreams` means the main audio).
pub(crate) fn but(mut person: Value, change: &Value) -> Value {
    for (member, value) in change.as_object().unwrap() {
        match member.as_str() {
            "mediaStreams" => {
                for (stream, value) in value.as_object().unwrap() {
                    person["mediaStreams"][0][stream] = value.clone();
                }
            }
            _ => person[member] = value.clone(),
        }
    }
    person
}
