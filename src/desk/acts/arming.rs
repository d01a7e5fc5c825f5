//! When an answer to a question counts: only once the question is on the screen and the keyboard has been quiet for a
//! while. So neither a queued key nor a letter of a sentence answers it.
//!
//! A key counts at the time when it was read, because a console that stalls handles it later.

use crate::time::{Millis, Timestamp};

/// Whether a question accepts its answer yet.
///
/// Invariant: an answer counts only if the question had been drawn when its key was read, and no key had come for the
/// length of the delay since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arming {
    delay: Millis,
    /// When the question was drawn, in wall time; `None` until then.
    drawn: Option<Timestamp>,
    /// When a key last began the delay again, in wall time.
    touched: Option<Timestamp>,
    /// Whether an answer came too early.
    early: bool,
    /// `None` for a question that waits for its answer.
    goes_ahead: Option<GoAhead>,
}

/// When a key was read from the terminal and when it is handled, in wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) struct KeyTimes {
    read: Timestamp,
    handled: Timestamp,
}

/// What goes ahead without a question, unless a key comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct GoAhead {
    /// In wall time.
    due: Timestamp,
    /// When its key was read, in floor time.
    pressed: Timestamp,
}

impl KeyTimes {
    pub(in crate::desk) const fn new(read: Timestamp, handled: Timestamp) -> Self {
        Self { read, handled }
    }

    pub(in crate::desk) const fn read(self) -> Timestamp {
        self.read
    }

    /// Returns how long the key waited before it is handled.
    pub(in crate::desk) fn waited(self) -> Millis {
        self.handled.since(self.read)
    }
}

impl Arming {
    /// Makes a question that accepts its answer after this delay.
    pub(in crate::desk) const fn asking(delay: Millis) -> Self {
        Self { delay, drawn: None, touched: None, early: false, goes_ahead: None }
    }

    /// Makes the same one go ahead without an answer at `due`, in wall time, unless a key turns it into a question. Its
    /// own key was read at `pressed`, in floor time.
    pub(in crate::desk) const fn going_ahead(self, due: Timestamp, pressed: Timestamp) -> Self {
        Self { goes_ahead: Some(GoAhead { due, pressed }), ..self }
    }

    /// Makes it ask instead of going ahead; the question has to be drawn first.
    pub(in crate::desk) const fn ask(&mut self) {
        if self.goes_ahead.take().is_some() {
            self.drawn = None;
        }
    }

    /// Returns whether it goes ahead unless a key comes; nothing is asked then.
    #[must_use]
    pub const fn goes_ahead(&self) -> bool {
        self.goes_ahead.is_some()
    }

    /// Returns whether it is due to go ahead: its time has come, and the screen has said what goes ahead.
    pub(in crate::desk) fn is_due(&self, wall: Timestamp) -> bool {
        self.drawn.is_some() && self.goes_ahead.is_some_and(|it| wall >= it.due)
    }

    /// Returns the floor time at which the key was read of what goes ahead; `None` for a question.
    pub(in crate::desk) fn pressed(&self) -> Option<Timestamp> {
        self.goes_ahead.map(|it| it.pressed)
    }

    /// Returns whether it has to be drawn before it can be answered or goes ahead.
    #[must_use]
    pub const fn awaits_drawing(&self) -> bool {
        self.drawn.is_none()
    }

    /// Returns whether the question was on the screen when this key was read.
    pub(in crate::desk) fn was_drawn_before(&self, times: KeyTimes) -> bool {
        self.drawn.is_some_and(|at| times.read >= at)
    }

    /// Records that it was drawn; returns the delay until it accepts its answer or goes ahead.
    pub(in crate::desk) fn drawn(&mut self, wall: Timestamp) -> Option<Millis> {
        if !self.awaits_drawing() {
            return None;
        }
        self.drawn = Some(wall);
        Some(self.goes_ahead.map_or(self.delay, |it| it.due.since(wall)))
    }

    /// Records that the screen was lost, so that the question has to be drawn again.
    pub(in crate::desk) const fn undrawn(&mut self) {
        self.drawn = None;
        self.touched = None;
    }

    /// Returns when the keyboard became quiet; `None` until the question is drawn.
    fn quiet_since(&self) -> Option<Timestamp> {
        self.drawn.map(|drawn| self.touched.map_or(drawn, |it| it.max(drawn)))
    }

    /// Returns whether an answer counts that was read at this wall time.
    #[must_use]
    pub fn is_armed(&self, wall: Timestamp) -> bool {
        self.goes_ahead.is_none() && self.quiet_since().is_some_and(|at| wall.since(at) >= self.delay)
    }

    /// Returns whether an answer came too early.
    #[must_use]
    pub const fn was_early(&self) -> bool {
        self.early
    }

