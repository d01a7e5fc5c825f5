//! Paths of the calls API in requests and notifications: with or without leading slash, host and
//! version; `/app/calls` for `/communications/calls`; action names short or qualified, in any case.

use super::{CallId, OperationId, ParticipantId, ResourceId};

macro_rules! actions {
    ($(#[$doc:meta])* $name:ident { $($member:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $member,)+
        }

        impl $name {
            /// Every action, in the order of graph-contract.md, "Endpoints".
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// Reads the last path segment, short or qualified, in any case.
            #[must_use]
            pub fn parse(segment: &str) -> Option<Self> {
                let name = segment.rsplit('.').next().unwrap_or(segment);
                $(if name.eq_ignore_ascii_case($text) {
                    return Some(Self::$member);
                })+
                None
            }

            /// Returns the documented (short) segment.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $text,)+
                }
            }
        }
    };
}

actions! {
    /// An action on a call.
    CallAction {
        KeepAlive = "keepAlive", Answer = "answer", Reject = "reject", Redirect = "redirect", Transfer = "transfer",
        Mute = "mute", Unmute = "unmute", PlayPrompt = "playPrompt", RecordResponse = "recordResponse",
        CancelMediaProcessing = "cancelMediaProcessing", SubscribeToTone = "subscribeToTone",
        SendDtmfTones = "sendDtmfTones", UpdateRecordingStatus = "updateRecordingStatus",
        ChangeScreenSharingRole = "changeScreenSharingRole", AddLargeGalleryView = "addLargeGalleryView",
    }
}

actions! {
    /// An action on a participant.
    ParticipantAction {
        Mute = "mute", StartHoldMusic = "startHoldMusic", StopHoldMusic = "stopHoldMusic",
    }
}

/// A resource of the calls API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// `/communications/calls`: all calls.
    Calls,
    /// `/communications/calls/logTeleconferenceDeviceQuality`, an action without a call.
    LogTeleconferenceDeviceQuality,
    /// `…/{id}`, below `/communications/calls` like all that follow.
    Call(CallId),
    /// `…/{id}/{action}`; only POST.
    CallAction(CallId, CallAction),
    /// `…/{id}/participants`; also the malformed `…/operations/participants` of one documented example.
    Participants(CallId),
    /// `…/{id}/participants/invite`; only POST.
    Invite(CallId),
    /// `…/{id}/participants/{pid}`: one participant.
    Participant(CallId, ParticipantId),
    /// `…/{id}/participants/{pid}/{action}`; only POST.
    ParticipantAction(CallId, ParticipantId, ParticipantAction),
    /// `…/{id}/operations`: all operations.
    Operations(CallId),
    /// `…/{id}/operations/{op}`: one operation.
    Operation(CallId, OperationId),
    /// `…/{id}/contentSharingSessions`: all sessions.
    ContentSharingSessions(CallId),
    /// `…/{id}/contentSharingSessions/{sid}`: one session.
    ContentSharingSession(CallId, Box<str>),
    /// `…/{id}/audioRoutingGroups`: all groups.
    AudioRoutingGroups(CallId),
    /// `…/{id}/audioRoutingGroups/{gid}`: one group.
    AudioRoutingGroup(CallId, Box<str>),
}

impl Route {
    /// Reads a path or an absolute URL; `None` when it is not a resource of the calls API.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let host = path.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
        let path = host.map_or(path, |rest| rest.split_once('/').map_or("", |(_, it)| it));
        let path = path.split_once('?').map_or(path, |(it, _)| it);
        let path = path.split_once('#').map_or(path, |(it, _)| it);
        let mut segments = path.split('/').filter(|it| !it.is_empty()).peekable();
        if segments.peek().is_some_and(|it| matches!(*it, "v1.0" | "beta")) {
            segments.next();
        }
        let root = segments.next()?;
        if !root.eq_ignore_ascii_case("communications") && !root.eq_ignore_ascii_case("app") {
            return None;
        }
        if !segments.next()?.eq_ignore_ascii_case("calls") {
            return None;
        }
        let rest: Vec<&str> = segments.collect();
        let Some((first, rest)) = rest.split_first() else { return Some(Self::Calls) };
        if first.eq_ignore_ascii_case("logTeleconferenceDeviceQuality") && rest.is_empty() {
            return Some(Self::LogTeleconferenceDeviceQuality);
        }
        let call = CallId::new(first)?;
        match *rest {
            [] => Some(Self::Call(call)),
            [name] => Self::collection(call.clone(), name)
                .or_else(|| CallAction::parse(name).map(|action| Self::CallAction(call, action))),
            [collection, item] => Self::item(call, collection, item),
            [collection, item, action] if collection.eq_ignore_ascii_case("participants") => {
                Some(Self::ParticipantAction(call, ParticipantId::new(item)?, ParticipantAction::parse(action)?))
            }
            _ => None,
        }
    }

    fn collection(call: CallId, name: &str) -> Option<Self> {
        Some(match name {
            _ if name.eq_ignore_ascii_case("participants") => Self::Participants(call),
            _ if name.eq_ignore_ascii_case("operations") => Self::Operations(call),
            _ if name.eq_ignore_ascii_case("contentSharingSessions") => Self::ContentSharingSessions(call),
            _ if name.eq_ignore_ascii_case("audioRoutingGroups") => Self::AudioRoutingGroups(call),
            _ => return None,
        })
    }

    fn item(call: CallId, collection: &str, item: &str) -> Option<Self> {
        let is = |name: &str| collection.eq_ignore_ascii_case(name);
        Some(match item {
            _ if is("participants") && item.eq_ignore_ascii_case("invite") => Self::Invite(call),
            _ if is("participants") => Self::Participant(call, ParticipantId::new(item)?),
            _ if is("operations") && item.eq_ignore_ascii_case("participants") => Self::Participants(call),
            _ if is("operations") => Self::Operation(call, OperationId::new(item)?),
            _ if is("contentSharingSessions") => Self::ContentSharingSession(call, segment(item)?),
            _ if is("audioRoutingGroups") => Self::AudioRoutingGroup(call, segment(item)?),
            _ => return None,
        })
    }

    /// Returns the call that the path is about.
    #[must_use]
    pub const fn call(&self) -> Option<&CallId> {
        match self {
            Self::Calls | Self::LogTeleconferenceDeviceQuality => None,
            Self::Call(call)
            | Self::CallAction(call, _)
            | Self::Participants(call)
            | Self::Invite(call)
            | Self::Participant(call, _)
            | Self::ParticipantAction(call, ..)
            | Self::Operations(call)
            | Self::Operation(call, _)
            | Self::ContentSharingSessions(call)
            | Self::ContentSharingSession(call, _)
            | Self::AudioRoutingGroups(call)
            | Self::AudioRoutingGroup(call, _) => Some(call),
        }
    }
}

