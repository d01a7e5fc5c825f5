//! The words that settings choose between. Pure data.

use serde::{Deserialize, Serialize};

use super::kind::SettingKind;

macro_rules! choice {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $help:literal])+ $member:ident = $word:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $help])+ #[serde(rename = $word)] $member,)+
        }

        impl $name {
            /// The words, as the wire has them.
            pub const KIND: SettingKind = SettingKind::Choice(&[$($word),+]);
        }
    };
}

mod wire;

pub use wire::{
    BadRequestCode, Casing, Collections, ErrorShape, IdCasing, LeadingSlash, LegacyResource, OperationIds, ResultCodes,
    RosterAddress, StatusCasing, SubcodeKey,
};

choice! {
    /// The answer to a hold or a release.
    HoldAnswer {
        /// `running`, and a notification later.
        Running = "running",
        /// `completed`, and no notification.
        Completed = "completed",
    }
}

choice! {
    /// The answer to a second hold in one call.
    SecondHold {
        /// 202, and an operation that fails.
        Failed = "failed",
        /// It is refused with 409.
        Conflict = "conflict",
    }
}

choice! {
    /// Whether something is allowed.
    Permit {
        /// It is performed.
        Allowed = "allowed",
        /// It is refused.
        Refused = "refused",
    }
}

choice! {
    /// When permissions are checked for requests about existing calls.
    RoleCheck {
        /// Only when the call is created or joined, as the pages say.
        AtCreation = "atCreation",
        /// On each request, by the endpoint's own list.
        EveryRequest = "everyRequest",
    }
}

choice! {
    /// The answer of paths that only the metadata contains.
    Undocumented {
        /// They get 404.
        NotFound = "notFound",
        /// They get 405.
        NotAllowed = "notAllowed",
        /// Reads are served; everything else gets 405.
        Served = "served",
    }
}

choice! {
    /// The format of `Retry-After`.
    RetryAfter {
        /// Seconds with three decimals.
        Fractional = "fractional",
        /// Whole seconds, rounded up.
        Whole = "whole",
        /// The header is absent.
        Absent = "absent",
    }
}

choice! {
    /// The outcome of transfers.
    Transfer {
        /// The call ends with 200/7015.
        Succeeds = "succeeds",
        /// The call returns to `established`, with 500/7000.
        Fails = "fails",
    }
}

choice! {
    /// How `mediaState` is notified.
    MediaNews {
        /// As a member of the update that says `established`.
        WithState = "withState",
        /// In a separate update, a little later.
        Separate = "separate",
        /// Only when the call is read.
        Absent = "absent",
    }
}

choice! {
    /// The JSON form of a delta roster.
    DeltaForm {
        /// `resourceData` is the roster.
        Object = "object",
        /// `resourceData` is a list of one roster.
        List = "list",
    }
}

choice! {
    /// How webhooks are signed.
    Signature {
        /// With a valid token.
        Valid = "valid",
        /// With a token for another application.
        WrongAudience = "wrongAudience",
        /// With a token of another issuer.
        WrongIssuer = "wrongIssuer",
        /// With a token that expired an hour ago.
        Expired = "expired",
        /// Without an `Authorization` header.
        Unsigned = "unsigned",
        /// With a key that is not published.
        UnknownKey = "unknownKey",
        /// With the signature of another token.
        WrongSignature = "wrongSignature",
    }
}

choice! {
    /// Whether a document is served.
    Served {
        /// It gets 200.
        Served = "served",
        /// It gets 503.
        Unavailable = "unavailable",
    }
}

choice! {
    /// Which arrives first: the answer to a request, or the notification that it causes.
    First {
        /// The answer is sent without waiting.
        Answer = "answer",
        /// The answer waits until the receiver has answered the webhook.
        Notification = "notification",
    }
}

choice! {
    /// What the caller does during a recording.
    RecordedAnswer {
        /// They talk until `maxRecordDurationInSeconds` expires: 200/8515, the documented example.
        Talks = "talks",
        /// They say nothing for `initialSilenceTimeoutInSeconds`: the operation fails.
        Silent = "silent",
        /// They talk for a second, then are silent for `maxSilenceTimeoutInSeconds`: the operation completes.
        Pauses = "pauses",
    }
}

choice! {
    /// What reads do with `OData` query options.
    OData {
        /// `$select` selects members; other options have no effect.
        Select = "select",
        /// No option has an effect.
        Ignored = "ignored",
        /// They get 400.
        Refused = "refused",
    }
}

choice! {
    /// What happens to a person under a recording policy when the recorder rejects them.
    Unrecorded {
        /// They do not join the call.
        StaysOut = "staysOut",
        /// They join, and are not recorded.
        Joins = "joins",
    }
}

choice! {
    /// The answer to a request for the participants of a 1:1 call.
    OneToOneRoster {
        /// It is refused.
        Refused = "refused",
        /// It gets an empty list.
        Empty = "empty",
    }
}

choice! {
    /// The chat of an incoming 1:1 call.
    OneToOneChat {
        /// The call has no `chatInfo`.
        Absent = "absent",
        /// Its `threadId` is `19:` and a GUID, without `@thread.v2`.
        Bare = "bare",
    }
}

choice! {
    /// The end of prompts.
    PromptOutcome {
        /// They are played.
        Completes = "completes",
        /// They cannot be played, and their operation fails.
        Fails = "fails",
    }
}

choice! {
    /// When a redirected call ends.
    RedirectEnd {
        /// Immediately after the answer to the request.
        AtOnce = "atOnce",
        /// After some seconds as `redirecting`, when a target answers.
        Answered = "answered",
        /// After the request's timeout as `redirecting`, because nobody answers.
        Unanswered = "unanswered",
    }
}

choice! {
    /// The meaning of a receiver's 204 to an incoming call.
    NoContent {
        /// It acknowledges the notification, as every 2xx does.
        Accepted = "accepted",
        /// It asks for the notification once more.
        Repeats = "repeats",
    }
}

choice! {
    /// The end of invitations.
    InvitationOutcome {
        /// The people join.
        Completes = "completes",
        /// Nobody joins, and the operation fails with 412/9999.
        Fails = "fails",
    }
}

choice! {
    /// The chat of a call into which people were invited.
    ChatAfterInvite {
        /// `chatInfo` stays.
        Kept = "kept",
        /// `chatInfo` is null.
        Null = "null",
    }
}

choice! {
    /// The result of a call's end.
    EndResult {
        /// The one that its end has.
        Usual = "usual",
        /// 500/3002.
        Code3002 = "500/3002",
        /// 500/3003.
        Code3003 = "500/3003",
        /// 500/7106.
        Code7106 = "500/7106",
        /// 500/1203002.
        Code1203002 = "500/1203002",
        /// 408/13025.
        Code13025 = "408/13025",
    }
}
