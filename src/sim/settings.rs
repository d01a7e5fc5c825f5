//! The settings of the simulator: behaviour that Graph's documentation leaves open, alternative JSON forms, and faults.
//! Pure data; the code that reads a setting implements its effect.

mod choices;
mod explain;
mod kind;
mod presets;
mod table;

pub use choices::{
    BadRequestCode, Casing, ChatAfterInvite, Collections, DeltaForm, EndResult, ErrorShape, First, HoldAnswer,
    IdCasing, InvitationOutcome, LeadingSlash, LegacyResource, MediaNews, NoContent, OData, OneToOneChat,
    OneToOneRoster, OperationIds, Permit, PromptOutcome, RecordedAnswer, RedirectEnd, ResultCodes, RetryAfter,
    RoleCheck, RosterAddress, SecondHold, Served, Signature, StatusCasing, SubcodeKey, Transfer, Undocumented,
    Unrecorded,
};
pub use explain::{ExplainedSetting, SettingError};
pub use kind::{SettingEvidence, SettingGroup, SettingKind, SettingSpec};
pub use presets::{ExplainedPreset, FaultPreset, PRESETS, SettingsChange};
pub use table::{ACTIONS, ROLES, SETTINGS, SimSettings};

#[cfg(test)]
mod tests;
