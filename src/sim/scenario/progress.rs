//! The current step of a presentation, the steps that have begun, and the expectations that were visible. The caller
//! looks at the world.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::document::Scenario;
use super::steps::{ExpectedSight, ScenarioStep, StepCue};

/// Where a presentation is.
#[derive(Debug)]
pub struct StepProgress {
    name: String,
    title: String,
    description: String,
    steps: Vec<ScenarioStep>,
    /// The current step, from 0; without meaning when there are no steps.
    at: usize,
    begun: BTreeSet<usize>,
    /// The expectations that were visible: step and expectation, both from 0.
    seen: BTreeSet<(usize, usize)>,
}

/// The step to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a step is \"next\", \"previous\" or a number from 1")]
pub enum StepTarget {
    /// The step of this number, from 1.
    Number(usize),
    /// The step beside the current one.
    Way(StepWay),
}

/// Which neighbour of the current step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepWay {
    /// The step after the current one.
    Next,
    /// The step before the current one.
    Previous,
}

/// Why the presentation cannot go to a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The scenario has no steps.
    #[error("the scenario {0} has no steps")]
    None(String),
    /// There is no step before the first.
    #[error("this is the first step")]
    First,
    /// There is no step after the last.
    #[error("this is the last step, {0}")]
    Last(usize),
    /// There is no step of that number.
    #[error("there is no step {asked}: the steps are 1 to {last}")]
    Number {
        /// The number that was asked for.
        asked: usize,
        /// The number of the last step.
        last: usize,
    },
}

/// A presentation as the control API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgressSheet {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's title for people.
    pub title: String,
    /// The scenario's description.
    pub description: String,
    /// The scenarios that can be switched to.
    pub scenarios: Vec<&'static str>,
    /// The current step, from 1; 0 when there are no steps.
    pub step: usize,
    /// Every step, in order.
    pub steps: Vec<StepSheet>,
}

/// One step of a presentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepSheet {
    /// The number of the step, from 1.
    pub number: usize,
    /// The subject of the step.
    pub title: String,
    /// The presenter's notes.
    pub notes: String,
    /// The keys to press.
    pub press: String,
    /// The expectations of the step.
    pub expects: Vec<ExpectedSheet>,
    /// Whether all of it has been seen; absent where nothing is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
}

/// One expectation of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedSheet {
    /// The expectation, in words.
    pub what: String,
    /// Whether it has been seen since the step began.
    pub seen: bool,
}

