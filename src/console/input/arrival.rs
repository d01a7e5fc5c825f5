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
    /// Whether the last wait was one of the short ones after an input.
    is_watching: bool,
}

impl ArrivalClock {
    /// The longest wait for bytes after an input.
    pub(super) const LOOK_EVERY: Millis = Millis(50);
    /// A wait that lasts longer than it should by this much was a stall of the process.
    pub(super) const STALL: Millis = Millis(50);
    /// How long it looks often after an input. This is longer than the standstill after which a question is drawn again
    /// (2 s): after that standstill an early time does no harm.
    pub(super) const WATCH_AFTER_INPUT: Millis = Millis::seconds(3);

    /// Returns how long to wait for bytes at `now`; without a time, for ever. With `patience`, a silence that ends a
    /// sequence, it waits at most until that silence is complete; a millisecond more, because the clock rounds down.
    pub(super) fn wait(&mut self, patience: Option<Duration>, now: Millis) -> Option<Duration> {
        self.is_watching = self.found.is_some_and(|it| now.0 - it.0 < Self::WATCH_AFTER_INPUT.0);
        let watch = self.is_watching.then(|| Self::LOOK_EVERY.to_std());
        let rest = patience.map(|it| it.saturating_sub(self.silence(now)) + Duration::from_millis(1));
        watch.into_iter().chain(rest).min()
    }

    /// Records that the terminal was looked at after a wait. Returns when bytes that are there now can have come at the
    /// earliest: `now`, or the previous look after a stall. A wait without a limit shows no stall by its length.
    pub(super) fn look(&mut self, now: Millis) -> Millis {
        let waited = Millis(now.0 - self.looked.0);
        let stalled = self.is_watching && waited.0 > Self::LOOK_EVERY.0 + Self::STALL.0;
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
        assert_eq!(clock.wait(None, Millis(0)), None);
        assert_eq!(clock.look(Millis(60_000)), Millis(60_000), "the first key wakes it");
        clock.find(Millis(60_000));
        assert_eq!(clock.wait(None, Millis(60_010)), Some(Duration::from_millis(50)));
        assert_eq!(clock.look(Millis(60_050)), Millis(60_050));
        assert_eq!(clock.look(Millis(60_150)), Millis(60_150), "a slow machine");
        assert_eq!(clock.look(Millis(61_050)), Millis(60_150), "a stall");
        assert_eq!(clock.look(Millis(61_100)), Millis(61_100));
        assert_eq!(clock.wait(None, Millis(62_999)), Some(Duration::from_millis(50)));
        clock.look(Millis(62_999));
        assert_eq!(clock.wait(None, Millis(63_000)), None, "a wait without a limit follows a watched look");
        assert_eq!(clock.look(Millis(90_000)), Millis(90_000), "a key after a long wait");
    }

    #[test]
    fn a_wait_ends_with_the_patience_of_a_sequence() {
        let mut clock = ArrivalClock::default();
        clock.find(Millis(1_000));
        let patience = Some(Duration::from_millis(250));
        assert_eq!(clock.wait(patience, Millis(1_000)), Some(Duration::from_millis(50)));
        assert_eq!(clock.wait(patience, Millis(1_230)), Some(Duration::from_millis(21)));
        assert_eq!(clock.wait(patience, Millis(1_300)), Some(Duration::from_millis(1)));
        assert_eq!(clock.wait(Some(Duration::from_secs(10)), Millis(4_000)), Some(Duration::from_millis(7_001)));
        assert_eq!(clock.silence(Millis(1_250)), Duration::from_millis(250));
    }
}
