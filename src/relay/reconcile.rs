//! Keeps calls alive, and re-reads calls and operations whose state is doubtful.

pub(super) mod missing_calls;
pub(super) mod reconciler;
pub(super) mod task;
