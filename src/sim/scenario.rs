//! Scenario files in TOML: the calls of the simulated floor, and their timed events.
//!
//! Pure: reads text and returns data. The simulator's world plays the scenario's calls. The demo plays the supervisors'
//! acts, through a relay like any operator.

mod acts;
mod check;
mod document;
mod load;
mod offset;
mod plan;
mod progress;
mod steps;

pub use acts::{ActKind, ExpectedOutcome, ScenarioAct};
pub use check::ScenarioError;
pub use document::Scenario;
pub use plan::{
    Answerer, CallPlan, PersonAction, PersonEvent, PersonKind, PersonPlan, PersonReaction, PlannedCallKind,
    PlannedDirection, RandomTraffic, ReactionTrigger,
};
pub use progress::{ProgressReport, SelectionReport, StepBeginning, StepError, StepMove, StepProgress, StepTarget};
pub use steps::{ExpectedObservation, Observation, ScenarioStep, StepCue, StepSelection};
