//! Which request gets which answer: one row of graph-contract.md, "Endpoints", after the other.

use serde_json::Value;

use crate::graph::{CallAction, CallId, Method, OperationKind, ParticipantAction, ParticipantId, Route};
use crate::time::{Millis, Timestamp};

use super::operate::json_object;
use crate::sim::world::calls::call::LiveCall;
use crate::sim::world::{OutgoingNotification, World};

/// A request, as far as the world needs it.
#[derive(Debug, Clone, Copy)]
pub struct WorldRequest<'a> {
    /// The method.
    pub method: Method,
    /// What it is about.
    pub route: &'a Route,
    /// The body as it came.
    pub body: &'a [u8],
    /// Who asks.
    pub caller: &'a RequestCaller,
    /// The `User-Agent` header.
    pub agent: Option<&'a str>,
}

/// Who asks: what their token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCaller {
    /// The tenant that the token is for.
    pub tenant: Box<str>,
    /// The permissions that the token carries.
    pub roles: Vec<Box<str>>,
}

/// An answer, without what only a server knows: its own address and the request's ids.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub content: AnswerContent,
    /// What `Location` names.
    pub location: Option<Route>,
    /// What `Retry-After` says.
    pub retry_after: Option<Box<str>>,
}

/// What an answer's body is.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerContent {
    /// Nothing.
    Empty,
    /// An entity or a collection.
    Entity {
        /// The tail of `@odata.context`, after `$metadata#`, where the answer has one.
        context: Option<String>,
        /// The entity.
        body: Value,
    },
    /// An error.
    Error {
        /// Graph's code.
        code: &'static str,
        /// A sentence.
        message: String,
    },
}

/// Why a request is refused.
#[derive(Debug)]
pub(in crate::sim::world) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(in crate::sim::world) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(in crate::sim::world) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalidRequest", message)
    }

    /// The answer to a body without a member that it must have. \[unverified\]: how Graph words it is not documented.
    pub(in crate::sim::world) fn missing(member: &str) -> Self {
        Self::invalid(format!("{member} is missing."))
    }

    /// The documented answer about a call that has ended or never was.
    pub(in crate::sim::world) fn no_call() -> Self {
        Self::new(404, "8522", "Call not found.")
    }

    /// \[unverified\]: what a participant that is not there gets is not documented.
    pub(in crate::sim::world) fn no_item(what: &str) -> Self {
        Self::new(404, "itemNotFound", format!("{what} was not found."))
    }
}

impl WorldAnswer {
    pub(in crate::sim::world) fn empty(status: u16) -> Self {
        Self { status, content: AnswerContent::Empty, location: None, retry_after: None }
    }

    pub(in crate::sim::world) fn entity(status: u16, context: Option<String>, body: Value) -> Self {
        Self { content: AnswerContent::Entity { context, body }, ..Self::empty(status) }
    }

    /// One of Graph's errors.
    pub(in crate::sim::world) fn error(status: u16, code: &'static str, message: &str) -> Self {
        Self { content: AnswerContent::Error { code, message: message.to_owned() }, ..Self::empty(status) }
    }

    /// Prints `null` for members that an entity lacks.
    pub(in crate::sim::world) fn with_nulls(mut self, nulls: &[&str]) -> Self {
        if let AnswerContent::Entity { body: Value::Object(members), .. } = &mut self.content {
            for name in nulls {
                members.entry(*name).or_insert(Value::Null);
            }
        }
        self
    }
}

impl World {
    /// How long a call lives without a keepAlive (graph-contract.md, "Timers and limits").
    pub const KEPT: Millis = Millis::minutes(45);

    /// Answers a request, and gives the notifications that leave at once.
    pub fn request(&mut self, now: Timestamp, ask: &WorldRequest<'_>) -> (WorldAnswer, Vec<OutgoingNotification>) {
        let mut leaving = self.advance(now);
        let planned = self.planned;
        let mut answer = match self.throttle(now, ask.caller) {
            Some(answer) => answer,
            None => self.answer(now, ask).unwrap_or_else(|refusal| WorldAnswer {
                content: AnswerContent::Error { code: refusal.code, message: refusal.message },
                ..WorldAnswer::empty(refusal.status)
            }),
        };
        self.dress_answer(&mut answer);
        if self.told_first(ask, &answer).is_some() {
            self.hurry(now, ask.route, planned);
        }
        leaving.append(&mut self.outbox);
        (answer, leaving)
    }

