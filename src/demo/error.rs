//! The failures of a demo: those of its parts.

use crate::console::{ConsoleError, RelayAddressError};
use crate::relay::{OperatorsError, RelayError};
use crate::sim::SimError;

/// A failure that ends a demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The simulator failed to start.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// The relay failed to start.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The console failed.
    #[error(transparent)]
    Console(#[from] ConsoleError),
    /// A supervisor's desk refused the relay's address.
    #[error(transparent)]
    Desk(#[from] RelayAddressError),
    /// The supervisors' tokens could not be made.
    #[error(transparent)]
    Operators(#[from] OperatorsError),
    /// One of the demo's own addresses is not a URL.
    #[error("an address of the demo is not a URL: {0}")]
    Address(#[from] url::ParseError),
    /// A line of the plain story could not be written.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// No supervisor of the demo has the presenter's name.
    #[error("the demo has no presenter: this is a fault of callboard")]
    NoPresenter,
    /// The board did not show everything in time.
    #[error("the board was not complete in time: try again")]
    Incomplete,
}
