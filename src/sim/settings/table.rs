//! The table of settings: a row for each setting, with its default and its help.
//!
//! A macro makes the struct, its defaults and [`SETTINGS`] from these rows, so that they agree.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

use super::choices::{
    BadRequestCode, Casing, ChatAfterInvite, Collections, DeltaForm, EndResult, ErrorShape, First, HoldAnswer,
    IdCasing, InvitationOutcome, LeadingSlash, LegacyResource, MediaNews, NoContent, OData, OneToOneChat,
    OneToOneRoster, OperationIds, Permit, PromptOutcome, RecordedAnswer, RedirectEnd, ResultCodes, RetryAfter,
    RoleCheck, RosterAddress, SecondHold, Served, Signature, StatusCasing, SubcodeKey, Transfer, Undocumented,
    Unrecorded,
};
use super::kind::{SettingEvidence, SettingGroup, SettingKind, SettingSpec};

macro_rules! settings {
    ($($(#[doc = $help:literal])+ $group:ident $evidence:ident $wire:literal
       $name:ident: $type:ty = $default:expr, $kind:expr;)+) => {
        /// The settings, all of which can be changed while the simulator runs.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct SimSettings {
            $($(#[doc = $help])+ #[serde(rename = $wire)] pub $name: $type,)+
        }

        impl Default for SimSettings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        /// Every setting, in the order of its group.
        pub const SETTINGS: &[SettingSpec] = &[$(SettingSpec {
            name: $wire,
            kind: $kind,
            group: SettingGroup::$group,
            evidence: SettingEvidence::$evidence,
            help: concat!($($help),+),
        }),+];
    };
}

const DAY_MS: SettingKind = SettingKind::Number { least: 0, most: 86_400_000, unit: "ms of floor time" };
const MINUTE_MS: SettingKind = SettingKind::Number { least: 0, most: 60_000, unit: "ms of floor time" };

settings! {
    /// How startHoldMusic and stopHoldMusic answer: newer pages say running, older ones completed.
    Open D "holdAnswer" hold_answer: HoldAnswer = HoldAnswer::Running, HoldAnswer::KIND;
    /// What a second hold in one call gets: 202 and an operation that fails, or 409.
    Open I "secondHold" second_hold: SecondHold = SecondHold::Failed, SecondHold::KIND;
    /// Whether people in the lobby can be muted or put on hold.
    Open I "actsInLobby" acts_in_lobby: Permit = Permit::Refused, Permit::KIND;
    /// Whether participants may be removed, which a tenant allows per application.
    Open D "removeParticipants" remove_participants: Permit = Permit::Allowed, Permit::KIND;
    /// Whether an action that takes a body is accepted without one.
    Open I "emptyBody" empty_body: Permit = Permit::Refused, Permit::KIND;
    /// The permissions that new tokens carry.
    Open D "roles" roles: Vec<String> = ROLES.iter().map(|it| (*it).to_owned()).collect(), SettingKind::List { words: &[] };
    /// When permissions are checked on paths whose pages say that they are checked when the call is created.
    Open D "createTimeRoles" create_time_roles: RoleCheck = RoleCheck::AtCreation, RoleCheck::KIND;
    /// Whether a call may have a callChainId that is not a GUID; every documented one is a GUID.
    Open I "oddCallChainId" odd_call_chain_id: Permit = Permit::Refused, Permit::KIND;
    /// How paths answer that only the metadata has: with 404, with 405, or reads are served.
    Open I "undocumented" undocumented: Undocumented = Undocumented::NotFound, Undocumented::KIND;
    /// How many requests one tenant's token may make in 15 seconds.
    Open D "requestsPer15s" requests_per_15s: u32 = 50_000, SettingKind::Number { least: 0, most: 1_000_000, unit: "requests" };
    /// How many calls there may be at a time; one more gets 503 with Retry-After. Older pages said 100,
    /// newer ones give no number.
    Open I "mostCalls" most_calls: u32 = 1_000, SettingKind::Number { least: 0, most: 10_000, unit: "calls" };
    /// How Retry-After reads: a fraction is documented.
    Open D "retryAfter" retry_after: RetryAfter = RetryAfter::Fractional, RetryAfter::KIND;
    /// How transfers end: both ends are documented.
    Open D "transfer" transfer: Transfer = Transfer::Succeeds, Transfer::KIND;
    /// How long one prompt plays; a real one lasts as long as its file.
    Open I "promptLastsMs" prompt_lasts_ms: i64 = 2_000,
        SettingKind::Number { least: 1, most: 3_600_000, unit: "ms of floor time" };
    /// How prompts end; the result of a prompt that fails is a guess.
    Open I "promptOutcome" prompt_outcome: PromptOutcome = PromptOutcome::Completes, PromptOutcome::KIND;
    /// What the caller does during a recording, which has no sound: talks, silent or pauses. It decides which timer
    /// ends the recording.
    Open I "recordedAnswer" recorded_answer: RecordedAnswer = RecordedAnswer::Talks, RecordedAnswer::KIND;
    /// Whether people can be invited into a group call without chatInfo, which the documentation requires.
    Open D "inviteWithoutChat" invite_without_chat: Permit = Permit::Refused, Permit::KIND;
    /// How invitations end: failures with 412/9999 were observed, with the number of the invited telephone in their text
    /// (comms-samples #410).
    Open O "invitationOutcome" invitation_outcome: InvitationOutcome = InvitationOutcome::Completes, InvitationOutcome::KIND;
    /// What chatInfo is after an invitation: null was observed (comms-samples #704).
    Open O "chatAfterInvite" chat_after_invite: ChatAfterInvite = ChatAfterInvite::Kept, ChatAfterInvite::KIND;
    /// What a list of the participants of a 1:1 call gets: the page of 2026 says that it is not supported, an empty list
    /// was observed in 2019 (comms-samples #102).
    Open D "oneToOneParticipants" one_to_one_participants: OneToOneRoster = OneToOneRoster::Refused, OneToOneRoster::KIND;
    /// When a redirected call ends: the page shows only that its end follows, not when.
    Open D "redirectEnd" redirect_end: RedirectEnd = RedirectEnd::AtOnce, RedirectEnd::KIND;
    /// What reads do with $select and other query options: pages say that options are supported, but not which.
    Open I "odata" odata: OData = OData::Select, OData::KIND;
    /// What happens to a person under a recording policy when the recorder rejects them.
    Open I "unrecorded" unrecorded: Unrecorded = Unrecorded::StaysOut, Unrecorded::KIND;
    /// How mediaState comes with a call's updates.
    Open I "mediaState" media_state: MediaNews = MediaNews::WithState, MediaNews::KIND;
    /// Whether a delta roster is one object or a list of one.
    Open I "deltaRoster" delta_roster: DeltaForm = DeltaForm::Object, DeltaForm::KIND;
    /// How long a call's next notification waits for the receiver's answer to the last one. Pages say that notifications
    /// may arrive out of order, but not when. On a clock that stands still every notification waits.
    Open I "nextWaitsMs" next_waits_ms: u64 = 2_000, SettingKind::Number { least: 0, most: 10_000, unit: "ms of real time" };
    /// What 204 to the notification of an incoming call means: pages say that it asks a sender of the older protocol to
    /// use Graph's, which is the only one here.
    Open I "noContent" no_content: NoContent = NoContent::Accepted, NoContent::KIND;
    /// How many times a notification that was not answered with 2xx is sent again; it never delays the next one.
    Open I "redeliveries" redeliveries: u32 = 0, SettingKind::Number { least: 0, most: 10, unit: "times" };
    /// How long after a failure a notification is sent again.
    Open I "redeliverAfterMs" redeliver_after_ms: i64 = 2_000, DAY_MS;

    /// How paths in notifications spell ids: lower case with dashes, or upper case without.
    Wire D "idCasing" id_casing: IdCasing = IdCasing::Dashed, IdCasing::KIND;
    /// Whether resourceUrl begins with a slash: on pages of operations it does not, on all others it does.
    Wire D "leadingSlash" leading_slash: LeadingSlash = LeadingSlash::Documented, LeadingSlash::KIND;
    /// Whether the older member resource (/app/calls/…) comes beside resourceUrl, or instead of it. It came beside it in
    /// every payload that was reported (comms-samples #191, #599, msteams-docs #9170).
    Wire O "legacyResource" legacy_resource: LegacyResource = LegacyResource::Beside, LegacyResource::KIND;
    /// The address of a roster: its own, or the malformed …/operations/participants of one documented example.
    Wire D "rosterAddress" roster_address: RosterAddress = RosterAddress::Participants, RosterAddress::KIND;
    /// How a list of one reads as resourceData: as a list, or as the one object, by the number of changes.
    Wire D "collections" collections: Collections = Collections::Lists, Collections::KIND;
    /// Which of id and @odata.id a notification of an operation carries: as each page shows, both, one or none.
    Wire D "operationIds" operation_ids: OperationIds = OperationIds::Documented, OperationIds::KIND;
    /// How the codes of resultInfo are written in notifications.
    Wire D "resultCodes" result_codes: ResultCodes = ResultCodes::Numbers, ResultCodes::KIND;
    /// The name of resultInfo's subcode in notifications: subCode in examples of failed transfers.
    Wire D "subcodeKey" subcode_key: SubcodeKey = SubcodeKey::Documented, SubcodeKey::KIND;
    /// How an operation's status is spelled, in answers and notifications: running on pages, Running in metadata.
    Wire M "statusCasing" status_casing: StatusCasing = StatusCasing::Documented, StatusCasing::KIND;
    /// How a call's state is spelled in notifications: established, or Established in older payloads.
    Wire D "stateCasing" state_casing: Casing = Casing::Camel, Casing::KIND;
    /// What chatInfo an incoming 1:1 call has: a thread without @thread.v2 was observed (comms-samples #700).
    Wire O "oneToOneChat" one_to_one_chat: OneToOneChat = OneToOneChat::Absent, OneToOneChat::KIND;
    /// How an error reads: nested as documented, or flat as observed (docs #10845, comms-samples #432).
    Wire O "errorBody" error_body: ErrorShape = ErrorShape::Nested, ErrorShape::KIND;
    /// Which code an answer with 400 has: other words were observed (sdk-dotnet #625, explorer-v4 #3012).
    Wire O "badRequestCode" bad_request_code: BadRequestCode = BadRequestCode::InvalidRequest, BadRequestCode::KIND;
    /// The share of objects in notifications with a member that no document names.
    Wire O "unknownMembers" unknown_members: f64 = 0.0, SettingKind::Share;
    /// The maximum number of notifications of one call that share a POST when they leave at the same moment.
    Wire D "batchNotifications" batch_notifications: u32 = 1,
        SettingKind::Number { least: 1, most: 100, unit: "notifications" };
    /// How long notifications gather before they leave together; 0 lets each leave at once.
    Wire I "batchWindowMs" batch_window_ms: i64 = 0, MINUTE_MS;

    /// How long every notification is late.
    Fault O "notificationDelayMs" notification_delay_ms: i64 = 0, DAY_MS;
    /// The share of notifications that never leave.
    Fault I "dropNotifications" drop_notifications: f64 = 0.0, SettingKind::Share;
    /// The share of notifications that are delivered twice.
    Fault I "duplicateNotifications" duplicate_notifications: f64 = 0.0, SettingKind::Share;
    /// The share of notifications that are held back, so that later ones overtake them.
    Fault D "reorderNotifications" reorder_notifications: f64 = 0.0, SettingKind::Share;
    /// The longest that a reordered notification is held back.
    Fault I "reorderWindowMs" reorder_window_ms: i64 = 2_000, DAY_MS;
    /// The share of notifications that are an hour late, as observed in the field.
    Fault O "hourLateNotifications" hour_late_notifications: f64 = 0.0, SettingKind::Share;
    /// The share of calls whose end is never notified: neither terminating nor deleted.
    Fault O "neverTerminated" never_terminated: f64 = 0.0, SettingKind::Share;
    /// The result of every call that ends: these codes were observed, without an explanation (comms-samples #664, #667,
    /// #861, #870).
    Fault O "endResult" end_result: EndResult = EndResult::Usual, EndResult::KIND;
    /// The share of running operations that never finish: they change nothing and notify nothing.
    Fault O "neverFinished" never_finished: f64 = 0.0, SettingKind::Share;
    /// How webhooks are signed.
    Fault I "webhookSignature" webhook_signature: Signature = Signature::Valid, Signature::KIND;
    /// The share of webhooks that are signed as webhookSignature says; all others are signed correctly.
    Fault I "webhookSignatureShare" webhook_signature_share: f64 = 1.0, SettingKind::Share;
    /// Whether the OpenID document of the webhooks' issuer is served, or gets 503.
    Fault I "openid" openid: Served = Served::Served, Served::KIND;
    /// Whether the keys that sign webhooks are served, or get 503.
    Fault I "jwks" jwks: Served = Served::Served, Served::KIND;
    /// The share of token requests that get 503.
    Fault I "token503" token_503: f64 = 0.0, SettingKind::Share;
    /// The share of token requests that get 400, as if the secret were wrong.
    Fault I "token400" token_400: f64 = 0.0, SettingKind::Share;
    /// Which requests the faults of answers apply to: actions by name, or * for all.
    Fault I "faultsOn" faults_on: Vec<String> = vec!["*".to_owned()], SettingKind::List { words: ACTIONS };
    /// The share of requests that get 401.
    Fault D "answers401" answers_401: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 403 with code 7504.
    Fault O "answers403" answers_403: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 403 with code 7503, in the flat form, as for an application that is not registered
    /// for calls.
    Fault O "answers7503" answers_7503: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 404, with code 8522 when they name a call.
    Fault O "answers404" answers_404: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 409.
    Fault D "answers409" answers_409: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 429, with Retry-After as retryAfter says.
    Fault D "answers429" answers_429: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 500 and are not performed.
    Fault D "answers500" answers_500: f64 = 0.0, SettingKind::Share;
    /// The share of requests that are performed and then get 500.
    Fault I "answers500After" answers_500_after: f64 = 0.0, SettingKind::Share;
    /// The share of requests that get 503 with Retry-After.
    Fault D "answers503" answers_503: f64 = 0.0, SettingKind::Share;
    /// The share of requests whose connection is cut before they are performed.
    Fault I "cutBefore" cut_before: f64 = 0.0, SettingKind::Share;
    /// The share of requests that are performed and whose connection is then cut.
    Fault I "cutAfter" cut_after: f64 = 0.0, SettingKind::Share;
    /// Which arrives first: the answer, or the notification that follows from the request, which then happens at once.
    Fault I "arrivesFirst" arrives_first: First = First::Answer, First::KIND;
    /// The share of requests that are performed at once and answered late.
    Fault I "slowAnswers" slow_answers: f64 = 0.0, SettingKind::Share;
    /// How late a slow answer is.
    Fault I "slowAnswersMs" slow_answers_ms: u64 = 2_000, SettingKind::Number { least: 0, most: 60_000, unit: "ms of real time" };
}

/// Every permission that the served paths require.
pub const ROLES: [&str; 5] = [
    "Calls.Initiate.All",
    "Calls.InitiateGroupCall.All",
    "Calls.JoinGroupCall.All",
    "Calls.JoinGroupCallAsGuest.All",
    "Calls.AccessMedia.All",
];

/// The allowed values of `faultsOn`: the name of each action, and `*` for every request to Graph's paths.
pub const ACTIONS: &[&str] = &[
    "*",
    "create",
    "getCall",
    "deleteCall",
    "keepAlive",
    "answer",
    "reject",
    "redirect",
    "transfer",
    "mute",
    "unmute",
    "listParticipants",
    "getParticipant",
    "deleteParticipant",
    "invite",
    "startHoldMusic",
    "stopHoldMusic",
    "playPrompt",
    "recordResponse",
    "cancelMediaProcessing",
    "subscribeToTone",
    "sendDtmfTones",
    "updateRecordingStatus",
    "changeScreenSharingRole",
    "addLargeGalleryView",
    "getOperation",
    "audioRoutingGroups",
    "contentSharingSessions",
    "logTeleconferenceDeviceQuality",
];

impl SimSettings {
    /// Returns the delay of notifications, in floor time.
    #[must_use]
    pub fn delay(&self) -> Millis {
        Millis(self.notification_delay_ms.clamp(0, Millis::minutes(24 * 60).0))
    }

    /// Returns the total duration of this many prompts.
    #[must_use]
    pub fn prompts_last(&self, prompts: usize) -> Millis {
        let prompts = i64::try_from(prompts).unwrap_or(i64::MAX);
        Millis(self.prompt_lasts_ms.clamp(1, Millis::minutes(60).0).saturating_mul(prompts))
    }

    /// Returns whether the faults of answers apply to this action. Only `*` covers a request without an action name.
    #[must_use]
    pub fn faults_apply_to(&self, action: Option<&str>) -> bool {
        self.faults_on.iter().any(|it| it == "*" || Some(it.as_str()) == action)
    }
}
