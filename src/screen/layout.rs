//! Shares the terminal among the sections of the board.
//!
//! Heights come from the terminal alone, never from the data; only Waiting has two. If the room runs out, these are
//! dropped, in this order: the last hour, the timeline, blank rows, the presenter's notes and the event log.

use ratatui::layout::Rect;

use crate::desk::{Desk, Pane, PaneRows, PaneSizes};

/// The minimum size of a board, in columns and rows.
pub(super) const LEAST: (u16, u16) = Desk::SMALLEST;
/// From this width the story of the selected call is open at the right of the board.
const WITH_STORY: u16 = 160;
/// The width of the board beside a story, and of its left half.
const BOARD: u16 = 120;
const LEFT: u16 = 60;
/// From this width the names widen: a quarter of the columns beyond [`STORY_ENOUGH`] goes to the names of each list,
/// at most this many.
const WITH_WIDER_NAMES: u16 = 240;
const STORY_ENOUGH: u16 = 200;
const WIDEST_NAMES: u16 = 19;

/// The area of each section of the board. A section without room is empty; the others begin with their rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct BoardLayout {
    pub(super) header: Rect,
    /// The row for the band; the header's second row if there is no other.
    pub(super) band: Rect,
    pub(super) waiting: Rect,
    pub(super) calls: Rect,
    pub(super) participants: Rect,
    pub(super) operations: Rect,
    pub(super) events: Rect,
    /// The three parts of the story of the selected call: lanes, what happened, and what is known.
    pub(super) story: [Rect; 3],
    pub(super) last_hour: Rect,
    pub(super) notes: Rect,
    pub(super) message: Rect,
    pub(super) keys: Rect,
    /// How many rows an operation takes.
    pub(super) operation_rows: u16,
    /// How many columns the names have beyond their usual ones.
    pub(super) wider_names: u16,
}

/// What the layout depends on besides the terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct LayoutNeeds {
    /// The focused pane: a small terminal shows only this one.
    pub(super) pane: Pane,
    /// Whether more people wait than the usual rows of Waiting show.
    pub(super) crowded: bool,
    /// Whether Waiting has the whole board.
    pub(super) waiting_alone: bool,
    /// Whether the presenter's notes are shown.
    pub(super) notes: bool,
    /// Rows and hundredths of the width that the operator gave the panes.
    pub(super) sizes: PaneSizes,
}

impl LayoutNeeds {
    pub(super) fn of(desk: &Desk) -> Self {
        Self {
            pane: desk.pane(),
            crowded: desk.waiting_is_crowded(),
            waiting_alone: desk.waiting_has_the_board(),
            notes: desk.notes_are_shown(),
            sizes: desk.sizes(),
        }
    }
}

/// Cuts rows off the top of an area.
struct Rows {
    left: Rect,
}

impl Rows {
    fn take(&mut self, height: u16) -> Rect {
        let height = height.min(self.left.height);
        let taken = Rect { height, ..self.left };
        self.left = Rect { y: self.left.y + height, height: self.left.height - height, ..self.left };
        taken
    }
}

