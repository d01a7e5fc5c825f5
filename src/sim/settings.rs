//! The settings of the simulator: what Graph's documentation leaves open, how its wire may spell, and faults to
//! rehearse. Pure data: the reader of a setting decides its effect.

mod choices;
mod explain;
mod kind;
mod table;

pub use choices::{
    Casing, Collections, DeltaForm, First, HoldAnswer, IdCasing, LeadingSlash, LegacyResource, MediaNews, OData,
    OperationIds, Permit, RecordedAnswer, ResultCodes, RetryAfter, RoleCheck, RosterAddress, SecondHold, Served,
    Signature, StatusCasing, SubcodeKey, Transfer, Undocumented, Unrecorded,
};
pub use explain::{ExplainedSetting, SettingError};
pub use kind::{SettingEvidence, SettingGroup, SettingKind, SettingSpec};
pub use table::{ACTIONS, ROLES, SETTINGS, SimSettings};

#[cfg(test)]
mod tests;
