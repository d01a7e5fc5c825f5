//! Loads scenarios: embedded ones by name, and others from their text.

use super::check;
use super::check::ScenarioError;
use super::document::Scenario;
use super::plan::CallPlan;

/// The embedded scenarios: name and text.
const EMBEDDED: [(&str, &str); 2] = [
    ("reopening-day", include_str!("../../../assets/scenarios/reopening-day.toml")),
    ("empty", include_str!("../../../assets/scenarios/empty.toml")),
];

impl Scenario {
    /// The name of the default scenario.
    pub const DEFAULT: &'static str = "reopening-day";

    /// Returns the embedded scenario with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Result<Self, ScenarioError>> {
        EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| Self::parse(text))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// Fails with the place and kind of the first mistake in the text.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Text(error.to_string()))?;
        check::scenario(&scenario)?;
        Ok(scenario)
    }

    /// Returns the names of the embedded scenarios; the default comes first.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &["reopening-day", "empty"]
    }
}

impl CallPlan {
    /// Validates a call that arrives over the control API.
    ///
    /// # Errors
    /// Fails with the place and kind of the first mistake in the call.
    pub fn check(&self) -> Result<(), ScenarioError> {
        check::call(self, &format!("call {:?}", self.subject))
    }
}
