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

mod board;
mod desk;
mod e2e;
mod floor;
mod modal;
mod presenter;
mod privacy;
mod relay;
mod repo;
mod sim;
mod support;
