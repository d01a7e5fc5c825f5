//! The relay's settings that have a good default: how it speaks to Graph, what it takes from it, what it passes on.

use std::time::Duration;

use crate::protocol::HEARTBEAT_SECONDS;
use crate::time::Millis;

pub use super::webhooks::forward::{ForwardSettings, UnreachedReply};

/// Settings that have a good default.
#[derive(Debug, Clone)]
pub struct GraphSettings {
    /// What the application's token is for; national clouds have their own.
    pub scope: String,
    /// Audiences of webhooks' tokens beside the application's id.
    pub audiences: Vec<String>,
    /// The clock difference that is forgiven in webhooks' tokens.
    pub skew: Duration,
    /// A webhook's key that is not known asks the key server at most this often, in wall time.
    pub unknown_keys: Duration,
    /// At most so many requests a second to Graph, whoever asks; Graph documents 50,000 in 15 seconds.
    pub rate: u32,
    /// A call of which nothing was heard for so long, in floor time, is read from Graph.
    pub quiet: Millis,
    /// A console hears something at least this often, in wall time; whole seconds.
    pub heartbeat: Duration,
    /// The bot to which each webhook is passed on.
    pub forward: Option<ForwardSettings>,
}

impl Default for GraphSettings {
    fn default() -> Self {
        Self {
            scope: "https://graph.microsoft.com/.default".to_owned(),
            audiences: Vec::new(),
            skew: Duration::from_mins(5),
            unknown_keys: Duration::from_mins(1),
            rate: 100,
            quiet: Millis::minutes(10),
            heartbeat: Duration::from_secs(u64::from(HEARTBEAT_SECONDS)),
            forward: None,
        }
    }
}
