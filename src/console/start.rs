//! The arguments of a console, and the ways in which it ends.

use super::options::ConsoleOptions;
use super::relay_access::{RelayAccess, RelayAddressError};
use super::sim_control::ControlAccess;
use super::terminal::TerminalError;
use crate::time::clock::Clock;

/// The arguments of a console.
pub struct ConsoleStart {
    /// The relay, or a plain source.
    pub relay: RelayAccess,
    /// The control API of the simulator behind the relay, if there is one.
    pub control: Option<ControlAccess>,
    /// The floor's clock; a demo shares the simulator's.
    pub clock: Clock,
    /// The operator's settings.
    pub options: ConsoleOptions,
    /// Called once, after the first frame has been drawn.
    pub first_frame: Option<Box<dyn FnOnce() + Send>>,
}

/// Why a console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleExit {
    /// The operator pressed the quit key.
    Quit,
    /// The process received a signal to end.
    Signal,
}

/// A failure that ends a console.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The terminal cannot be used.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// The relay's address cannot be used.
    #[error(transparent)]
    Relay(#[from] RelayAddressError),
    /// A line of plain output could not be written.
    #[error("standard output is closed")]
    Output(#[from] std::io::Error),
    /// The relay refuses this operator, with this reason.
    #[error("the relay refuses this console: {0}")]
    Refused(String),
}
