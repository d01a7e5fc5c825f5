//! The requests that the relay may send to Graph. The list is complete, so it also limits what the gate allows.

use serde::{Deserialize, Serialize};

use super::{CallAction, CallId, ClientContext, OperationId, OperationKind, ParticipantAction, ParticipantId, Route};

/// An HTTP method of the calls API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`, which reads.
    Get,
    /// `POST`, which performs an action.
    Post,
    /// `DELETE`, which removes a participant or ends the application's leg.
    Delete,
    /// `PATCH`, which no action of an operator uses.
    Patch,
}

impl Method {
    /// Returns the method's text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
        }
    }
}

/// A request that the relay may send to Graph, for an operator or for its reconciler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphAction {
    /// The application mutes itself in a call (graph-contract.md, "Endpoints", row 9).
    MuteSelf(CallId),
    /// The application unmutes itself (row 10).
    UnmuteSelf(CallId),
    /// Mutes a participant on the server (row 15).
    MuteParticipant(CallId, ParticipantId),
    /// Puts a participant on hold (row 16).
    StartHoldMusic(CallId, ParticipantId),
    /// Brings a participant back from hold (row 17).
    StopHoldMusic(CallId, ParticipantId),
    /// Removes a participant (row 13).
    RemoveParticipant(CallId, ParticipantId),
    /// Ends the application's own leg (row 3).
    HangUp(CallId),
    /// Keeps the call alive (row 4).
    KeepAlive(CallId),
    /// Reads a call (row 2).
    GetCall(CallId),
    /// Reads a call's participants (row 11).
    ListParticipants(CallId),
    /// Reads one participant (row 12).
    GetParticipant(CallId, ParticipantId),
    /// Reads an operation (row 26).
    GetOperation(CallId, OperationId),
}

/// An exact request to Graph, without token and host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactRequest {
    /// The method on the wire.
    pub method: Method,
    /// The path from `/communications` on.
    pub path: String,
    /// The JSON body, where the action takes one.
    pub body: Option<String>,
}

impl GraphAction {
    /// Returns the action that a request performs; `None` for every request outside the list.
    #[must_use]
    pub fn of(method: Method, route: &Route) -> Option<Self> {
        match (method, route.clone()) {
            (Method::Post, Route::CallAction(call, CallAction::Mute)) => Some(Self::MuteSelf(call)),
            (Method::Post, Route::CallAction(call, CallAction::Unmute)) => Some(Self::UnmuteSelf(call)),
            (Method::Post, Route::CallAction(call, CallAction::KeepAlive)) => Some(Self::KeepAlive(call)),
            (Method::Post, Route::ParticipantAction(call, participant, action)) => Some(match action {
                ParticipantAction::Mute => Self::MuteParticipant(call, participant),
                ParticipantAction::StartHoldMusic => Self::StartHoldMusic(call, participant),
                ParticipantAction::StopHoldMusic => Self::StopHoldMusic(call, participant),
            }),
            (Method::Delete, Route::Participant(call, participant)) => Some(Self::RemoveParticipant(call, participant)),
            (Method::Delete, Route::Call(call)) => Some(Self::HangUp(call)),
            (Method::Get, Route::Call(call)) => Some(Self::GetCall(call)),
            (Method::Get, Route::Participants(call)) => Some(Self::ListParticipants(call)),
            (Method::Get, Route::Participant(call, participant)) => Some(Self::GetParticipant(call, participant)),
            (Method::Get, Route::Operation(call, operation)) => Some(Self::GetOperation(call, operation)),
            _ => None,
        }
    }

    /// Returns the request's method and route.
    #[must_use]
    pub fn route(&self) -> (Method, Route) {
        let participant = |call: &CallId, it: &ParticipantId, action| {
            (Method::Post, Route::ParticipantAction(call.clone(), it.clone(), action))
        };
        match self {
            Self::MuteSelf(call) => (Method::Post, Route::CallAction(call.clone(), CallAction::Mute)),
            Self::UnmuteSelf(call) => (Method::Post, Route::CallAction(call.clone(), CallAction::Unmute)),
            Self::KeepAlive(call) => (Method::Post, Route::CallAction(call.clone(), CallAction::KeepAlive)),
            Self::MuteParticipant(call, it) => participant(call, it, ParticipantAction::Mute),
            Self::StartHoldMusic(call, it) => participant(call, it, ParticipantAction::StartHoldMusic),
            Self::StopHoldMusic(call, it) => participant(call, it, ParticipantAction::StopHoldMusic),
            Self::RemoveParticipant(call, it) => (Method::Delete, Route::Participant(call.clone(), it.clone())),
            Self::HangUp(call) => (Method::Delete, Route::Call(call.clone())),
            Self::GetCall(call) => (Method::Get, Route::Call(call.clone())),
            Self::ListParticipants(call) => (Method::Get, Route::Participants(call.clone())),
            Self::GetParticipant(call, it) => (Method::Get, Route::Participant(call.clone(), it.clone())),
            Self::GetOperation(call, it) => (Method::Get, Route::Operation(call.clone(), it.clone())),
        }
    }

    /// Returns the exact request. `context` is sent as `clientContext` where the action takes a body.
    #[must_use]
    pub fn request(&self, context: &ClientContext) -> ExactRequest {
        let (method, route) = self.route();
        let body = self.takes_body().then(|| serde_json::json!({ "clientContext": context }).to_string());
        ExactRequest { method, path: route.to_string(), body }
    }