/// Returns the segment, if it can be an id; its spelling is kept.
fn segment(item: &str) -> Option<Box<str>> {
    ResourceId::new(item).map(|_| item.into())
}

impl std::fmt::Display for Route {
    /// Returns the documented spelling, from `/communications` on.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("/communications/calls")?;
        match self {
            Self::Calls => Ok(()),
            Self::LogTeleconferenceDeviceQuality => out.write_str("/logTeleconferenceDeviceQuality"),
            Self::Call(call) => write!(out, "/{call}"),
            Self::CallAction(call, action) => write!(out, "/{call}/{}", action.as_str()),
            Self::Participants(call) => write!(out, "/{call}/participants"),
            Self::Invite(call) => write!(out, "/{call}/participants/invite"),
            Self::Participant(call, participant) => write!(out, "/{call}/participants/{participant}"),
            Self::ParticipantAction(call, participant, action) => {
                write!(out, "/{call}/participants/{participant}/{}", action.as_str())
            }
            Self::Operations(call) => write!(out, "/{call}/operations"),
            Self::Operation(call, operation) => write!(out, "/{call}/operations/{operation}"),
            Self::ContentSharingSessions(call) => write!(out, "/{call}/contentSharingSessions"),
            Self::ContentSharingSession(call, session) => write!(out, "/{call}/contentSharingSessions/{session}"),
            Self::AudioRoutingGroups(call) => write!(out, "/{call}/audioRoutingGroups"),
            Self::AudioRoutingGroup(call, group) => write!(out, "/{call}/audioRoutingGroups/{group}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_parse_in_every_documented_form_and_print_in_one() {
        let call = "57dab8b1-894c-409a-b240-bd8beae78896";
        let bare = "57DAB8B1894C409AB240BD8BEAE78896";
        let cases = [
            (format!("/app/calls/{bare}"), format!("/communications/calls/{call}")),
            (format!("communications/calls/{call}/participants"), format!("/communications/calls/{call}/participants")),
            (
                format!("/communications/calls/{call}/operations/participants"),
                format!("/communications/calls/{call}/participants"),
            ),
            (
                format!("/v1.0/communications/calls/{call}/microsoft.graph.Mute"),
                format!("/communications/calls/{call}/mute"),
            ),
            (
                format!("https://graph.microsoft.com/beta/communications/calls/{call}/contentsharingsessions"),
                format!("/communications/calls/{call}/contentSharingSessions"),
            ),
            (
                format!("/communications/calls/{call}/participants/2765eb15/StopHoldMusic?x=1"),
                format!("/communications/calls/{call}/participants/2765eb15/stopHoldMusic"),
            ),
            ("/communications/calls/".to_owned(), "/communications/calls".to_owned()),
        ];
        for (read, written) in cases {
            assert_eq!(Route::parse(&read).map(|it| it.to_string()).as_deref(), Some(written.as_str()), "{read}");
        }
        for alien in [
            "/communications/calls/..",
            "/communications/calls/..\\..\\users",
            "/communications/calls/c1/participants/..",
        ] {
            assert_eq!(Route::parse(alien), None, "{alien}");
        }
        for alien in ["", "/users/me", "/communications/calls/x/novel", "/communications/calls/x/participants/y/unmute"]
        {
            assert_eq!(Route::parse(alien), None, "{alien}");
        }
    }
}
