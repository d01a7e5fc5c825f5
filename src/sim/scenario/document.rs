//! The structure of a scenario file.

use serde::Deserialize;

use crate::time::Millis;

use super::acts::ScenarioAct;
use super::offset;
use super::plan::{CallPlan, RandomTraffic};
use super::steps::ScenarioStep;

/// A scenario: calls, their events, the supervisors' acts, and the steps of a presentation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scenario {
    /// The name that `--scenario` takes.
    pub name: String,
    /// A title for people; its name when absent.
    #[serde(default)]
    title: Option<String>,
    /// A description in a sentence or two.
    pub description: String,
    /// The length of the prelude before its start.
    #[serde(default, deserialize_with = "offset::span")]
    pub prelude: Millis,
    /// Whether random people join the calls that clients create, and act at random.
    #[serde(default)]
    pub company: bool,
    /// Random calls in the background.
    #[serde(default)]
    pub traffic: Option<RandomTraffic>,
    /// The planned calls.
    #[serde(default)]
    pub calls: Vec<CallPlan>,
    /// The supervisors' acts. The simulator does not perform them.
    #[serde(default)]
    pub acts: Vec<ScenarioAct>,
    /// The steps of a presentation, in order.
    #[serde(default)]
    pub steps: Vec<ScenarioStep>,
}

impl Scenario {
    /// Returns its title, or its name if it has no title.
    #[must_use]
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}