    /// Returns whether the request carries a body with a `clientContext`.
    #[must_use]
    pub const fn takes_body(&self) -> bool {
        matches!(
            self,
            Self::MuteSelf(_)
                | Self::UnmuteSelf(_)
                | Self::MuteParticipant(..)
                | Self::StartHoldMusic(..)
                | Self::StopHoldMusic(..)
        )
    }

    /// Returns the documented success status (graph-contract.md, "Endpoints").
    #[must_use]
    pub const fn success(&self) -> u16 {
        match self {
            Self::StartHoldMusic(..) | Self::StopHoldMusic(..) => 202,
            Self::RemoveParticipant(..) | Self::HangUp(_) => 204,
            Self::MuteSelf(_)
            | Self::UnmuteSelf(_)
            | Self::MuteParticipant(..)
            | Self::KeepAlive(_)
            | Self::GetCall(_)
            | Self::ListParticipants(_)
            | Self::GetParticipant(..)
            | Self::GetOperation(..) => 200,
        }
    }

    /// Returns the operation that the answer carries, for actions that have one.
    #[must_use]
    pub const fn operation(&self) -> Option<OperationKind> {
        match self {
            Self::MuteSelf(_) | Self::MuteParticipant(..) => Some(OperationKind::MuteParticipant),
            Self::UnmuteSelf(_) => Some(OperationKind::UnmuteParticipant),
            Self::StartHoldMusic(..) => Some(OperationKind::StartHoldMusic),
            Self::StopHoldMusic(..) => Some(OperationKind::StopHoldMusic),
            Self::RemoveParticipant(..)
            | Self::HangUp(_)
            | Self::KeepAlive(_)
            | Self::GetCall(_)
            | Self::ListParticipants(_)
            | Self::GetParticipant(..)
            | Self::GetOperation(..) => None,
        }
    }

    /// Returns the call that the action is about.
    #[must_use]
    pub const fn call(&self) -> &CallId {
        match self {
            Self::MuteSelf(call)
            | Self::UnmuteSelf(call)
            | Self::MuteParticipant(call, _)
            | Self::StartHoldMusic(call, _)
            | Self::StopHoldMusic(call, _)
            | Self::RemoveParticipant(call, _)
            | Self::HangUp(call)
            | Self::KeepAlive(call)
            | Self::GetCall(call)
            | Self::ListParticipants(call)
            | Self::GetParticipant(call, _)
            | Self::GetOperation(call, _) => call,
        }
    }

    /// Returns the participant that the action is about, if it is about one.
    #[must_use]
    pub const fn participant(&self) -> Option<&ParticipantId> {
        match self {
            Self::MuteParticipant(_, it)
            | Self::StartHoldMusic(_, it)
            | Self::StopHoldMusic(_, it)
            | Self::RemoveParticipant(_, it)
            | Self::GetParticipant(_, it) => Some(it),
            Self::MuteSelf(_)
            | Self::UnmuteSelf(_)
            | Self::HangUp(_)
            | Self::KeepAlive(_)
            | Self::GetCall(_)
            | Self::ListParticipants(_)
            | Self::GetOperation(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_documented_requests_are_exact() {
        let call = CallId::new("57dab8b1-894c-409a-b240-bd8beae78896").unwrap();
        let mute = GraphAction::MuteSelf(call).request(&ClientContext::new("clientContext-value").unwrap());
        assert_eq!(mute.method.as_str(), "POST");
        assert_eq!(mute.path, "/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896/mute");
        assert_eq!(mute.body.as_deref(), Some(r#"{"clientContext":"clientContext-value"}"#));

        let call = CallId::new("e141b67c-90fd-455d-858b-b48a40b9cc8d").unwrap();
        let participant = ParticipantId::new("fa1e9582-7145-4ca3-bcd8-577f561fcb6e").unwrap();
        let release = GraphAction::StopHoldMusic(call, participant);
        let asked = release.request(&ClientContext::new("d45324c1-fcb5-430a-902c-f20af696537c").unwrap());
        assert_eq!(
            asked.path,
            "/communications/calls/e141b67c-90fd-455d-858b-b48a40b9cc8d/participants/fa1e9582-7145-4ca3-bcd8-577f561fcb6e/stopHoldMusic"
        );
        assert_eq!(asked.body.as_deref(), Some(r#"{"clientContext":"d45324c1-fcb5-430a-902c-f20af696537c"}"#));
        assert_eq!(release.success(), 202);
    }

    #[test]
    fn every_action_can_be_parsed_from_its_request() {
        let call = CallId::new("c1").unwrap();
        let participant = ParticipantId::new("p1").unwrap();
        let actions = [
            GraphAction::MuteSelf(call.clone()),
            GraphAction::UnmuteSelf(call.clone()),
            GraphAction::MuteParticipant(call.clone(), participant.clone()),
            GraphAction::StartHoldMusic(call.clone(), participant.clone()),
            GraphAction::StopHoldMusic(call.clone(), participant.clone()),
            GraphAction::RemoveParticipant(call.clone(), participant.clone()),
            GraphAction::HangUp(call.clone()),
            GraphAction::KeepAlive(call.clone()),
            GraphAction::GetCall(call.clone()),
            GraphAction::ListParticipants(call.clone()),
            GraphAction::GetParticipant(call.clone(), participant),
            GraphAction::GetOperation(call, OperationId::new("o1").unwrap()),
        ];
        let context = ClientContext::new("t").unwrap();
        for action in actions {
            let request = action.request(&context);
            let route = Route::parse(&request.path).unwrap();
            assert_eq!(GraphAction::of(request.method, &route), Some(action));
        }
    }
}
