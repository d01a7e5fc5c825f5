//! callboard: a live call board for Microsoft Graph calls, in the terminal.
//!
//! The modules in reading order. The pure ones come first: they do no I/O, read no clock and cannot
//! fail. The shells follow.

pub mod bounded;
pub mod graph;
pub mod time;

pub mod floor;
pub mod protocol;

pub mod desk;
pub mod screen;

pub mod feed;
pub mod journal;

pub mod relay;
pub mod sim;

pub mod console;
pub mod demo;

pub mod cli;
