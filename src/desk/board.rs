//! The panes: which rows they show, in which order, what is selected, and what needs attention.

pub(super) mod alerts;
pub(super) mod columns;
pub(super) mod filter;
pub(super) mod notices;
pub(super) mod pane_sizes;
pub(super) mod row_values;
pub(super) mod selection;
pub(super) mod view;
pub(super) mod waiting;
