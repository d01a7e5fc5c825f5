//! Scenario files: what happens on the simulated floor, and when, as TOML.
//!
//! Pure: text in, data out. A scenario says what a world plays. The acts of its supervisors go through a relay
//! and are not performed here.

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
pub use progress::{ProgressSheet, StepError, StepProgress, StepTarget, StepWay};
pub use steps::{ExpectedSight, ScenarioStep, Sight, StepCue};
