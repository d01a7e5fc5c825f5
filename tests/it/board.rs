//! The board: what its panes show, keep and leave out, in every look and size.

mod colours;
mod floor_lines;
mod footer;
pub(crate) mod gallery;
pub(crate) mod hostile_names;
mod kept_list;
mod line;
mod order;
pub(crate) mod screens;
mod signs;
mod steady;
mod story;
pub(crate) mod tables;
pub(crate) mod themes;
pub(crate) mod views;
mod waiting;
