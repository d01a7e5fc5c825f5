//! The settings of the simulator: what Graph's documentation leaves open, and faults to rehearse.
//!
//! Each member marked \[unverified\] chooses one behaviour where the documentation is silent. Pure data; who reads
//! it decides.

use serde::{Deserialize, Serialize};

use crate::moment::Span;

/// Everything that can be set while the simulator runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    /// How startHoldMusic and stopHoldMusic answer: both forms are documented, by newer and older pages.
    pub hold_answer: HoldAnswer,
    /// What a second hold in one call gets. \[unverified\]
    pub second_hold: SecondHold,
    /// Whether participants may be removed, which a tenant allows per application.
    pub remove_participants: Permit,
    /// Whether an action that takes a body is accepted without one. \[unverified\]
    pub empty_body: Permit,
    /// The permissions that new tokens carry.
    pub roles: Vec<String>,
    /// How long notifications are late, in milliseconds of floor time; at most a day.
    pub notification_delay_ms: i64,
    /// The share of notifications that never leave, between 0 and 1.
    pub drop_notifications: f64,
    /// The share of notifications that are delivered twice, between 0 and 1.
    pub duplicate_notifications: f64,
    /// How paths in notifications spell ids.
    pub id_casing: IdCasing,
    /// What every request to Graph's paths gets before it is looked at.
    pub answers: Answers,
    /// How many requests one tenant's token may make in 15 seconds; 50,000 is documented.
    pub requests_per_15s: u32,
    /// How `Retry-After` reads when there were more; a fraction is documented.
    pub retry_after: RetryAfter,
    /// When permissions are checked on paths whose pages say that they are checked as the call is created.
    pub create_time_roles: RoleCheck,
    /// What paths get that only the metadata has. \[unverified\]
    pub undocumented: Undocumented,
    /// How transfers end: both ends are documented.
    pub transfer: Transfer,
    /// How long one prompt plays, in milliseconds of floor time; a real one lasts as long as its file.
    pub prompt_lasts_ms: i64,
    /// How the caller answers a recording, which decides the timer that ends it. \[unverified\]: there is no sound.
    pub recorded_answer: RecordedAnswer,
    /// Whether somebody is invited into a group call that has no `chatInfo`, which invitations are said to need.
    pub invite_without_chat: Permit,
    /// What reads do with `$select`: documented only as "supports `OData` query parameters". \[unverified\]
    pub odata: OData,
    /// What becomes of somebody under a recording policy whom the recorder does not take. \[unverified\]
    pub unrecorded: Unrecorded,
    /// How `mediaState` comes with a call's updates. \[unverified\]
    pub media_state: MediaNews,
    /// Whether a delta roster is one object or a list of one. \[unverified\]
    pub delta_roster: DeltaForm,
}

/// How `Retry-After` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// Seconds with three decimals.
    Fractional,
    /// Whole seconds, rounded up.
    Whole,
    /// There is none.
    Absent,
}

/// When permissions are checked on paths of calls that exist already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RoleCheck {
    /// Only when the call is created or joined, as the pages say.
    AtCreation,
    /// On each request too, by the endpoint's own list.
    EveryRequest,
}

/// What paths get that only the metadata has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Undocumented {
    /// 404.
    NotFound,
    /// 405.
    NotAllowed,
    /// Reads are served; everything else gets 405.
    Served,
}

/// How transfers end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Transfer {
    /// The call ends with 200/7015.
    Succeeds,
    /// The call is established again, with 500/7000.
    Fails,
}

/// How the caller answers a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecordedAnswer {
    /// They talk until `maxRecordDurationInSeconds` is over: 200/8515, the documented example.
    Talks,
    /// They say nothing for `initialSilenceTimeoutInSeconds`: the operation fails.
    Silent,
    /// They say something for a second and are silent for `maxSilenceTimeoutInSeconds`: the recording is complete.
    Pauses,
}

/// What reads do with query options of `OData`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OData {
    /// `$select` leaves out what it does not name; other options change nothing.
    Select,
    /// None changes anything.
    Ignored,
    /// 400.
    Refused,
}

/// What becomes of somebody under a recording policy whom the recorder does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unrecorded {
    /// They do not come into the call.
    StaysOut,
    /// They come, and are not recorded.
    Joins,
}

/// How `mediaState` comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MediaNews {
    /// As a member of the update that says `established`.
    WithState,
    /// In an update of its own, a little later.
    Separate,
    /// Not at all; reading the call tells.
    Absent,
}

/// How a delta roster is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeltaForm {
    /// `resourceData` is the roster.
    Object,
    /// `resourceData` is a list of one roster.
    List,
}

/// How a hold or a release answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldAnswer {
    /// `running`, and a notification later.
    Running,
    /// `completed` at once, and no notification.
    Completed,
}

/// What a second hold in one call gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondHold {
    /// 202, and an operation that fails.
    Failed,
    /// 409.
    Conflict,
}

/// Whether something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Permit {
    /// It is done.
    Allowed,
    /// It is refused.
    Refused,
}

/// How paths in notifications spell ids; both forms are documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IdCasing {
    /// Lower case with dashes.
    Dashed,
    /// Upper case without dashes.
    Bare,
}

/// What every request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answers {
    /// What it asks for.
    Normal,
    /// 429 with a fractional `Retry-After`.
    TooManyRequests,
    /// 503 with `Retry-After`.
    Unavailable,
    /// 500, after the request was performed.
    FailsAfterwards,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            hold_answer: HoldAnswer::Running,
            second_hold: SecondHold::Failed,
            remove_participants: Permit::Allowed,
            empty_body: Permit::Refused,
            roles: ROLES.iter().map(|it| (*it).to_owned()).collect(),
            notification_delay_ms: 0,
            drop_notifications: 0.0,
            duplicate_notifications: 0.0,
            id_casing: IdCasing::Dashed,
            answers: Answers::Normal,
            requests_per_15s: 50_000,
            retry_after: RetryAfter::Fractional,
            create_time_roles: RoleCheck::AtCreation,
            undocumented: Undocumented::NotFound,
            transfer: Transfer::Succeeds,
            prompt_lasts_ms: 2_000,
            recorded_answer: RecordedAnswer::Talks,
            invite_without_chat: Permit::Refused,
            odata: OData::Select,
            unrecorded: Unrecorded::StaysOut,
            media_state: MediaNews::WithState,
            delta_roster: DeltaForm::Object,
        }
    }
}

/// Every permission of the calls API that the served paths ask for.
pub const ROLES: [&str; 5] = [
    "Calls.Initiate.All",
    "Calls.InitiateGroupCall.All",
    "Calls.JoinGroupCall.All",
    "Calls.JoinGroupCallAsGuest.All",
    "Calls.AccessMedia.All",
];

impl Faults {
    /// How late notifications are.
    #[must_use]
    pub fn delay(&self) -> Span {
        Span(self.notification_delay_ms.clamp(0, Span::minutes(24 * 60).0))
    }

    /// How long this many prompts play.
    #[must_use]
    pub fn prompts_last(&self, prompts: usize) -> Span {
        let prompts = i64::try_from(prompts).unwrap_or(i64::MAX);
        Span(self.prompt_lasts_ms.clamp(1, Span::minutes(60).0).saturating_mul(prompts))
    }
}
