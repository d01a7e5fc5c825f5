//! A restart, as the driver of its prelude sees it.

use tokio::sync::oneshot;

use crate::time::Timestamp;

use super::scenario::Scenario;

/// A restarted world, whose clock is stopped at the beginning of its prelude.
#[derive(Debug)]
pub struct WorldRestart {
    /// The scenario that it plays.
    pub scenario: Scenario,
    /// When the prelude is over.
    pub start: Timestamp,
    pub(super) over: oneshot::Sender<()>,
}

impl WorldRestart {
    /// Ends the restart after its prelude was played; the clock runs again. The simulator itself plays the prelude of a
    /// restart that is dropped.
    pub fn played(self) {
        // Nobody waits for it while the simulator stops.
        let _ = self.over.send(());
    }
}
