//! The presentation and the simulator's settings, as a presenter's desk knows them.

pub(super) mod script;
pub(super) mod sim_control;
pub(super) mod sim_settings;
