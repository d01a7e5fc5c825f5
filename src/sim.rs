//! The simulator: takes the place of Microsoft Graph, with the same paths, bodies and signed webhooks.
//!
//! [`world`], [`scenario`] and [`settings`] are pure: what happens, and when, as data. The rest serves it over HTTP.
//! It is never more lenient than Graph; what the documentation leaves open is a named setting, marked \[unverified\].
//! It knows Graph's language and a clock, and nothing of what a board makes of it.

mod error;
mod keyring;
mod keys;
mod prelude;
mod reply;
mod restart;
mod runtime;
pub mod scenario;
mod server;
pub mod settings;
mod simulator;
mod webhooks;
pub mod world;

pub use error::SimError;
pub use keys::{KeyError, TOKENS};
pub use prelude::PreludeDriver;
pub use restart::WorldRestart;
pub use scenario::{Scenario, ScenarioError};
pub use server::{RegisteredCertificate, RegistrationError};
pub use settings::SimSettings;
pub use simulator::{SimReady, SimStart, Simulator, TrustedParties, start, start_trusting};
pub use webhooks::DeliveryCounts;

#[cfg(test)]
mod tests;
