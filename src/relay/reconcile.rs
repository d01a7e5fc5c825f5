//! Keeps calls alive, and re-reads calls and operations whose state is doubtful.

pub(super) mod due_queues;
pub(super) mod plan;
pub(super) mod reconciler;
pub(super) mod schedule;
pub(super) mod task;
