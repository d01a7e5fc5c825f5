//! What the control API and a scenario do to a world.

pub(super) mod people;
pub(super) mod script;
