//! When an answer to a question counts: only once the question is on the screen and the keyboard has been quiet for a
//! while. So neither a queued key nor a letter of a sentence answers it.

use crate::time::{Millis, Timestamp};

/// Whether a question accepts its answer yet.
///
/// Invariant: an answer counts only if the question has been drawn and no key has come for the length of the
/// delay since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arming {
    delay: Millis,
    /// When the keyboard became quiet, in wall time; `None` until the question is drawn.
    quiet_since: Option<Timestamp>,
    /// Whether an answer came too early.
    early: bool,
    /// When it goes ahead without a question, in wall time, unless a key comes first.
    goes_ahead: Option<Timestamp>,
}

impl Arming {
    /// Makes a question that accepts its answer after this delay.
    pub(in crate::desk) const fn asking(delay: Millis) -> Self {
        Self { delay, quiet_since: None, early: false, goes_ahead: None }
    }

    /// Makes the same one go ahead without an answer after this delay, unless a key turns it into a question.
    pub(in crate::desk) fn going_ahead(self, wall: Timestamp, delay: Millis) -> Self {
        Self { goes_ahead: Some(wall + delay), ..self }
    }

    /// Makes it ask instead of going ahead.
    pub(in crate::desk) const fn ask(&mut self) {
        self.goes_ahead = None;
    }

    /// Returns whether it goes ahead unless a key comes; nothing is asked then.
    #[must_use]
    pub const fn goes_ahead(&self) -> bool {
        self.goes_ahead.is_some()
    }

    /// Returns whether it is due to go ahead.
    pub(in crate::desk) fn is_due(&self, wall: Timestamp) -> bool {
        self.goes_ahead.is_some_and(|at| wall >= at)
    }

    /// Returns whether it has to be drawn before it can be answered.
    #[must_use]
    pub const fn awaits_drawing(&self) -> bool {
        self.quiet_since.is_none() && self.goes_ahead.is_none()
    }

    /// Records that the question was drawn; returns the delay until it accepts its answer.
    pub(in crate::desk) fn drawn(&mut self, wall: Timestamp) -> Option<Millis> {
        if !self.awaits_drawing() {
            return None;
        }
        self.quiet_since = Some(wall);
        Some(self.delay)
    }

    /// Records that the screen was lost, so that the question has to be drawn again.
    pub(in crate::desk) const fn undrawn(&mut self) {
        self.quiet_since = None;
    }

    /// Returns whether an answer counts at this wall time.
    #[must_use]
    pub fn is_armed(&self, wall: Timestamp) -> bool {
        self.goes_ahead.is_none() && self.quiet_since.is_some_and(|at| wall.since(at) >= self.delay)
    }

    /// Returns whether an answer came too early.
    #[must_use]
    pub const fn was_early(&self) -> bool {
        self.early
    }

    /// Handles an answer: returns whether it counts. One that does not begins the delay again.
    pub(in crate::desk) fn answer(&mut self, wall: Timestamp) -> bool {
        if self.is_armed(wall) {
            return true;
        }
        self.early = true;
        self.touch(wall);
        false
    }

    /// Begins the delay again, because a key came.
    pub(in crate::desk) fn touch(&mut self, wall: Timestamp) {
        self.quiet_since = self.quiet_since.map(|_| wall);
    }

    /// Returns how long until the desk has to check again; `None` if it does not wait for time to pass.
    pub(in crate::desk) fn wakes_after(&self, wall: Timestamp) -> Option<Millis> {
        if let Some(at) = self.goes_ahead {
            return Some(at.since(wall));
        }
        let quiet = self.quiet_since.filter(|_| !self.is_armed(wall))?;
        Some(Millis(self.delay.0 - wall.since(quiet).0))
    }
}

/// How long answers and acts wait for a quiet keyboard, in wall time; by default not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActDelays {
    confirm: Millis,
    fast: Millis,
}

impl ActDelays {
    /// Makes the delays: until a drawn question accepts its answer, and until an act in FAST or the quit
    /// key goes ahead.
    #[must_use]
    pub const fn new(confirm: Millis, fast: Millis) -> Self {
        Self { confirm, fast }
    }

    pub(in crate::desk) const fn confirm(self) -> Millis {
        self.confirm
    }

    pub(in crate::desk) const fn fast(self) -> Millis {
        self.fast
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_when_the_question_was_seen_and_the_keyboard_was_quiet() {
        let mut arming = Arming::asking(Millis(350));
        assert!(!arming.answer(Timestamp(10_000)), "it was never drawn");
        assert_eq!(arming.wakes_after(Timestamp(10_000)), None);
        assert_eq!(arming.drawn(Timestamp(20_000)), Some(Millis(350)));
        assert_eq!(arming.drawn(Timestamp(20_100)), None, "the first frame counts");
        assert_eq!(arming.wakes_after(Timestamp(20_100)), Some(Millis(250)));
        assert!(!arming.answer(Timestamp(20_349)));
        assert!(arming.was_early());
        assert!(!arming.is_armed(Timestamp(20_698)), "an early answer begins the delay again");
        assert!(arming.is_armed(Timestamp(20_699)) && arming.answer(Timestamp(20_699)));
        arming.undrawn();
        assert!(!arming.is_armed(Timestamp(90_000)), "it is not on the screen any more");
    }

    #[test]
    fn what_goes_ahead_by_itself_asks_after_a_key() {
        let mut arming = Arming::asking(Millis(350)).going_ahead(Timestamp(1_000), Millis(350));
        assert!(!arming.is_due(Timestamp(1_349)) && arming.is_due(Timestamp(1_350)));
        assert!(!arming.awaits_drawing() && !arming.is_armed(Timestamp(9_000)));
        arming.ask();
        assert!(!arming.is_due(Timestamp(9_000)) && arming.awaits_drawing());
    }

    #[test]
    fn without_a_delay_it_is_armed_when_it_was_drawn() {
        let mut arming = Arming::asking(Millis(0));
        assert!(!arming.answer(Timestamp(5)));
        arming.drawn(Timestamp(5));
        assert!(arming.answer(Timestamp(5)));
    }
}
