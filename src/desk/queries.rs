//! Questions that screens, rules and `update` ask about the whole desk. Nothing here changes it.

pub(super) mod acts;
pub(super) mod alerts;
pub(super) mod confirm_facts;
pub(super) mod earlier_acts;
pub(super) mod floor_lines;
pub(super) mod ledger;
pub(super) mod listing;
pub(super) mod overlays;
pub(super) mod presenter;
pub(super) mod rows;
pub(super) mod waiting;
