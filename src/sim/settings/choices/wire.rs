//! The words of settings about equivalent forms on the wire. Pure data.

use serde::{Deserialize, Serialize};

use crate::sim::settings::kind::SettingKind;

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
    /// The JSON form of an error.
    ErrorShape {
        /// `{"error": {"code": …, "message": …}}`, as documented.
        Nested = "nested",
        /// `{"errorCode": …, "message": …}`.
        Flat = "flat",
    }
}

choice! {
    /// The code of an answer with 400.
    BadRequestCode {
        /// `invalidRequest`, as documented.
        InvalidRequest = "invalidRequest",
        /// `BadRequest`.
        BadRequest = "BadRequest",
        /// `UnknownError`, with an empty message.
        UnknownError = "UnknownError",
    }
}
