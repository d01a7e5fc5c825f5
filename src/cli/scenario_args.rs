//! What the commands that simulate share: the scenario, its seed, its pace, and the simulator's settings.

use anyhow::Context as _;
use clap::Args;

use crate::clock::Clock;
use crate::sim::{Scenario, SimSettings};

/// The seed of a demo that names none.
const SEED: u64 = 42;

/// What is simulated.
#[derive(Debug, Args)]
pub(super) struct ScenarioArgs {
    /// The scenario: reopening-day, empty, or a TOML file.
    #[arg(long, value_name = "NAME|FILE", default_value = Scenario::DEFAULT)]
    scenario: String,
    /// The seed that ids, delays, background traffic and everything else by chance come from.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    pub(super) seed: u64,
    /// How many times as fast as real time floor time runs: 0 stands still until it is stepped, at most 1000.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true)]
    speed: f64,
    /// A setting of the simulator, for example holdAnswer=completed; may be given several times. All of them:
    /// callboard sim --explain.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl Default for ScenarioArgs {
    fn default() -> Self {
        Self { scenario: Scenario::DEFAULT.to_owned(), seed: SEED, speed: 1.0, set: Vec::new() }
    }
}

impl ScenarioArgs {
    pub(super) fn scenario(&self) -> anyhow::Result<Scenario> {
        if let Some(named) = Scenario::named(&self.scenario) {
            return named.with_context(|| format!("the scenario {} is broken", self.scenario));
        }
        let text = std::fs::read_to_string(&self.scenario).with_context(|| {
            let names = Scenario::names().join(", ");
            format!("there is no scenario {:?}: name one of {names}, or a file", self.scenario)
        })?;
        Scenario::parse(&text).with_context(|| format!("the scenario file {}", self.scenario))
    }

    pub(super) fn faults(&self) -> anyhow::Result<SimSettings> {
        let mut changes = serde_json::Map::new();
        for pair in &self.set {
            let (name, value) = pair.split_once('=').with_context(|| format!("--set {pair}: it takes NAME=VALUE"))?;
            // A value that is no JSON is a word.
            changes.insert(name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()));
        }
        SimSettings::default().changed(&changes).context("--set")
    }

    pub(super) fn speed(&self) -> anyhow::Result<f64> {
        let sound = self.speed.is_finite() && self.speed >= 0.0 && self.speed <= Clock::FASTEST;
        anyhow::ensure!(
            sound,
            "--speed {}: it takes a number from 0, which stands still, to {}",
            self.speed,
            Clock::FASTEST
        );
        Ok(self.speed)
    }
}
