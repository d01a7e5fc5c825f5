//! The desk: what keys do, what acts need, and what is never sent.

pub(crate) mod acts;
pub(crate) mod armed;
pub(crate) mod bulk_acts;
pub(crate) mod eye;
pub(crate) mod fast;
pub(crate) mod forced;
pub(crate) mod honest_time;
mod input;
pub(crate) mod invariants;
pub(crate) mod preferences;
mod progress;
pub(crate) mod proof_table_ui;
mod undo;
