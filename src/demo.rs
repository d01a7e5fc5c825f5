//! The demo: simulator, relay and console in one process, over loopback, on one clock.
//!
//! It knows every shell and builds nothing of its own: the simulator's scenario says what happens, the relay's
//! gate carries the supervisors' acts, the console shows it. The supervisors of the scenario are headless desks.

mod assembly;
mod plain_story;
mod supervisors;

use crate::console::{self, ConsoleError, ConsoleOptions, RelayAddressError};
use crate::relay::{OperatorsError, RelayError};
use crate::sim::{Scenario, SimError, SimSettings};

pub use assembly::{PRESENTER, RunningDemo};

/// What a demo plays.
#[derive(Debug, Clone)]
pub struct DemoSettings {
    /// The scenario.
    pub scenario: Scenario,
    /// The seed.
    pub seed: u64,
    /// How many times as fast as real time floor time runs.
    pub speed: f64,
    /// The simulator's settings.
    pub faults: SimSettings,
}

/// Why a demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The simulator does not start.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// The relay does not start.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The console does not start.
    #[error(transparent)]
    Console(#[from] ConsoleError),
    /// A supervisor's desk does not find the relay.
    #[error(transparent)]
    Desk(#[from] RelayAddressError),
    /// No tokens can be made for the supervisors.
    #[error(transparent)]
    Operators(#[from] OperatorsError),
    /// An address of our own does not read.
    #[error("an address of the demo's own is no URL: {0}")]
    Address(#[from] url::ParseError),
    /// Standard output is closed.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Shows the demo in this terminal until the operator quits.
///
/// # Errors
/// When a part does not start, or the terminal cannot be used.
pub async fn show(settings: DemoSettings, fittings: ConsoleOptions) -> Result<(), DemoError> {
    let stage = RunningDemo::set(settings).await?;
    let relay = stage.seat(PRESENTER);
    let shown = match relay {
        Some(relay) => console::run(console::ConsoleStart {
            relay,
            control: Some(stage.control()),
            clock: stage.clock.clone(),
            fittings,
            first_frame: None,
        })
        .await
        .map(drop)
        .map_err(DemoError::from),
        None => Ok(()),
    };
    stage.strike().await;
    shown
}

/// Tells the scenario's story in plain lines, its acts performed through a desk and proved; whether every proof
/// that the story expects came.
///
/// # Errors
/// When a part does not start, or standard output is closed.
pub async fn tell(settings: DemoSettings) -> Result<bool, DemoError> {
    let stage = RunningDemo::set(settings).await?;
    let told = plain_story::tell(&stage).await;
    stage.strike().await;
    told
}
