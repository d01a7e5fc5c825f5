//! What tests share: a desk to press keys on, journals written by hand, running servers, a terminal.

pub(crate) mod desk_driver;
pub(crate) mod desk_feed;
pub(crate) mod examples;
pub(crate) mod harness;
pub(crate) mod journal_builder;
pub(crate) mod outside;
pub(crate) mod terminal;
pub(crate) mod understood;
