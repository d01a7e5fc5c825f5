//! A restart of the world, as the driver of its prelude receives it.

use tokio::sync::oneshot;

use crate::time::Timestamp;

use super::scenario::Scenario;

/// A restarted world, whose clock is stopped at the beginning of its prelude.
#[derive(Debug)]
pub struct WorldRestart {
    /// The scenario that it plays.
    pub scenario: Scenario,
    /// The end of the prelude.
    pub start: Timestamp,
    pub(super) over: oneshot::Sender<()>,
}

impl WorldRestart {
    /// Ends the restart after its prelude was played, so that the clock runs again. If the restart is dropped instead,
    /// the simulator plays the prelude.
    pub fn played(self) {
        // The receiver is gone when the simulator stops.
        let _ = self.over.send(());
    }
}
