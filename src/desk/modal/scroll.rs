//! How far the text of an overlay is scrolled. The drawing stops it at the end of the text.

use crate::desk::vocab::Motion;

/// How many lines are scrolled out above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::desk) struct ScrollOffset(usize);

impl ScrollOffset {
    pub(in crate::desk) const fn lines(self) -> usize {
        self.0
    }

    pub(in crate::desk) fn travel(&mut self, motion: Motion) {
        self.0 = match motion {
            Motion::Down => self.0.saturating_add(1),
            Motion::Up => self.0.saturating_sub(1),
            Motion::First => 0,
            Motion::Last => usize::from(u16::MAX),
            Motion::PageDown | Motion::HalfDown => self.0.saturating_add(10),
            Motion::PageUp | Motion::HalfUp => self.0.saturating_sub(10),
        };
    }
}
