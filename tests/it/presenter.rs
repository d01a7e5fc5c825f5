//! The presenter's tools: steps, the simulator's settings and its control API.

pub(crate) mod binary;
mod caption;
pub(crate) mod picture;
pub(crate) mod presentation;
pub(crate) mod sim_control;
pub(crate) mod sim_settings;
pub(crate) mod steps;
