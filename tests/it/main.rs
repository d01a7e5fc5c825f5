//! The one integration binary: laws, stories, wire, loopback, tty and tidy.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that meets the unexpected fails, and one that is skipped says so"
)]

mod attacks;
mod attribution;
mod bot;
mod bulk;
mod bursts;
mod evidence;
mod examples;
mod explain;
mod forced;
mod forms;
mod found_again;
mod gallery;
mod ghosts;
mod habits;
mod hands;
mod history;
mod hostile;
mod inspection;
mod journal;
mod judges;
mod keys;
mod kills;
mod lanes;
mod last_hour;
mod laws;
mod letter;
mod line;
mod looks;
mod loopback;
mod outside;
mod panel;
mod plain;
mod presenting;
mod presses;
mod private;
mod processes;
mod promises;
mod proof;
mod readme;
mod rubbish;
mod screens;
mod servers;
mod set;
mod settings;
mod stage;
mod stories;
mod story;
mod tables;
mod terminal;
mod themes;
mod tidy;
mod trails;
mod traps;
mod tty;
mod understood;
mod walk;
mod weather;
mod wire;
