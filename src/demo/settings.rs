//! The arguments of a demo.

use crate::sim::{Scenario, SimSettings};

/// The arguments of a demo.
#[derive(Debug, Clone)]
pub struct DemoSettings {
    /// The scenario that the simulator plays.
    pub scenario: Scenario,
    /// The seed of every random choice.
    pub seed: u64,
    /// Floor time per real time: 1 is real time, 0 stands still.
    pub speed: f64,
    /// The simulator's settings and faults.
    pub faults: SimSettings,
}
