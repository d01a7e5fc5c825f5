//! The options that the demo and the simulator share: scenario, seed, speed and settings.

use anyhow::Context as _;
use clap::Args;

use crate::sim::{Scenario, SimSettings};
use crate::time::clock::Clock;

/// The default seed.
const SEED: u64 = 42;

/// The options for the simulated floor.
#[derive(Debug, Args)]
pub(in crate::cli) struct ScenarioArgs {
    /// The scenario: reopening-day, empty, or a TOML file.
    #[arg(long, value_name = "NAME|FILE", default_value = Scenario::DEFAULT)]
    scenario: String,
    /// The seed of all randomness: ids, delays, background traffic.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    pub(in crate::cli) seed: u64,
    /// The speed of floor time: 1 is real time, 0 stands still until it is stepped; at most 1000.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true)]
    speed: f64,
    /// Set a setting of the simulator, such as holdAnswer=completed; may be given several times.
    /// callboard sim --explain lists them.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl Default for ScenarioArgs {
    fn default() -> Self {
        Self { scenario: Scenario::DEFAULT.to_owned(), seed: SEED, speed: 1.0, set: Vec::new() }
    }
}

impl ScenarioArgs {
    pub(in crate::cli) fn scenario(&self) -> anyhow::Result<Scenario> {
        if let Some(named) = Scenario::named(&self.scenario) {
            return named.with_context(|| format!("the scenario {} is broken", self.scenario));
        }
        let text = std::fs::read_to_string(&self.scenario).with_context(|| {
            let names = Scenario::names().join(", ");
            format!("{:?} is neither a scenario ({names}) nor a readable file", self.scenario)
        })?;
        Scenario::parse(&text).with_context(|| format!("the scenario file {}", self.scenario))
    }

    pub(in crate::cli) fn settings(&self) -> anyhow::Result<SimSettings> {
        let mut changes = serde_json::Map::new();
        for pair in &self.set {
            let (name, value) = pair.split_once('=').with_context(|| format!("--set {pair}: expected NAME=VALUE"))?;
            // A value that is not JSON is a string.
            changes.insert(name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()));
        }
        SimSettings::default().changed(&changes).context("--set")
    }

    pub(in crate::cli) fn speed(&self) -> anyhow::Result<f64> {
        let is_valid = self.speed.is_finite() && self.speed >= 0.0 && self.speed <= Clock::FASTEST;
        anyhow::ensure!(
            is_valid,
            "--speed {}: expected a number from 0, which stands still, to {}",
            self.speed,
            Clock::FASTEST
        );
        Ok(self.speed)
    }
}