impl BoardLayout {
    /// Shares an area of at least [`LEAST`] columns and rows.
    pub(super) fn of(area: Rect, needs: &LayoutNeeds) -> Self {
        let roomy = area.height >= Desk::ROOMY;
        let blank = u16::from(roomy);
        let mut rows = Rows { left: area };
        let header = rows.take(2);
        let band = if roomy { rows.take(1) } else { Rect { y: header.y + 1, height: 1, ..header } };
        // The lines below the board, from the last row up.
        let keys = Rect { y: area.bottom() - 1, height: 1, ..area };
        let message = Rect { y: area.bottom() - 2, height: 1, ..area };
        let notes_height = if needs.notes { Desk::NOTES + blank } else { 0 };
        let body_end = area.bottom() - 2 - blank - notes_height;
        let notes = Rect { y: body_end + blank, height: notes_height.saturating_sub(blank), ..area };
        let body = Rect { height: body_end.saturating_sub(rows.left.y), ..rows.left };
        let wider_names = wider_names(area.width);
        let outer = Self { header, band, notes, message, keys, operation_rows: 1, wider_names, ..Self::default() };
        if needs.waiting_alone {
            return Self { waiting: body, ..outer };
        }
        let wide = area.width >= Desk::WIDE;
        let beside = area.width >= WITH_STORY;
        let board = if beside { Rect { width: BOARD + 2 * wider_names, ..body } } else { body };
        let mut rows = Rows { left: board };
        let waiting = rows.take(1 + Desk::waiting_rows(area.height, needs.crowded));
        rows.take(blank);
        let outer = Self { waiting, ..outer };
        let rows_of_panes = needs.sizes.in_terminal(area.width, area.height).rows(waiting.height - 1, needs.notes);
        match (wide, area.width >= Desk::STACKED.0 && area.height >= Desk::STACKED.1) {
            (true, _) => {
                let panes = outer.side_by_side(rows.left, (area.height, blank), rows_of_panes, needs.sizes.across());
                let at = board.right() + 2;
                if beside { panes.with_story(Rect { x: at, width: body.right() - at, ..body }, blank) } else { panes }
            }
            (false, true) => outer.stacked(rows.left, blank, rows_of_panes),
            (false, false) => outer.one_pane(rows.left, needs.pane),
        }
    }

    fn side_by_side(self, body: Rect, (height, blank): (u16, u16), panes: PaneRows, across: i16) -> Self {
        let tall = height >= Desk::TALL;
        let mut rows = Rows { left: body };
        let upper = rows.take(1 + panes.calls);
        rows.take(blank);
        let lower = rows.take(1 + panes.operations);
        rows.take(blank);
        let left = (LEFT + self.wider_names).min(body.width / 2).saturating_add_signed(across);
        let halves = |of: Rect| {
            let right = of.x + left + 2;
            (Rect { width: left, ..of }, Rect { x: right, width: of.right().saturating_sub(right), ..of })
        };
        let (calls, participants) = halves(upper);
        let (operations, events) = halves(lower);
        let last_hour = if tall { rows.take(Desk::LAST_HOUR) } else { Rect::default() };
        Self { calls, participants, operations, events, last_hour, operation_rows: if tall { 3 } else { 1 }, ..self }
    }

    /// The same board with the story in a column beside it. Its parts begin in the rows of the board's sections.
    fn with_story(self, column: Rect, blank: u16) -> Self {
        let part =
            |of: Rect| if of.height == 0 { Rect::default() } else { Rect { y: of.y, height: of.height, ..column } };
        let lanes = self.operations.y.saturating_sub(blank + column.y);
        let lanes = Rect { height: lanes.min(column.height), ..column };
        Self { story: [lanes, part(self.operations), part(self.last_hour)], ..self }
    }

    fn stacked(self, body: Rect, blank: u16, panes: PaneRows) -> Self {
        let mut rows = Rows { left: body };
        let calls = rows.take(1 + panes.calls);
        rows.take(blank);
        let participants = rows.take(1 + panes.participants);
        rows.take(blank);
        Self { calls, participants, operations: rows.take(1 + panes.operations), ..self }
    }

    fn one_pane(self, body: Rect, pane: Pane) -> Self {
        match pane {
            Pane::Calls => Self { calls: body, ..self },
            Pane::Waiting | Pane::Participants => Self { participants: body, ..self },
            Pane::Operations => Self { operations: body, ..self },
            Pane::Events => Self { events: body, ..self },
        }
    }

    /// The area of a question: from the rule of the operations down, or the last rows of a lower terminal.
    pub(super) fn sheet(&self, area: Rect) -> Rect {
        let top = if area.height >= Desk::ROOMY && self.operations.height > 0 {
            self.operations.y
        } else if area.height >= Desk::STACKED.1 && area.width >= Desk::STACKED.0 {
            area.bottom() - 8
        } else {
            self.band.bottom().max(self.waiting.bottom())
        };
        Rect { y: top, height: area.bottom() - top, ..area }
    }

