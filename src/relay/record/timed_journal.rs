//! Stamps the relay's entries with floor time, which follows the clocks of the machine, and notices when the relay
//! itself was paused. Does not know why an entry is written.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::RwLock;

use crate::floor::{Fact, Noted};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::time::clock::Clock;
use crate::time::{ClockMoveCause, Millis, Timestamp};

/// A journal whose entries get the present floor time.
pub(super) struct TimedJournal {
    journal: Arc<dyn Journal>,
    clock: Clock,
    /// Appends hold it shared; a move of the clock holds it exclusively. So the journal's entries before a move have
    /// times by the old clock, and those after it have times by the new one.
    clock_lock: RwLock<()>,
}

/// Compares the time between two ticks with the time that was asked for. A process that was stopped, or a machine
/// without time for it, shows in no clock: only in a tick that comes too late.
pub(super) struct PauseWatch {
    /// The machine's time awake at the last tick.
    awake_at_tick: Duration,
    /// Floor time at the last tick.
    at: Timestamp,
}

/// The shortest pause, sleep or move ahead of the clock that is a gap, because webhooks may have been lost in it.
const MIN_GAP: Millis = Millis::seconds(5);

impl TimedJournal {
    pub(super) fn new(journal: Arc<dyn Journal>, clock: Clock) -> Self {
        Self { journal, clock, clock_lock: RwLock::default() }
    }

    /// Returns the present floor time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Appends facts with the present floor time, after the clock has followed the machine's.
    pub(super) async fn append(&self, facts: Vec<Fact>) -> Result<Vec<ChainMark>, JournalError> {
        self.follow_clock().await?;
        let _shared = self.clock_lock.read().await;
        let at = self.clock.now();
        self.journal.append(facts.into_iter().map(|fact| (at, fact)).collect()).await
    }

    /// Checks that what was acknowledged can still be found, see [`Journal::check_storage`].
    pub(super) async fn check_storage(&self) -> Result<(), JournalError> {
        self.journal.check_storage().await
    }

    /// Returns whether the machine's clocks have moved against floor time. The next append follows them.
    pub(super) fn has_moved(&self) -> bool {
        !self.clock.parted().is_empty()
    }

    /// Starts to watch for pauses of the relay.
    pub(super) fn watch_pauses(&self) -> PauseWatch {
        PauseWatch { awake_at_tick: self.clock.awake(), at: self.clock.now() }
    }

    /// Moves floor time with the machine's clocks. The entry of a move is durable before the clock moves. A long move
    /// ahead is also a gap, because Graph could not reach the relay.
    async fn follow_clock(&self) -> Result<(), JournalError> {
        if !self.has_moved() {
            return Ok(());
        }
        let _exclusive = self.clock_lock.write().await;
        for moved in self.clock.parted() {
            let before = self.clock.now();
            let at = before + moved.by;
            let mut facts = vec![(at, Fact::Noted(Noted::ClockMoved(moved)))];
            if moved.by >= MIN_GAP {
                let reason = match moved.cause {
                    ClockMoveCause::Sleep => "the relay's machine slept",
                    ClockMoveCause::WallTime => "the relay's machine was paused, or its clock was set",
                };
                facts.push((at, Fact::Noted(Noted::Gap { reason: reason.into(), from: Some(before) })));
            }
            self.journal.append(facts).await?;
            self.clock.follow(moved);
            tracing::warn!(by = %moved.by.0, cause = ?moved.cause, "{moved}");
        }
        Ok(())
    }
}

impl PauseWatch {
    /// Ends one tick that was to take `interval`, and starts the next. Returns the floor time at which a pause began at
    /// the earliest, if the tick came late by more than [`MIN_GAP`].
    pub(super) fn tick(&mut self, journal: &TimedJournal, interval: Duration) -> Option<Timestamp> {
        let began = std::mem::replace(self, journal.watch_pauses());
        let late = self.awake_at_tick.saturating_sub(began.awake_at_tick).saturating_sub(interval);
        (late > MIN_GAP.to_std()).then_some(began.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::JournalStore;
    use crate::time::clock::FakeMachine;

    #[test]
    fn only_a_tick_that_is_five_seconds_late_shows_a_pause() {
        let (machine, folder) = (FakeMachine::at(Timestamp(0)), tempfile::tempdir().unwrap());
        let journal = TimedJournal::new(Arc::new(JournalStore::temporary(folder.path()).unwrap()), machine.clock());
        let mut watch = journal.watch_pauses();
        let mut tick = |awake| {
            machine.pass(Millis(awake), Millis(0), Millis(0));
            watch.tick(&journal, Duration::from_millis(500))
        };
        assert_eq!(tick(500), None);
        assert_eq!(tick(5_500), None, "late, but not by more than five seconds");
        assert_eq!(tick(5_501), Some(Timestamp(6_000)));
        assert_eq!(tick(500), None);
    }
}
