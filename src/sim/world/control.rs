//! The changes that the control API and a scenario make to a world.

pub(super) mod people;
pub(super) mod script;
