//! The modals that are drawn over the board, one file each.

pub(super) mod bulk_confirm;
pub(super) mod confirm;
pub(super) mod details;
pub(super) mod evidence;
pub(super) mod help;
pub(super) mod last_hour;
pub(super) mod legend;
pub(super) mod operation_trace;
pub(super) mod palette;
pub(super) mod sim_settings;
pub(super) mod timeline;
