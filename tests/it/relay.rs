//! Tests of the relay: what it accepts, refuses, stores and survives.

pub(crate) mod attacks;
pub(crate) mod bad_input;
mod chaos;
pub(crate) mod journal_command;
pub(crate) mod kills;
pub(crate) mod servers;