    /// Handles an answer: returns whether it counts. One that does not begins the delay again.
    pub(in crate::desk) fn answer(&mut self, times: KeyTimes) -> bool {
        if self.is_armed(times.read) {
            return true;
        }
        self.early = true;
        // From now on the screen says that the answer was too early, and other keys may have been read before that.
        self.touch(times.handled);
        false
    }

    /// Begins the delay again, because a key came at this wall time. A key that was read earlier does not shorten it.
    pub(in crate::desk) fn touch(&mut self, wall: Timestamp) {
        self.touched = self.touched.max(Some(wall));
    }

    /// Returns how long until the desk has to check again; `None` if it does not wait for time to pass.
    pub(in crate::desk) fn wakes_after(&self, wall: Timestamp) -> Option<Millis> {
        if let Some(it) = self.goes_ahead {
            return self.drawn.map(|_| it.due.since(wall));
        }
        let quiet = self.quiet_since().filter(|_| !self.is_armed(wall))?;
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

    /// A key that is handled as soon as it is read.
    fn at_once(wall: i64) -> KeyTimes {
        KeyTimes { read: Timestamp(wall), handled: Timestamp(wall) }
    }

    #[test]
    fn an_answer_counts_when_the_question_was_seen_and_the_keyboard_was_quiet() {
        let mut arming = Arming::asking(Millis(350));
        assert!(!arming.answer(at_once(10_000)), "it was never drawn");
        assert_eq!(arming.wakes_after(Timestamp(10_000)), None);
        assert_eq!(arming.drawn(Timestamp(20_000)), Some(Millis(350)));
        assert_eq!(arming.drawn(Timestamp(20_100)), None, "the first frame counts");
        assert_eq!(arming.wakes_after(Timestamp(20_100)), Some(Millis(250)));
        assert!(!arming.answer(at_once(20_349)));
        assert!(arming.was_early());
        assert!(!arming.is_armed(Timestamp(20_698)), "an early answer begins the delay again");
        assert!(arming.is_armed(Timestamp(20_699)) && arming.answer(at_once(20_699)));
        arming.undrawn();
        assert!(!arming.is_armed(Timestamp(90_000)), "it is not on the screen any more");
    }

    #[test]
    fn a_key_that_was_read_earlier_does_not_shorten_the_delay() {
        let mut arming = Arming::asking(Millis(350));
        arming.drawn(Timestamp(1_000));
        arming.touch(Timestamp(2_000));
        arming.touch(Timestamp(1_500));
        assert!(!arming.is_armed(Timestamp(2_349)) && arming.is_armed(Timestamp(2_350)));
    }

    #[test]
    fn a_key_that_waited_counts_at_the_time_when_it_was_read() {
        let mut arming = Arming::asking(Millis(350));
        arming.drawn(Timestamp(1_000));
        let late = |read| KeyTimes { read: Timestamp(read), handled: Timestamp(2_900) };
        assert!(!arming.was_drawn_before(late(999)) && arming.was_drawn_before(late(1_000)));
        for read in [900, 1_100, 1_349] {
            let mut early = arming;
            assert!(!early.answer(late(read)), "{read}");
        }
        assert!(arming.answer(late(1_350)), "the operator waited long enough");
        assert!(!arming.answer(late(1_200)) && !arming.answer(late(1_800)), "the first of them begins the delay again");
    }

    #[test]
    fn what_goes_ahead_by_itself_asks_after_a_key() {
        let mut arming = Arming::asking(Millis(350)).going_ahead(Timestamp(1_350), Timestamp(7));
        assert!(!arming.is_due(Timestamp(9_000)) && arming.awaits_drawing(), "nothing has said that it goes ahead");
        assert_eq!(arming.wakes_after(Timestamp(1_000)), None);
        assert_eq!(arming.drawn(Timestamp(1_010)), Some(Millis(340)));
        assert_eq!(arming.wakes_after(Timestamp(1_100)), Some(Millis(250)));
        assert!(!arming.is_due(Timestamp(1_349)) && arming.is_due(Timestamp(1_350)));
        assert!(!arming.awaits_drawing() && !arming.is_armed(Timestamp(9_000)));
        assert_eq!(arming.pressed(), Some(Timestamp(7)));
        arming.ask();
        assert!(!arming.is_due(Timestamp(9_000)) && arming.awaits_drawing() && arming.pressed().is_none());
    }

    #[test]
    fn without_a_delay_it_is_armed_when_it_was_drawn() {
        let mut arming = Arming::asking(Millis(0));
        assert!(!arming.answer(at_once(5)));
        arming.drawn(Timestamp(5));
        assert!(arming.answer(at_once(5)));
    }
}