    fn answer(&mut self, now: Timestamp, ask: &WorldRequest<'_>) -> Result<WorldAnswer, Refusal> {
        use Method::{Delete, Get, Patch, Post};
        if let Some(answer) = self.permit(ask)? {
            return Ok(answer);
        }
        match (ask.method, ask.route) {
            (Post, Route::Calls) => self.create(now, ask),
            (Post, Route::LogTeleconferenceDeviceQuality) => log_device_quality(ask),
            (Get, Route::Call(call)) => self.read_call(call),
            (Delete, Route::Call(call)) => self.hang_up(now, call),
            (Post, Route::CallAction(call, action)) => self.act(now, call, *action, ask),
            (Get, Route::Participants(call)) => self.read_participants(call),
            (Post, Route::Invite(call)) => self.invite(now, call, ask.body),
            (Get, Route::Participant(call, who)) => self.read_participant(call, who),
            (Delete, Route::Participant(call, who)) => self.remove(now, call, who),
            (Post, Route::ParticipantAction(call, who, action)) => match action {
                ParticipantAction::Mute => self.mute(now, call, who, ask.body),
                ParticipantAction::StartHoldMusic => {
                    self.hold(now, (call, who), OperationKind::StartHoldMusic, ask.body)
                }
                ParticipantAction::StopHoldMusic => self.hold(now, (call, who), OperationKind::StopHoldMusic, ask.body),
            },
            (Get, Route::Operation(call, operation)) => self.read_operation(call, operation),
            (Get, Route::AudioRoutingGroups(call)) => self.list_routing(call),
            (Post, Route::AudioRoutingGroups(call)) => self.add_routing(call, ask.body),
            (Get, Route::AudioRoutingGroup(call, group)) => self.read_routing(call, group),
            (Patch, Route::AudioRoutingGroup(call, group)) => self.change_routing(call, group, ask.body),
            (Delete, Route::AudioRoutingGroup(call, group)) => self.drop_routing(call, group),
            (Get, Route::ContentSharingSessions(call)) => self.list_sharing(call),
            (Get, Route::ContentSharingSession(call, session)) => self.read_sharing(call, session),
            _ => Err(Refusal::no_item("The resource")),
        }
    }

    fn act(
        &mut self,
        now: Timestamp,
        call: &CallId,
        action: CallAction,
        ask: &WorldRequest<'_>,
    ) -> Result<WorldAnswer, Refusal> {
        match action {
            CallAction::KeepAlive => {
                let live = self.find(call)?;
                live.kept_until = live.kept_until.map(|_| now + Self::KEPT);
                Ok(WorldAnswer::empty(200))
            }
            CallAction::Answer => self.take(now, call, ask),
            CallAction::Reject => self.reject(now, call, ask),
            CallAction::Redirect => self.redirect(now, call, ask.body),
            CallAction::Transfer => self.transfer(now, call, ask.body),
            CallAction::Mute => self.mute_self(now, call, true, ask.body),
            CallAction::Unmute => self.mute_self(now, call, false, ask.body),
            CallAction::PlayPrompt => self.play_prompt(now, call, ask.body),
            CallAction::RecordResponse => self.record_response(now, call, ask.body),
            CallAction::CancelMediaProcessing => self.cancel_media(now, call, ask.body),
            CallAction::SubscribeToTone => self.subscribe_to_tone(call, ask.body),
            CallAction::SendDtmfTones => self.send_tones(now, call, ask.body),
            CallAction::UpdateRecordingStatus => self.update_recording_status(call, ask.body),
            CallAction::ChangeScreenSharingRole => self.change_screen_sharing_role(now, call, ask.body),
            CallAction::AddLargeGalleryView => self.add_large_gallery_view(now, call, ask.body),
        }
    }

    /// A call that is not ending.
    pub(in crate::sim::world) fn find(&mut self, call: &CallId) -> Result<&mut LiveCall, Refusal> {
        self.live(call).ok_or_else(Refusal::no_call)
    }

    /// A call with a roster. \[unverified\]: what a 1:1 call gets is documented only as not supported.
    pub(in crate::sim::world) fn group(&mut self, call: &CallId) -> Result<&mut LiveCall, Refusal> {
        let live = self.find(call)?;
        if live.is_group() {
            Ok(live)
        } else {
            Err(Refusal::invalid("This operation is supported for group calls only."))
        }
    }

    /// Somebody who is in a call with a roster, and the call.
    pub(in crate::sim::world) fn someone(
        &mut self,
        call: &CallId,
        who: &ParticipantId,
    ) -> Result<&mut LiveCall, Refusal> {
        let live = self.group(call)?;
        live.present(who).ok_or_else(|| Refusal::no_item("The participant"))?;
        Ok(live)
    }
}

/// Takes a report about the quality of a device's media, and keeps nothing of it.
fn log_device_quality(ask: &WorldRequest<'_>) -> Result<WorldAnswer, Refusal> {
    const WANTED: [&str; 6] =
        ["callChainId", "participantId", "mediaLegId", "deviceName", "deviceDescription", "mediaQualityList"];
    if ask.agent.is_none_or(str::is_empty) {
        return Err(Refusal::invalid("The User-Agent header is missing."));
    }
    let asked = json_object(ask.body)?;
    let quality = asked.get("quality").and_then(Value::as_object);
    let quality = quality.ok_or_else(|| Refusal::missing("quality"))?;
    match WANTED.iter().find(|it| quality.get(**it).is_none_or(Value::is_null)) {
        Some(missing) => Err(Refusal::missing(&format!("quality.{missing}"))),
        None => Ok(WorldAnswer::empty(200)),
    }
}