impl StepProgress {
    /// The progress of a scenario that begins.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            title: scenario.title().to_owned(),
            description: scenario.description.clone(),
            steps: scenario.steps.clone(),
            at: 0,
            begun: BTreeSet::from([0]),
            seen: BTreeSet::new(),
        }
    }

    /// Goes to a step, and returns its events; no events when the step began before. Skips the steps in between.
    ///
    /// # Errors
    /// When there is no such step.
    pub fn go_to(&mut self, to: StepTarget) -> Result<Vec<StepCue>, StepError> {
        let last = self.steps.len();
        if last == 0 {
            return Err(StepError::None(self.name.clone()));
        }
        self.at = match to {
            StepTarget::Way(StepWay::Next) if self.at + 1 >= last => return Err(StepError::Last(last)),
            StepTarget::Way(StepWay::Next) => self.at + 1,
            StepTarget::Way(StepWay::Previous) => self.at.checked_sub(1).ok_or(StepError::First)?,
            StepTarget::Number(asked) if asked == 0 || asked > last => return Err(StepError::Number { asked, last }),
            StepTarget::Number(asked) => asked - 1,
        };
        let first_time = self.begun.insert(self.at);
        let cues = self.steps.get(self.at).filter(|_| first_time).map(|it| it.events.clone());
        Ok(cues.unwrap_or_default())
    }

    /// Notes which expectations of the current step are visible; one that was visible once stays noted.
    pub fn note_visible(&mut self, sees: impl Fn(&ExpectedSight) -> bool) {
        let Some(step) = self.steps.get(self.at) else { return };
        for (number, expected) in step.expects.iter().enumerate() {
            if !self.seen.contains(&(self.at, number)) && sees(expected) {
                self.seen.insert((self.at, number));
            }
        }
    }

    /// Returns the presentation as the control API shows it.
    #[must_use]
    pub fn sheet(&self) -> ProgressSheet {
        let steps = self.steps.iter().enumerate().map(|(at, step)| {
            let seen = |number| self.seen.contains(&(at, number));
            let expects = step.expects.iter().enumerate();
            let expects: Vec<ExpectedSheet> =
                expects.map(|(number, it)| ExpectedSheet { what: it.to_string(), seen: seen(number) }).collect();
            StepSheet {
                number: at + 1,
                title: step.title.clone(),
                notes: step.say.clone(),
                press: step.press.clone(),
                seen: (!expects.is_empty()).then(|| expects.iter().all(|it| it.seen)),
                expects,
            }
        });
        ProgressSheet {
            scenario: self.name.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            scenarios: Scenario::names().to_vec(),
            step: if self.steps.is_empty() { 0 } else { self.at + 1 },
            steps: steps.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &str = "name = 'x'\ndescription = 'y'\nprelude = '1m'\n\
        [[calls]]\nsubject = 'A'\nkind = 'group'\npeople = [{ name = 'Ada' }, { name = 'Bob' }]\n\
        [[steps]]\ntitle = 'one'\nsay = 'a'\ndo = 'b'\n\
        [[steps]]\ntitle = 'two'\nsay = 'a'\ndo = 'b'\n\
        events = [{ call = 'A', participant = 'Bob', does = 'mute' }]\n\
        expects = [{ call = 'A', participant = 'Bob', is = 'muted' }, { call = 'A', is = 'free' }]\n";

    #[test]
    fn a_step_begins_once_and_what_was_seen_stays_seen() {
        let mut progress = StepProgress::new(&Scenario::parse(STEPS).unwrap());
        assert_eq!((progress.sheet().step, &*progress.sheet().title), (1, "x"));
        assert_eq!(progress.go_to(StepTarget::Way(StepWay::Previous)), Err(StepError::First));
        progress.note_visible(|_| true);
        assert_eq!(progress.sheet().steps[1].seen, Some(false), "only the current step's are looked for");
        assert_eq!(progress.go_to(StepTarget::Way(StepWay::Next)).unwrap().len(), 1);
        assert_eq!(progress.go_to(StepTarget::Way(StepWay::Next)), Err(StepError::Last(2)));
        progress.note_visible(|it| it.is == super::super::Sight::Muted);
        assert_eq!(progress.sheet().steps[1].seen, Some(false));
        progress.note_visible(|it| it.is == super::super::Sight::Free);
        let step = &progress.sheet().steps[1];
        assert_eq!(step.seen, Some(true));
        assert_eq!(step.expects[0].what, "Bob is muted");
        assert_eq!(step.expects[1].what, "nobody is on hold in A");
        assert_eq!(progress.go_to(StepTarget::Number(1)).unwrap(), []);
        assert_eq!(progress.go_to(StepTarget::Number(2)).unwrap(), [], "it happens the first time only");
        assert_eq!(progress.go_to(StepTarget::Number(3)), Err(StepError::Number { asked: 3, last: 2 }));
    }

    #[test]
    fn a_step_to_go_to_reads_as_people_write_it() {
        let read = |text| serde_json::from_str::<StepTarget>(text).map_err(|it| it.to_string());
        assert_eq!(read("\"next\""), Ok(StepTarget::Way(StepWay::Next)));
        assert_eq!(read("3"), Ok(StepTarget::Number(3)));
        assert!(read("\"sideways\"").unwrap_err().contains("\"next\", \"previous\" or a number"));
    }
}
