//! Decides which requests fail: refused, answered late, or never answered, as the
//! settings say (graph-contract.md, "Errors").

use crate::graph::{Method, Route};
use crate::sim::settings::{RetryAfter, SimSettings};

use super::fault_rng::{FaultDraw, FaultRng};
use crate::sim::world::api::answer::{WorldAnswer, unavailable};

/// The outcome of one request to Graph's paths.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestOutcome {
    /// It is performed, and answered after this many milliseconds of wall time.
    Performed(u64),
    /// It gets this answer and is not performed.
    Refused(WorldAnswer),
    /// It is performed and gets this answer.
    PerformedThen(WorldAnswer),
    /// The connection is cut, and it is not performed.
    CutBefore,
    /// It is performed, and the connection is cut.
    CutAfter,
}

/// The outcome of one request for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOutcome {
    /// It is processed.
    Granted,
    /// It gets 503.
    Unavailable,
    /// It gets 400 `invalid_client`.
    InvalidClient,
}

/// Returns the name of a request in `faultsOn`; `None` for a request without a name.
#[must_use]
pub(in crate::sim::world) fn action(method: Method, route: &Route) -> Option<&'static str> {
    use Method::{Delete, Get, Post};
    Some(match (method, route) {
        (Post, Route::Calls) => "create",
        (Get, Route::Call(_)) => "getCall",
        (Delete, Route::Call(_)) => "deleteCall",
        (Post, Route::CallAction(_, action)) => action.as_str(),
        (Get, Route::Participants(_)) => "listParticipants",
        (Get, Route::Participant(..)) => "getParticipant",
        (Delete, Route::Participant(..)) => "deleteParticipant",
        (Post, Route::Invite(_)) => "invite",
        (Post, Route::ParticipantAction(_, _, action)) => action.as_str(),
        (Get, Route::Operation(..)) => "getOperation",
        (_, Route::AudioRoutingGroups(_) | Route::AudioRoutingGroup(..)) => "audioRoutingGroups",
        (_, Route::ContentSharingSessions(_) | Route::ContentSharingSession(..)) => "contentSharingSessions",
        (Post, Route::LogTeleconferenceDeviceQuality) => "logTeleconferenceDeviceQuality",
        _ => return None,
    })
}

impl RequestOutcome {
    /// Decides the outcome of a request, before it is read.
    pub(in crate::sim::world) fn draw(
        fault_rng: &mut FaultRng,
        settings: &SimSettings,
        method: Option<Method>,
        route: Option<&Route>,
    ) -> Self {
        let action = method.zip(route).and_then(|(method, route)| action(method, route));
        // Counted by action, so that requests for one action do not shift the faults of another.
        let nth = fault_rng.next(action.unwrap_or("*"));
        let of_call = route.is_some_and(|it| it.call().is_some());
        if !settings.faults_apply_to(action) {
            return Self::Performed(0);
        }
        let hits =
            |what: u16, share| share > 0.0 && fault_rng.hits(FaultDraw::Answer(what), salted(nth, action), share);
        let refused = if hits(401, settings.answers_401) {
            WorldAnswer::no_token()
        } else if hits(403, settings.answers_403) {
            WorldAnswer::error(403, "7504", "Insufficient enterprise tenant permissions, cannot access this API.")
        } else if hits(7_503, settings.answers_7503) {
            WorldAnswer::error(403, "7503", "Application is not registered in our store.")
        } else if hits(404, settings.answers_404) {
            if of_call { WorldAnswer::error(404, "8522", "Call not found.") } else { not_found() }
        } else if hits(409, settings.answers_409) {
            WorldAnswer::error(409, "conflict", "The resource is in another state.")
        } else if hits(429, settings.answers_429) {
            too_many(settings)
        } else if hits(500, settings.answers_500) {
            WorldAnswer::error(500, "generalException", "Something went wrong before the request was performed.")
        } else if hits(503, settings.answers_503) {
            unavailable("The service is unavailable.")
        } else if hits(501, settings.answers_500_after) {
            return Self::PerformedThen(failed());
        } else if hits(1, settings.cut_before) {
            return Self::CutBefore;
        } else if hits(2, settings.cut_after) {
            return Self::CutAfter;
        } else if hits(3, settings.slow_answers) {
            return Self::Performed(settings.slow_answers_ms);
        } else {
            return Self::Performed(0);
        };
        Self::Refused(refused)
    }
}

impl TokenOutcome {
    /// Decides the outcome of a request for a token.
    pub(in crate::sim::world) fn draw(fault_rng: &mut FaultRng, settings: &SimSettings) -> Self {
        let nth = fault_rng.next("token");
        if fault_rng.hits(FaultDraw::Token(503), nth, settings.token_503) {
            Self::Unavailable
        } else if fault_rng.hits(FaultDraw::Token(400), nth, settings.token_400) {
            Self::InvalidClient
        } else {
            Self::Granted
        }
    }
}

fn too_many(settings: &SimSettings) -> WorldAnswer {
    let retry_after = match settings.retry_after {
        RetryAfter::Fractional => Some("2.128".into()),
        RetryAfter::Whole => Some("3".into()),
        RetryAfter::Absent => None,
    };
    WorldAnswer { retry_after, ..WorldAnswer::error(429, "TooManyRequests", "Please retry again later.") }
}

/// Combines a draw's number with the action, so that actions do not share draws.
fn salted(nth: u64, action: Option<&str>) -> u64 {
    let salt = action.unwrap_or_default().bytes().fold(5_381_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(byte));
    ((salt & 0xFFFF_FFFF) << 24).wrapping_add(nth)
}

fn not_found() -> WorldAnswer {
    WorldAnswer::error(404, "itemNotFound", "The resource was not found.")
}

fn failed() -> WorldAnswer {
    WorldAnswer::error(500, "generalException", "Something went wrong after the request was performed.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{CallAction, ParticipantAction};
    use crate::sim::settings::ACTIONS;

    #[test]
    fn every_action_has_one_name_and_every_name_one_action() {
        let call = "/communications/calls/c";
        let mut named: Vec<&str> = vec!["*"];
        for (method, path) in [
            (Method::Post, "/communications/calls"),
            (Method::Get, call),
            (Method::Delete, call),
            (Method::Get, "/communications/calls/c/participants"),
            (Method::Get, "/communications/calls/c/participants/p"),
            (Method::Delete, "/communications/calls/c/participants/p"),
            (Method::Post, "/communications/calls/c/participants/invite"),
            (Method::Get, "/communications/calls/c/operations/o"),
            (Method::Patch, "/communications/calls/c/audioRoutingGroups/g"),
            (Method::Get, "/communications/calls/c/contentSharingSessions"),
            (Method::Post, "/communications/calls/logTeleconferenceDeviceQuality"),
        ] {
            named.push(action(method, &Route::parse(path).unwrap()).unwrap());
        }
        let actions = CallAction::ALL.iter().map(|it| format!("{call}/{}", it.as_str()));
        let of_people = ParticipantAction::ALL.iter().map(|it| format!("{call}/participants/p/{}", it.as_str()));
        for path in actions.chain(of_people) {
            named.push(action(Method::Post, &Route::parse(&path).unwrap()).unwrap());
        }
        named.sort_unstable();
        named.dedup();
        let mut words = ACTIONS.to_vec();
        words.sort_unstable();
        assert_eq!(named, words);
    }
}
