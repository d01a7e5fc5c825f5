//! Reads scenarios: those that are part of the program, and those that people write.

use super::check;
use super::check::ScenarioError;
use super::document::Scenario;
use super::plan::CallPlan;

const EMBEDDED: [(&str, &str); 2] = [
    ("reopening-day", include_str!("../../../assets/scenarios/reopening-day.toml")),
    ("empty", include_str!("../../../assets/scenarios/empty.toml")),
];

impl Scenario {
    /// The name of the default scenario.
    pub const DEFAULT: &'static str = "reopening-day";

    /// Returns a scenario that is part of the program; `None` when no scenario has that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Result<Self, ScenarioError>> {
        EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| Self::parse(text))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// The place and the nature of the first mistake in the text.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Text(error.to_string()))?;
        check::scenario(&scenario)?;
        Ok(scenario)
    }

    /// The names of the scenarios that are part of the program; the default comes first.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &["reopening-day", "empty"]
    }
}

impl CallPlan {
    /// Checks one call by itself, as it comes over the control API.
    ///
    /// # Errors
    /// The place and the nature of the first mistake in the call.
    pub fn check(&self) -> Result<(), ScenarioError> {
        check::call(self, &format!("call {:?}", self.subject))
    }
}
