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
    /// How paths in notifications spell ids; both forms are documented.
    IdCasing {
        /// Lower case with dashes.
        Dashed = "dashed",
        /// Upper case without dashes.
        Bare = "bare",
        /// Each form at random.
        Mixed = "mixed",
    }
}

choice! {
    /// Whether `resourceUrl` begins with a slash.
    LeadingSlash {
        /// As on the documentation page of each resource.
        Documented = "documented",
        /// Every path does.
        Always = "always",
        /// No path does.
        Never = "never",
        /// Each form at random.
        Mixed = "mixed",
    }
}

choice! {
    /// Whether notifications have the legacy member `resource`.
    LegacyResource {
        /// They never have it.
        Absent = "absent",
        /// In addition to `resourceUrl`.
        Beside = "beside",
        /// Instead of `resourceUrl`.
        Instead = "instead",
        /// Each of these at random.
        Mixed = "mixed",
    }
}

choice! {
    /// The address of a roster.
    RosterAddress {
        /// `…/participants`, as most pages have it.
        Participants = "participants",
        /// `…/operations/participants`, as one documented example has it.
        Malformed = "operationsParticipants",
        /// Each form at random.
        Mixed = "mixed",
    }
}

choice! {
    /// The JSON form of a list with one item.
    Collections {
        /// A list with one object.
        Lists = "lists",
        /// The object itself.
        ByCount = "byCount",
    }
}

choice! {
    /// Which ids a notification of an operation carries.
    OperationIds {
        /// As the page of each operation shows.
        Documented = "documented",
        /// `id` and `@odata.id`.
        Both = "both",
        /// Only the member `id`.
        Id = "id",
        /// Only the member `@odata.id`.
        OdataId = "odataId",
        /// Neither: only its address identifies it.
        Neither = "neither",
        /// Each of these at random.
        Mixed = "mixed",
    }
}

choice! {
    /// How result codes are written.
    ResultCodes {
        /// As numbers: `200`.
        Numbers = "numbers",
        /// As strings: `"200"`.
        Strings = "strings",
        /// Each form at random.
        Mixed = "mixed",
    }
}

choice! {
    /// The name of a result's subcode.
    SubcodeKey {
        /// As the page of each notification shows.
        Documented = "documented",
        /// `subcode` in every notification.
        Lower = "subcode",
        /// `subCode` in every notification.
        Camel = "subCode",
        /// The result has no subcode.
        Absent = "absent",
        /// Each of these at random.
        Mixed = "mixed",
    }
}

choice! {
    /// The letter case of an operation's status.
    StatusCasing {
        /// As the page of each operation shows.
        Documented = "documented",
        /// In camel case: `running`.
        Camel = "camel",
        /// In Pascal case: `Running`.
        Pascal = "pascal",
        /// Each form at random.
        Mixed = "mixed",
    }
}

choice! {
    /// The letter case of a word in JSON.
    Casing {
        /// In camel case: `established`.
        Camel = "camel",
        /// In Pascal case: `Established`.
        Pascal = "pascal",
        /// Each form at random.
        Mixed = "mixed",
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
