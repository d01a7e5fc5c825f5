//! Tests of the world, and helpers that read its notifications.

mod call_lifecycle;
mod created_calls;
mod gallery_sharing_routing;
mod invitations;
mod meetings;
mod permissions_and_throttling;
mod policy_recorder;
mod presentation;
mod prompts_and_tones;
mod proof;
mod record_response;
mod refusals;
mod transfer_and_redirect;
mod undocumented_rules;

use serde_json::{Value, json};

use crate::graph::{CallId, Method, Notification, NotifiedResource, Route, read};
use crate::sim::scenario::Scenario;
use crate::sim::settings::{HoldAnswer, IdCasing, SecondHold, SimSettings};
use crate::time::{Millis, Timestamp};

use super::{AnswerContent, CallView, OutgoingNotification, RequestCaller, World, WorldAnswer, WorldRequest};

/// The address through which every request arrives.
const ORIGIN: &str = "http://127.0.0.1:1";
const BEGINS: Timestamp = Timestamp(1_700_000_000_000);

const TWO_CALLS: &str = r#"
name = "two"
description = "a group call and a 1:1 call"
prelude = "1m"
[[calls]]
subject = "Group"
kind = "group"
at = "-50s"
[[calls.people]]
name = "Ada"
[[calls.people]]
name = "Bob"
kind = "guest"
reactions = [{ on = "muted", does = "unmute", after = "14s" }]
[[calls.people]]
name = "Lena"
reactions = [{ on = "muted", does = "leave", after = "200ms" }]
[[calls]]
subject = "Pair"
kind = "oneToOne"
direction = "outgoing"
at = "-50s"
people = [{ name = "Joy" }]
"#;

struct Floor {
    world: World,
    now: Timestamp,
    caller: RequestCaller,
}

impl Floor {
    fn new(text: &str, seed: u64) -> Self {
        let world = World::new(&Scenario::parse(text).unwrap(), seed, BEGINS);
        let roles = world.settings().roles.iter().map(|it| it.as_str().into()).collect();
        let caller = RequestCaller { tenant: world.application().tenant.clone(), roles };
        Self { now: world.start(), world, caller }
    }

    fn started(text: &str) -> Self {
        let mut floor = Self::new(text, 42);
        floor.world.advance(floor.now);
        floor
    }

    fn wait(&mut self, span: Millis) -> Vec<OutgoingNotification> {
        self.now = self.now + span;
        self.world.advance(self.now)
    }

    fn ask(&mut self, method: Method, path: &str, body: &Value) -> WorldAnswer {
        let route = Route::parse(path).unwrap();
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.world
            .request(
                self.now,
                &WorldRequest {
                    method,
                    route: &route,
                    body: &body,
                    caller: &self.caller,
                    agent: Some("bot"),
                    origin: ORIGIN,
                },
            )
            .0
    }

    fn call(&self, subject: &str) -> CallView {
        self.world.call_views().into_iter().find(|it| &*it.subject == subject).unwrap()
    }

    /// Returns the path of a call, or of one of its people.
    fn path(&self, subject: &str, name: Option<&str>) -> String {
        let call = self.call(subject);
        let who = name.map(|name| call.participants.iter().find(|it| &*it.name == name).unwrap().id.to_string());
        let tail = who.map(|it| format!("/participants/{it}")).unwrap_or_default();
        format!("/communications/calls/{}{tail}", call.id)
    }

    fn act(&mut self, subject: &str, name: &str, action: &str) -> WorldAnswer {
        let path = format!("{}/{action}", self.path(subject, Some(name)));
        self.ask(Method::Post, &path, &json!({ "clientContext": "mark" }))
    }
}

fn body(answer: &WorldAnswer) -> Value {
    match &answer.content {
        AnswerContent::Entity { body, .. } => body.clone(),
        AnswerContent::Empty | AnswerContent::Error { .. } => panic!("no entity: {answer:?}"),
    }
}

fn refusal(answer: &WorldAnswer) -> (u16, &'static str) {
    match &answer.content {
        AnswerContent::Error { code, .. } => (answer.status, code),
        AnswerContent::Empty | AnswerContent::Entity { .. } => panic!("no error: {answer:?}"),
    }
}

fn rosters(leaving: &[OutgoingNotification]) -> Vec<Value> {
    let about =
        |it: &&OutgoingNotification| it.notification["resourceUrl"].as_str().unwrap().ends_with("/participants");
    leaving.iter().filter(about).map(|it| it.notification.clone()).collect()
}

/// Returns the notifications about operations of this kind.
fn notices(leaving: &[OutgoingNotification], kind: &str) -> Vec<Value> {
    let kind = format!("#microsoft.graph.{kind}");
    let about = |it: &&OutgoingNotification| it.notification["resourceData"]["@odata.type"] == kind.as_str();
    leaving.iter().filter(about).map(|it| it.notification.clone()).collect()
}

fn person<'a>(roster: &'a Value, name: &str) -> Option<&'a Value> {
    let people = roster["resourceData"].as_array().unwrap();
    people.iter().find(|it| it["info"]["identity"].to_string().contains(name))
}
