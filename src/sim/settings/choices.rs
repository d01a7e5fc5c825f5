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
    /// How a hold or a release answers.
    HoldAnswer {
        /// `running`, and a notification later.
        Running = "running",
        /// `completed` at once, and no notification.
        Completed = "completed",
    }
}

choice! {
    /// What a second hold in one call gets.
    SecondHold {
        /// 202, and an operation that fails.
        Failed = "failed",
        /// 409.
        Conflict = "conflict",
    }
}

choice! {
    /// Whether something is allowed.
    Permit {
        /// It is done.
        Allowed = "allowed",
        /// It is refused.
        Refused = "refused",
    }
}

choice! {
    /// When permissions are checked on paths of calls that exist already.
    RoleCheck {
        /// Only when the call is created or joined, as the pages say.
        AtCreation = "atCreation",
        /// On each request too, by the endpoint's own list.
        EveryRequest = "everyRequest",
    }
}

choice! {
    /// What paths get that only the metadata has.
    Undocumented {
        /// 404.
        NotFound = "notFound",
        /// 405.
        NotAllowed = "notAllowed",
        /// Reads are served; everything else gets 405.
        Served = "served",
    }
}

choice! {
    /// How `Retry-After` reads.
    RetryAfter {
        /// Seconds with three decimals.
        Fractional = "fractional",
        /// Whole seconds, rounded up.
        Whole = "whole",
        /// There is none.
        Absent = "absent",
    }
}

choice! {
    /// How transfers end.
    Transfer {
        /// The call ends with 200/7015.
        Succeeds = "succeeds",
        /// The call is established again, with 500/7000.
        Fails = "fails",
    }
}

choice! {
    /// How `mediaState` comes.
    MediaNews {
        /// As a member of the update that says `established`.
        WithState = "withState",
        /// In an update of its own, a little later.
        Separate = "separate",
        /// Not at all; reading the call tells.
        Absent = "absent",
    }
}

choice! {
    /// How a delta roster is wrapped.
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
        /// Now so, now so.
        Mixed = "mixed",
    }
}

choice! {
    /// Whether `resourceUrl` begins with a slash.
    LeadingSlash {
        /// As the page of each resource shows.
        Documented = "documented",
        /// Everywhere.
        Always = "always",
        /// Nowhere.
        Never = "never",
        /// Now so, now so.
        Mixed = "mixed",
    }
}

choice! {
    /// Whether the older member `resource` comes.
    LegacyResource {
        /// It does not.
        Absent = "absent",
        /// Beside `resourceUrl`.
        Beside = "beside",
        /// Instead of `resourceUrl`.
        Instead = "instead",
        /// Any of these.
        Mixed = "mixed",
    }
}

choice! {
    /// The address of a roster.
    RosterAddress {
        /// `…/participants`.
        Participants = "participants",
        /// `…/operations/participants`, as one documented example has it.
        Malformed = "operationsParticipants",
        /// Now so, now so.
        Mixed = "mixed",
    }
}

choice! {
    /// How a list of one reads.
    Collections {
        /// As a list.
        Lists = "lists",
        /// As the one object.
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
        /// `id` alone.
        Id = "id",
        /// `@odata.id` alone.
        OdataId = "odataId",
        /// None: its address alone tells.
        Neither = "neither",
        /// Any of these.
        Mixed = "mixed",
    }
}

choice! {
    /// How result codes are written.
    ResultCodes {
        /// `200`.
        Numbers = "numbers",
        /// `"200"`.
        Strings = "strings",
        /// Now so, now so.
        Mixed = "mixed",
    }
}

choice! {
    /// How the subcode of a result is called.
    SubcodeKey {
        /// As the page of each notification shows.
        Documented = "documented",
        /// `subcode`.
        Lower = "subcode",
        /// `subCode`.
        Camel = "subCode",
        /// There is none.
        Absent = "absent",
        /// Any of these.
        Mixed = "mixed",
    }
}

choice! {
    /// How an operation's status is spelled.
    StatusCasing {
        /// As the page of each operation shows.
        Documented = "documented",
        /// `running`.
        Camel = "camel",
        /// `Running`.
        Pascal = "pascal",
        /// Now so, now so.
        Mixed = "mixed",
    }
}

choice! {
    /// How a word of the wire is spelled.
    Casing {
        /// `established`.
        Camel = "camel",
        /// `Established`.
        Pascal = "pascal",
        /// Now so, now so.
        Mixed = "mixed",
    }
}

choice! {
    /// How webhooks are signed.
    Signature {
        /// As they should be.
        Valid = "valid",
        /// For another application.
        WrongAudience = "wrongAudience",
        /// By another issuer.
        WrongIssuer = "wrongIssuer",
        /// An hour too old.
        Expired = "expired",
        /// There is no `Authorization` header.
        Unsigned = "unsigned",
        /// With a key that is not published.
        UnknownKey = "unknownKey",
        /// With a signature of something else.
        WrongSignature = "wrongSignature",
    }
}

choice! {
    /// Whether a document is served.
    Served {
        /// It is.
        Served = "served",
        /// It gets 503.
        Unavailable = "unavailable",
    }
}

choice! {
    /// What arrives first of an answer and of the notification that follows from what was asked.
    First {
        /// The answer is not held up.
        Answer = "answer",
        /// The answer waits until the webhook was answered.
        Notification = "notification",
    }
}

choice! {
    /// How the caller answers a recording.
    RecordedAnswer {
        /// They talk until `maxRecordDurationInSeconds` is over: 200/8515, the documented example.
        Talks = "talks",
        /// They say nothing for `initialSilenceTimeoutInSeconds`: the operation fails.
        Silent = "silent",
        /// They say something for a second and are silent for `maxSilenceTimeoutInSeconds`: it is complete.
        Pauses = "pauses",
    }
}

choice! {
    /// What reads do with query options of `OData`.
    OData {
        /// `$select` leaves out what it does not name; other options change nothing.
        Select = "select",
        /// None changes anything.
        Ignored = "ignored",
        /// 400.
        Refused = "refused",
    }
}

choice! {
    /// What becomes of somebody under a recording policy whom the recorder does not take.
    Unrecorded {
        /// They do not come into the call.
        StaysOut = "staysOut",
        /// They come, and are not recorded.
        Joins = "joins",
    }
}
