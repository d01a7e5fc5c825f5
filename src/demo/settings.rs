//! The arguments of a demo.

use crate::sim::{Scenario, SimSettings};

/// The arguments of a demo.
#[derive(Debug, Clone)]
pub struct DemoSettings {
    /// The scenario that the simulator plays.
    pub scenario: Scenario,
    /// The seed of every random choice.
    pub seed: u64,
    /// The speed of floor time: 1 is real time, 0 is stopped.
    pub speed: f64,
    /// The simulator's settings and faults.
    pub faults: SimSettings,
}
