//! Keeps calls alive and re-reads what may be wrong.

pub(super) mod missing_calls;
pub(super) mod reconciler;
pub(super) mod task;
