//! What Graph's API answers.

pub(super) mod answer;
pub(super) mod operate;
pub(super) mod permission;
pub(super) mod read;
