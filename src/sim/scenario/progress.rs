//! The progress of a presentation: the current step, the steps that have begun, and the expectations that were visible.
//! The caller observes the world.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::Scenario;
use super::steps::{ExpectedObservation, ScenarioStep, StepCue, StepSelection};
use crate::graph::{CallId, ParticipantId};

/// The progress of a presentation.
#[derive(Debug)]
pub struct StepProgress {
    name: String,
    title: String,
    description: String,
    steps: Vec<ScenarioStep>,
    /// The current step, from 0; it has no meaning if there are no steps.
    at: usize,
    begun: BTreeSet<usize>,
    /// The expectations that were visible: step and expectation, both from 0.
    seen: BTreeSet<(usize, usize)>,
}

/// What happens at the beginning of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepBeginning {
    /// The people's actions; empty if the step began before.
    pub cues: Vec<StepCue>,
    /// The settings of the simulator during the step, by name.
    pub faults: Map<String, Value>,
}

/// The step to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a step is \"next\", \"previous\" or a number from 1")]
pub enum StepTarget {
    /// The step of this number, from 1.
    Number(usize),
    /// The next or the previous step.
    Neighbour(StepMove),
}

/// The direction from the current step to its neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepMove {
    /// The step after the current one.
    Next,
    /// The step before the current one.
    Previous,
}

/// The reason why the presentation cannot go to a step.
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
        /// The number in the request.
        asked: usize,
        /// The number of the last step.
        last: usize,
    },
}

/// A presentation as the control API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgressReport {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's title for people.
    pub title: String,
    /// The scenario's description.
    pub description: String,
    /// The scenarios to choose from.
    pub scenarios: Vec<&'static str>,
    /// The current step, from 1; 0 if there are no steps.
    pub step: usize,
    /// Every step, in order.
    pub steps: Vec<StepReport>,
}

/// One step of a presentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The number of the step, from 1.
    pub number: usize,
    /// The subject of the step.
    pub title: String,
    /// The presenter's notes.
    pub notes: String,
    /// The keys to press.
    pub press: String,
    /// What the presenter's console selects, if the step selects something that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<SelectionReport>,
    /// The states that the step expects.
    pub expects: Vec<ExpectationReport>,
    /// Whether every expected state has been seen; absent if the step expects nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
}

/// What a step selects, by the ids of the current world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SelectionReport {
    /// The id of the call.
    pub call_id: CallId,
    /// The person, if the step selects one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<ParticipantId>,
}

/// One expectation of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectationReport {
    /// The expectation, in words.
    pub what: String,
    /// Whether it has been seen since the step began.
    pub seen: bool,
}

impl StepProgress {
    /// Starts at the first step of a scenario.
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

    /// Goes to a step and returns what happens at its beginning. Skips the steps in between.
    ///
    /// Fails if there is no such step.
    pub(crate) fn go_to(&mut self, to: StepTarget) -> Result<StepBeginning, StepError> {
        let last = self.steps.len();
        if last == 0 {
            return Err(StepError::None(self.name.clone()));
        }
        self.at = match to {
            StepTarget::Neighbour(StepMove::Next) if self.at + 1 >= last => return Err(StepError::Last(last)),
            StepTarget::Neighbour(StepMove::Next) => self.at + 1,
            StepTarget::Neighbour(StepMove::Previous) => self.at.checked_sub(1).ok_or(StepError::First)?,
            StepTarget::Number(asked) if asked == 0 || asked > last => return Err(StepError::Number { asked, last }),
            StepTarget::Number(asked) => asked - 1,
        };
        let first_time = self.begun.insert(self.at);
        let begun = self.steps.get(self.at).map(|step| StepBeginning {
            cues: if first_time { step.events.clone() } else { Vec::new() },
            faults: step.faults.clone(),
        });
        Ok(begun.unwrap_or_default())
    }

    /// Records which expectations of the current step are visible. An expectation that was visible once stays recorded.
    pub fn note_visible(&mut self, is_visible: impl Fn(&ExpectedObservation) -> bool) {
        let Some(step) = self.steps.get(self.at) else { return };
        for (number, expected) in step.expects.iter().enumerate() {
            if !self.seen.contains(&(self.at, number)) && is_visible(expected) {
                self.seen.insert((self.at, number));
            }
        }
    }

    /// Returns the presentation as the control API shows it; `find` looks up what a step selects.
    #[must_use]
    pub fn report(&self, find: impl Fn(&StepSelection) -> Option<SelectionReport>) -> ProgressReport {
        let steps = self.steps.iter().enumerate().map(|(at, step)| {
            let seen = |number| self.seen.contains(&(at, number));
            let expects = step.expects.iter().enumerate();
            let expects: Vec<ExpectationReport> =
                expects.map(|(number, it)| ExpectationReport { what: it.to_string(), seen: seen(number) }).collect();
            StepReport {
                number: at + 1,
                title: step.title.clone(),
                notes: step.say.clone(),
                press: step.press.clone(),
                select: step.select.as_ref().and_then(&find),
                seen: (!expects.is_empty()).then(|| expects.iter().all(|it| it.seen)),
                expects,
            }
        });
        ProgressReport {
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
    fn a_step_begins_once_and_observations_stay_recorded() {
        let mut progress = StepProgress::new(&Scenario::parse(STEPS).unwrap());
        assert_eq!((progress.report(|_| None).step, &*progress.report(|_| None).title), (1, "x"));
        assert_eq!(progress.go_to(StepTarget::Neighbour(StepMove::Previous)), Err(StepError::First));
        progress.note_visible(|_| true);
        assert_eq!(
            progress.report(|_| None).steps[1].seen,
            Some(false),
            "only the current step's expectations are checked"
        );
        assert_eq!(progress.go_to(StepTarget::Neighbour(StepMove::Next)).unwrap().cues.len(), 1);
        assert_eq!(progress.go_to(StepTarget::Neighbour(StepMove::Next)), Err(StepError::Last(2)));
        progress.note_visible(|it| it.is == super::super::Observation::Muted);
        assert_eq!(progress.report(|_| None).steps[1].seen, Some(false));
        progress.note_visible(|it| it.is == super::super::Observation::Free);
        let step = &progress.report(|_| None).steps[1];
        assert_eq!(step.seen, Some(true));
        assert_eq!(step.expects[0].what, "Bob is muted");
        assert_eq!(step.expects[1].what, "nobody is on hold in A");
        assert_eq!(progress.go_to(StepTarget::Number(1)).unwrap().cues, []);
        assert_eq!(progress.go_to(StepTarget::Number(2)).unwrap().cues, [], "a step's events happen once");
        assert_eq!(progress.go_to(StepTarget::Number(3)), Err(StepError::Number { asked: 3, last: 2 }));
    }

    #[test]
    fn a_step_target_parses() {
        let read = |text| serde_json::from_str::<StepTarget>(text).map_err(|it| it.to_string());
        assert_eq!(read("\"next\""), Ok(StepTarget::Neighbour(StepMove::Next)));
        assert_eq!(read("3"), Ok(StepTarget::Number(3)));
        assert!(read("\"sideways\"").unwrap_err().contains("\"next\", \"previous\" or a number"));
    }
}
