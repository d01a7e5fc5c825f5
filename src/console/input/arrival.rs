//! Dates the bytes of a terminal, also when the process could not look at it for a while.
//!
//! Nothing says when a byte came that waits in the terminal. But bytes that are found now came after the previous look, so
//! frequent looks date them well. The reader looks often for a while after each input, because a key that follows soon
//! may have another meaning than one that follows later.

use std::time::Duration;

use crate::time::Millis;

/// Says how long to wait for bytes, and when those came that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ArrivalClock {
    /// When the terminal was last looked at.
    looked: Millis,
    /// When bytes were last found; `None` before the first.
    found: Option<Millis>,
    /// How long the last wait was meant to be.
    asked: Duration,
}

impl ArrivalClock {
    /// The longest wait for bytes after an input.
    pub(super) const LOOK_EVERY: Millis = Millis(50);
    /// The longest wait at other times: a wait without an end could not show that the process stood still.
    pub(super) const LOOK_AT_REST: Millis = Millis::seconds(1);
    /// A wait that lasts longer than it should by this much was a stall of the process.
    pub(super) const STALL: Millis = Millis(50);
    /// How long it looks often after an input. This is longer than the standstill after which a question is drawn again
    /// (2 s): after that standstill an early time does no harm.
    pub(super) const WATCH_AFTER_INPUT: Millis = Millis::seconds(3);

    /// Returns how long to wait for bytes at `now`. With `patience`, a silence that ends a sequence, it waits at most until
    /// that silence is complete; a millisecond more, because the clock rounds down.
    pub(super) fn wait(&mut self, patience: Option<Duration>, now: Millis) -> Duration {
        let watches = self.found.is_some_and(|it| now.0 - it.0 < Self::WATCH_AFTER_INPUT.0);
        let look = if watches { Self::LOOK_EVERY } else { Self::LOOK_AT_REST };
        let rest = patience.map(|it| it.saturating_sub(self.silence(now)) + Duration::from_millis(1));
        self.asked = rest.into_iter().chain([look.to_std()]).min().unwrap_or_default();
        self.asked
    }

    /// Records that the terminal was looked at after a wait. Returns when bytes that are there now can have come at the
    /// earliest: `now`, or the previous look if the wait took longer than it should.
    pub(super) fn look(&mut self, now: Millis) -> Millis {
        let waited = Millis(now.0 - self.looked.0).to_std();
        let stalled = waited > self.asked + Self::STALL.to_std();
        let came = if stalled { self.looked } else { now };
        self.looked = now;
        came
    }

    /// Records that bytes were found at `now`.
    pub(super) const fn find(&mut self, now: Millis) {
        self.found = Some(now);
    }

    /// Returns how long no bytes were found.
    pub(super) fn silence(&self, now: Millis) -> Duration {
        self.found.map_or(Duration::ZERO, |it| Millis(now.0 - it.0).to_std())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_a_stalled_process_finds_may_have_come_since_it_last_looked() {
        let mut clock = ArrivalClock::default();
        assert_eq!(clock.wait(None, Millis(0)), Duration::from_secs(1));
        assert_eq!(clock.look(Millis(700)), Millis(700), "the first key");
        clock.find(Millis(700));
        assert_eq!(clock.wait(None, Millis(710)), Duration::from_millis(50));
        assert_eq!(clock.look(Millis(750)), Millis(750));
        assert_eq!(clock.look(Millis(850)), Millis(850), "a slow machine");
        assert_eq!(clock.look(Millis(1_750)), Millis(850), "a stall");
        assert_eq!(clock.look(Millis(1_800)), Millis(1_800));
        assert_eq!(clock.wait(None, Millis(3_699)), Duration::from_millis(50));
        clock.look(Millis(3_699));
        assert_eq!(clock.wait(None, Millis(3_700)), Duration::from_secs(1), "nothing came for a while");
        assert_eq!(clock.look(Millis(4_700)), Millis(4_700));
        assert_eq!(clock.wait(None, Millis(4_700)), Duration::from_secs(1));
        assert_eq!(clock.look(Millis(90_000)), Millis(4_700), "a stall while nothing came");
    }

    #[test]
    fn a_wait_ends_with_the_patience_of_a_sequence() {
        let mut clock = ArrivalClock::default();
        clock.find(Millis(1_000));
        let patience = Some(Duration::from_millis(250));
        assert_eq!(clock.wait(patience, Millis(1_000)), Duration::from_millis(50));
        assert_eq!(clock.wait(patience, Millis(1_230)), Duration::from_millis(21));
        assert_eq!(clock.wait(patience, Millis(1_300)), Duration::from_millis(1));
        assert_eq!(clock.wait(Some(Duration::from_secs(10)), Millis(4_000)), Duration::from_secs(1));
        assert_eq!(clock.silence(Millis(1_250)), Duration::from_millis(250));
    }
}