    /// The same board above a sheet that begins at this row: a pane that the sheet covers in part keeps
    /// the rows above it.
    pub(super) fn above(self, top: u16) -> Self {
        let cut = |of: Rect| Rect { height: of.bottom().min(top).saturating_sub(of.y), ..of };
        let gone = |of: Rect| if of.y >= top { Rect::default() } else { cut(of) };
        Self {
            waiting: gone(self.waiting),
            calls: gone(self.calls),
            participants: gone(self.participants),
            operations: gone(self.operations),
            events: gone(self.events),
            story: self.story.map(gone),
            last_hour: gone(self.last_hour),
            notes: gone(self.notes),
            ..self
        }
    }

    /// Whether the terminal shows one pane at a time.
    pub(super) const fn shows_one_pane(area: Rect) -> bool {
        area.width < Desk::STACKED.0 || area.height < Desk::STACKED.1
    }

    /// The area of an overlay: from below the header down to the message.
    pub(super) fn overlay(&self, area: Rect) -> Rect {
        let top = self.band.bottom();
        Rect { y: top, height: self.message.y.saturating_sub(top), ..area }
    }
}

/// How many columns more than usual each list gives its names in a terminal of this width.
fn wider_names(width: u16) -> u16 {
    if width < WITH_WIDER_NAMES { 0 } else { (width.saturating_sub(STORY_ENOUGH) / 4).min(WIDEST_NAMES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(notes: bool, crowded: bool) -> LayoutNeeds {
        LayoutNeeds { pane: Pane::Calls, crowded, waiting_alone: false, notes, sizes: PaneSizes::default() }
    }

    fn rows(columns: u16, rows: u16, needs: &LayoutNeeds) -> [u16; 5] {
        let layout = BoardLayout::of(Rect::new(0, 0, columns, rows), needs);
        [layout.waiting, layout.calls, layout.participants, layout.operations, layout.events]
            .map(|it| it.height.saturating_sub(1))
    }

    #[test]
    fn heights_come_from_the_terminal() {
        assert_eq!(rows(120, 36, &needs(true, false)), [4, 12, 12, 5, 5]);
        assert_eq!(rows(120, 36, &needs(false, true)), [7, 13, 13, 5, 5]);
        assert_eq!(rows(80, 24, &needs(false, false)), [4, 5, 5, 2, 0]);
        assert_eq!(rows(60, 20, &needs(false, false)), [3, 11, 0, 0, 0]);
        assert_eq!(rows(200, 60, &needs(true, false)), [6, 17, 17, 11, 11]);
    }

    #[test]
    fn the_board_is_120_wide_until_the_names_widen() {
        for (columns, board, left, story) in
            [(159, 159, 60, 0), (160, 120, 60, 122), (239, 120, 60, 122), (240, 140, 70, 142), (400, 158, 79, 160)]
        {
            let layout = BoardLayout::of(Rect::new(0, 0, columns, 60), &needs(true, false));
            let [lanes, happened, about] = layout.story;
            assert_eq!((layout.waiting.width, layout.calls.width, lanes.x), (board, left, story), "{columns}");
            if story > 0 {
                assert_eq!((happened.y, about.y), (layout.operations.y, layout.last_hour.y), "{columns}");
                assert_eq!(lanes.right(), columns);
            }
        }
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_terminal() {
        for columns in [60, 79, 80, 100, 119, 120, 150, 160, 240, 300] {
            for height in [20, 23, 24, 29, 30, 36, 47, 48, 60, 100] {
                for (notes, crowded) in [(false, false), (true, false), (false, true), (true, true)] {
                    let area = Rect::new(0, 0, columns, height);
                    let layout = BoardLayout::of(area, &needs(notes, crowded));
                    let sections = [
                        layout.header,
                        layout.waiting,
                        layout.calls,
                        layout.participants,
                        layout.operations,
                        layout.events,
                        layout.last_hour,
                        layout.notes,
                        layout.message,
                        layout.keys,
                    ];
                    let sections = sections.into_iter().chain(layout.story);
                    let sections: Vec<Rect> = sections.filter(|it| !it.is_empty()).collect();
                    for (at, one) in sections.iter().enumerate() {
                        assert_eq!(one.intersection(area), *one, "{columns}x{height}: {one:?} is outside");
                        for other in sections.iter().skip(at + 1) {
                            assert!(!one.intersects(*other), "{columns}x{height}: {one:?} and {other:?}");
                        }
                    }
                }
            }
        }
    }
}
