//! Graph's vocabulary: the open enums (graph-contract.md, "Enumerations"), each with its metadata spelling.

use super::open_enum::open_enum;

open_enum! {
    /// The state of a call (graph-contract.md, "States of a call").
    CallState {
        Incoming = "incoming", Establishing = "establishing", Ringing = "ringing", Established = "established",
        Hold = "hold", Transferring = "transferring", TransferAccepted = "transferAccepted",
        Redirecting = "redirecting", Terminating = "terminating", Terminated = "terminated",
    }
}

open_enum! {
    /// The progress of an operation. Documented answers spell it in lower case, the metadata in Pascal case.
    CommsOperationStatus named "OperationStatus" {
        NotStarted = "notStarted", Running = "running", Completed = "completed", Failed = "failed",
    }
}

open_enum! {
    /// What happened to the resource of a notification (graph-contract.md, "Change types").
    ChangeType { Created = "created", Updated = "updated", Deleted = "deleted" }
}

open_enum! {
    /// A kind of media.
    Modality {
        Audio = "audio", Video = "video", VideoBasedScreenSharing = "videoBasedScreenSharing", Data = "data",
    }
}

open_enum! {
    /// The direction of a media stream, as the participant sees it.
    MediaDirection {
        Inactive = "inactive", SendOnly = "sendOnly", ReceiveOnly = "receiveOnly", SendReceive = "sendReceive",
    }
}

open_enum! {
    /// Whether the application received or made the call.
    CallDirection { Incoming = "incoming", Outgoing = "outgoing" }
}

open_enum! {
    /// The kind of a participant's endpoint.
    EndpointType {
        Default = "default", Voicemail = "voicemail", SkypeForBusiness = "skypeForBusiness",
        SkypeForBusinessVoipPhone = "skypeForBusinessVoipPhone",
    }
}

open_enum! {
    /// The reason why an incoming call is rejected.
    RejectCallReason { None = "none", Busy = "busy", Forbidden = "forbidden" }
}

open_enum! {
    /// The application's part in screen sharing.
    ScreenSharingRole { Viewer = "viewer", Sharer = "sharer" }
}

open_enum! {
    /// Whether a call is recorded.
    RecordingStatus { NotRecording = "notRecording", Recording = "recording", Failed = "failed" }
}

open_enum! {
    /// The reason why a call was routed on.
    RoutingType { Forwarded = "forwarded", Lookup = "lookup", SelfFork = "selfFork" }
}

open_enum! {
    /// Whether an audio routing group has one receiver or several.
    RoutingMode { OneToOne = "oneToOne", Multicast = "multicast" }
}

open_enum! {
    /// Whether a call is transcribed.
    CallTranscriptionState { NotStarted = "notStarted", Active = "active", Inactive = "inactive" }
}

open_enum! {
    /// Whether a call's audio flows; separate from the call's state.
    MediaState { Active = "active", Inactive = "inactive" }
}

open_enum! {
    /// A telephone key.
    Tone {
        Tone0 = "tone0", Tone1 = "tone1", Tone2 = "tone2", Tone3 = "tone3", Tone4 = "tone4", Tone5 = "tone5",
        Tone6 = "tone6", Tone7 = "tone7", Tone8 = "tone8", Tone9 = "tone9", Star = "star", Pound = "pound",
        A = "a", B = "b", C = "c", D = "d", Flash = "flash",
    }
}

impl CallState {
    /// Returns the order of the states, for messages that arrive out of order; `None` for unknown states.
    ///
    /// Invariant: a call never goes back to a lower rank, save `transferring → established` and
    /// `hold ↔ established` (graph-contract.md, "States of a call").
    #[must_use]
    pub const fn rank(&self) -> Option<u8> {
        match self {
            Self::Incoming => Some(0),
            Self::Establishing | Self::Redirecting => Some(1),
            Self::Ringing => Some(2),
            Self::Established | Self::Hold => Some(3),
            Self::Transferring => Some(4),
            Self::TransferAccepted => Some(5),
            Self::Terminating => Some(6),
            Self::Terminated => Some(7),
            Self::Unknown(_) => None,
        }
    }

    /// Returns the state after `next` arrives in this one.
    #[must_use]
    pub fn advanced_by(&self, next: &Self) -> Self {
        let back = matches!((self, next), (Self::Transferring, Self::Established));
        match (self.rank(), next.rank()) {
            (Some(now), Some(then)) if then < now && !back => self.clone(),
            (Some(_), None) => self.clone(),
            _ => next.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_never_go_back_except_where_documented() {
        use CallState::{Established, Establishing, Hold, Terminating, TransferAccepted, Transferring};
        let cases = [
            (Established, Establishing, Established),
            (Establishing, Established, Established),
            (Established, Hold, Hold),
            (Hold, Established, Established),
            (Transferring, Established, Established),
            (TransferAccepted, Established, TransferAccepted),
            (Terminating, Established, Terminating),
            (Established, CallState::parse("novel"), Established),
        ];
        for (now, heard, then) in cases {
            assert_eq!(now.advanced_by(&heard), then, "{now} then {heard}");
        }
    }

    #[test]
    fn enums_are_open_and_ignore_case() {
        assert_eq!(CommsOperationStatus::parse("Running"), CommsOperationStatus::Running);
        assert_eq!(CallState::parse("Established").as_str(), "established");
        let novel: ChangeType = serde_json::from_str("\"unknownFutureValue\"").unwrap();
        assert_eq!(serde_json::to_string(&novel).unwrap(), "\"unknownFutureValue\"");
    }
}
