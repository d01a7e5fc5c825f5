//! How far the text of an overlay is scrolled. Each drawing reports how much of the text it showed, and the offset never
//! passes the end of that text.

use crate::desk::vocab::Motion;

/// How many lines an overlay's text has, and how many of them a drawing showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrollExtent {
    total: usize,
    shown: usize,
}

impl ScrollExtent {
    /// Makes the extent of a text of `total` lines, of which `shown` fit on the screen.
    #[must_use]
    pub const fn new(total: usize, shown: usize) -> Self {
        Self { total, shown }
    }

    /// Returns the largest offset: the one that shows the last line at the bottom.
    #[must_use]
    pub const fn last(self) -> usize {
        self.total.saturating_sub(self.shown)
    }

    /// Returns the lines that a page moves; one line stays in sight.
    const fn page(self) -> usize {
        let page = self.shown.saturating_sub(1);
        if page == 0 { 1 } else { page }
    }

    const fn half_page(self) -> usize {
        self.page().div_ceil(2)
    }
}

/// How many lines are scrolled out above.
///
/// Invariant: once a drawing has reported its extent, at most as many lines as leave the last one in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::desk) struct ScrollOffset {
    lines: usize,
    /// The extent of the last drawing; `None` before the first one.
    extent: Option<ScrollExtent>,
}

/// What a page is taken to be before the first drawing.
const UNDRAWN: ScrollExtent = ScrollExtent::new(usize::MAX, 11);

impl ScrollOffset {
    pub(in crate::desk) const fn lines(self) -> usize {
        self.lines
    }

    pub(in crate::desk) const fn extent(self) -> Option<ScrollExtent> {
        self.extent
    }

    /// Takes over the extent of a drawing, and goes back to the end of the text if the offset was beyond it.
    pub(in crate::desk) fn fit(&mut self, extent: ScrollExtent) {
        self.lines = self.lines.min(extent.last());
        self.extent = Some(extent);
    }

    pub(in crate::desk) fn travel(&mut self, motion: Motion) {
        let extent = self.extent.unwrap_or(UNDRAWN);
        let to = match motion {
            Motion::Down => self.lines.saturating_add(1),
            Motion::Up => self.lines.saturating_sub(1),
            Motion::First => 0,
            Motion::Last => extent.last(),
            Motion::PageDown => self.lines.saturating_add(extent.page()),
            Motion::PageUp => self.lines.saturating_sub(extent.page()),
            Motion::HalfDown => self.lines.saturating_add(extent.half_page()),
            Motion::HalfUp => self.lines.saturating_sub(extent.half_page()),
        };
        self.lines = to.min(extent.last());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_stays_within_what_was_drawn() {
        let mut scroll = ScrollOffset::default();
        scroll.travel(Motion::Last);
        scroll.fit(ScrollExtent::new(30, 9));
        assert_eq!(scroll.lines(), 21, "the first drawing corrects an offset from before it");
        for (motion, lines) in [
            (Motion::Up, 20),
            (Motion::PageDown, 21),
            (Motion::PageUp, 13),
            (Motion::HalfUp, 9),
            (Motion::HalfDown, 13),
            (Motion::First, 0),
            (Motion::HalfUp, 0),
            (Motion::Last, 21),
            (Motion::Down, 21),
        ] {
            scroll.travel(motion);
            assert_eq!(scroll.lines(), lines, "{motion:?}");
        }
        scroll.fit(ScrollExtent::new(12, 9));
        assert_eq!(scroll.lines(), 3, "the text has become shorter");
        scroll.fit(ScrollExtent::new(4, 9));
        scroll.travel(Motion::Down);
        assert_eq!(scroll.lines(), 0, "all of it is in view");
    }
}
