//! A machine for tests, whose clocks stand still until a test moves them.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Clock, MachineClock, MachineTime};
use crate::time::{Millis, Timestamp};

#[derive(Debug)]
pub(crate) struct FakeMachine(Mutex<MachineTime>);

impl FakeMachine {
    /// Makes a machine at this wall time that has just been started.
    pub(crate) fn at(wall: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(MachineTime { wall, ..MachineTime::default() })))
    }

    pub(crate) fn clock(self: &Arc<Self>) -> Clock {
        Clock::of_machine(Arc::clone(self) as Arc<dyn MachineClock>)
    }

    /// Advances the clocks by a time awake, a time asleep and a step of wall time alone.
    pub(crate) fn pass(&self, awake: Millis, asleep: Millis, wall: Millis) {
        let mut time = self.0.lock();
        time.awake += awake.to_std();
        time.boot += awake.to_std() + asleep.to_std();
        time.wall = time.wall + Millis(awake.0 + asleep.0 + wall.0);
    }
}

impl MachineClock for FakeMachine {
    fn awake(&self) -> Duration {
        self.0.lock().awake
    }

    fn read(&self) -> MachineTime {
        *self.0.lock()
    }
}
