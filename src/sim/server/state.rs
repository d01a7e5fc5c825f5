//! The state of each router of the simulator.

use std::sync::Arc;

use axum::extract::FromRef;
use secrecy::SecretString;

use crate::sim::keyring::KeyRing;
use crate::sim::keys::SigningKey;
use crate::sim::runtime::SimRuntime;

use super::login::assertion::RegisteredCertificate;
use super::public_address::PublicAddress;

/// The state of the token endpoint and the OpenID documents.
#[derive(Debug)]
pub(in crate::sim) struct LoginState {
    /// The world, for the application and its settings.
    pub(in crate::sim) runtime: Arc<SimRuntime>,
    /// The key that signs application tokens.
    pub(in crate::sim) tokens: SigningKey,
    /// The keys that sign webhooks.
    pub(in crate::sim) keys: Arc<KeyRing>,
    /// The certificate with which the application may authenticate.
    pub(in crate::sim) certificate: Option<RegisteredCertificate>,
    /// The simulator's address, as clients see it.
    pub(in crate::sim) address: PublicAddress,
}

/// The state of Graph's paths.
#[derive(Debug, Clone)]
pub(in crate::sim) struct GraphState {
    /// The world that answers.
    pub(in crate::sim) runtime: Arc<SimRuntime>,
    /// Verifies application tokens.
    pub(in crate::sim) login: Arc<LoginState>,
}

/// The state of the control API.
#[derive(Debug, Clone)]
pub(in crate::sim) struct ControlState {
    /// The world that it reads and changes.
    pub(in crate::sim) runtime: Arc<SimRuntime>,
    /// The keys that sign webhooks.
    pub(in crate::sim) keys: Arc<KeyRing>,
    /// The bearer token that requests need.
    pub(in crate::sim) token: SecretString,
}

impl FromRef<ControlState> for Arc<SimRuntime> {
    fn from_ref(state: &ControlState) -> Self {
        Self::clone(&state.runtime)
    }
}

impl FromRef<ControlState> for Arc<KeyRing> {
    fn from_ref(state: &ControlState) -> Self {
        Self::clone(&state.keys)
    }
}
