//! A restart as whoever plays the prelude sees it.

use tokio::sync::oneshot;

use crate::time::Timestamp;

use super::scenario::Scenario;

/// A world that has just begun again, its clock standing still at the beginning of its prelude.
#[derive(Debug)]
pub struct WorldRestart {
    /// What it plays.
    pub scenario: Scenario,
    /// When the prelude is over.
    pub start: Timestamp,
    pub(super) over: oneshot::Sender<()>,
}

impl WorldRestart {
    /// Says that the prelude was played; the clock runs again. A restart that is dropped is played without the lead.
    pub fn played(self) {
        // Nobody waits any more when the simulator is being stopped.
        let _ = self.over.send(());
    }
}
