//! The simulator: a stand-in for Microsoft Graph, with the same paths, bodies and signed webhooks.
//!
//! [`world`], [`scenario`] and [`settings`] are pure: they compute from data and do no I/O. The other modules serve the
//! world over HTTP. The simulator is never more lenient than Graph. Each behaviour that the documentation leaves open
//! is a named setting, marked \[unverified\]. The simulator does not know how a board interprets its notifications.

mod error;
mod keyring;
mod keys;
mod reply;
mod restart;
mod runtime;
pub mod scenario;
mod server;
pub mod settings;
mod simulator;
mod webhooks;
pub mod world;
mod world_restart;

pub use error::SimError;
pub use keys::{KeyError, TOKENS};
pub use restart::PreludeDriver;
pub use scenario::{Scenario, ScenarioError};
pub use server::{RegisteredCertificate, RegistrationError};
pub use settings::SimSettings;
pub use simulator::{SimReady, SimStart, Simulator, TrustedParties, start, start_trusting};
pub use webhooks::DeliveryCounts;
pub use world_restart::WorldRestart;

#[cfg(test)]
mod tests;
