//! The panes of the board and the lines around them.

pub(super) mod band;
pub(super) mod calls;
pub(super) mod caption;
pub(super) mod card;
pub(super) mod events;
pub(super) mod footer;
pub(super) mod header;
pub(super) mod last_hour;
pub(super) mod message;
pub(super) mod operations;
pub(super) mod participants;
pub(super) mod person_words;
pub(super) mod presenter;
pub(super) mod story;
pub(super) mod waiting;
