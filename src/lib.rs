//! callboard: a live call board for Microsoft Graph calls, in the terminal.
//!
//! The map, in reading order. Pure rooms first: they do no I/O, read no clock and cannot fail. Then the shells.

pub mod clock;
pub mod console;
pub mod desk;
pub mod feed;
pub mod floor;
pub mod graph;
pub mod journal;
pub mod moment;
pub mod relay;
pub mod screen;
pub mod sim;
