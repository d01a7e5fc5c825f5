//! The board: what its panes show, keep and leave out, in every look and size.

pub(crate) mod gallery;
pub(crate) mod hostile_names;
mod line;
mod order;
pub(crate) mod screens;
mod signs;
mod steady;
pub(crate) mod tables;
pub(crate) mod themes;
pub(crate) mod views;
mod waiting;
