//! How the room is shared between the panes: the usual way, and what the operator has made of it.

use crate::desk::{Desk, Pane};

/// How far the panes are from their usual sizes, and the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaneSizes {
    /// Hundredths of the width that the calls have more beside the participants.
    pub across: i16,
    /// Rows that the calls have more above the participants.
    pub calls: i16,
    /// Rows that the operations have more.
    pub operations: i16,
    terminal: (u16, u16),
}

/// The least rows of a pane, its borders too.
const ROWS: i16 = 4;
/// The hundredths of the width that one of two panes has at least.
const SHARE: i16 = 32;
/// A press changes the width by as many hundredths.
const STEP: i16 = 4;

impl Desk {
    /// The least terminal that shows the panes at once.
    pub const STACKED: (u16, u16) = (80, 24);
    /// The hundredths of the width that the calls have beside the participants.
    pub const ACROSS: i16 = 52;

    /// How the room is shared.
    #[must_use]
    pub const fn sizes(&self) -> PaneSizes {
        self.sizes
    }

    /// The usual rows of the calls, where they stand above the participants, and of the operations.
    #[must_use]
    pub fn usual_rows(&self, columns: u16, body: u16) -> (u16, u16) {
        // The body is what the head, the message, the keys and perhaps the notes leave.
        let notes = if self.notes_are_shown() { 5 } else { 0 };
        let wide = columns >= Self::ROOMY.0 && body.saturating_add(4 + notes) >= Self::ROOMY.1;
        match (wide, self.notes_are_shown()) {
            (true, _) => (0, (body / 4).max(9)),
            // With notes below, each gives up two rows for the participants.
            (false, true) => (5, 4),
            (false, false) => (7, 6),
        }
    }

    /// The rows of the calls above the participants, and of the operations, with the operator's changes as far as
    /// there is room for them.
    #[must_use]
    pub fn rows_of_panes(&self, columns: u16, body: u16) -> (u16, u16) {
        let (calls, operations) = self.usual_rows(columns, body);
        let add = |rows: u16, more: i16| rows.saturating_add_signed(more).max(ROWS.unsigned_abs());
        let calls = if calls == 0 { 0 } else { add(calls, self.sizes.calls) };
        let operations = add(operations, self.sizes.operations);
        // The participants keep their least rows: what is above and below gives way.
        let most = body.saturating_sub(ROWS.unsigned_abs());
        let operations = operations.min(most.saturating_sub(calls).max(ROWS.unsigned_abs()));
        (calls.min(most.saturating_sub(operations)), operations)
    }

    /// Takes the terminal's size; where it no longer has room for the changes, they are let go of.
    pub(in crate::desk) fn resized(&mut self, columns: u16, rows: u16) {
        self.page = usize::from(rows / 3).max(5);
        self.fits_all_panes = columns >= Self::ROOMY.0 && rows >= Self::ROOMY.1;
        self.sizes.terminal = (columns, rows);
        let changed = PaneSizes { terminal: (columns, rows), ..PaneSizes::default() } != self.sizes;
        if changed && !self.fits(self.sizes) {
            self.sizes = PaneSizes { terminal: (columns, rows), ..PaneSizes::default() };
            self.say("the panes have their usual sizes again: there was no room for others");
        }
    }

    /// Gives the pane that has the keys more room, or less.
    pub(in crate::desk) fn resize_pane(&mut self, grows: bool) {
        let (columns, rows) = self.sizes.terminal;
        if columns < Self::STACKED.0 || rows < Self::STACKED.1 {
            return self.say("one pane at a time is shown here: it has all the room");
        }
        let mut sizes = self.sizes;
        let by = if grows { 1 } else { -1 };
        match (self.pane, self.fits_all_panes) {
            (Pane::Calls, true) => sizes.across += by * STEP,
            (Pane::Participants, true) => sizes.across -= by * STEP,
            (Pane::Calls, false) => sizes.calls += by,
            (Pane::Operations, _) => sizes.operations += by,
            // They have what the others leave: the one that is further from its usual size gives way.
            (Pane::Participants, false) if (sizes.calls > sizes.operations) == grows => sizes.calls -= by,
            (Pane::Participants, false) => sizes.operations -= by,
        }
        if !self.fits(sizes) {
            let word = if grows { "larger" } else { "smaller" };
            return self.say(format!("the {} pane cannot be {word} here", self.pane.name()));
        }
        self.sizes = sizes;
        self.say(format!("the {} pane is {}", self.pane.name(), if grows { "larger" } else { "smaller" }));
    }

    /// Whether every pane keeps its least size.
    fn fits(&self, sizes: PaneSizes) -> bool {
        let (columns, rows) = sizes.terminal;
        if columns < Self::STACKED.0 || rows < Self::STACKED.1 {
            return false;
        }
        let body = rows.saturating_sub(4);
        let (calls, operations) = self.usual_rows(columns, body);
        let (calls, operations) = (calls.cast_signed(), operations.cast_signed());
        let across = Self::ACROSS + sizes.across;
        let calls = if calls == 0 { 0 } else { calls + sizes.calls };
        let operations = operations + sizes.operations;
        let notes = if self.notes_are_shown() { 5 } else { 0 };
        let floor = if self.fits_all_panes { 6 } else { 0 };
        let participants = body.cast_signed() - calls - operations - notes - floor;
        (SHARE..=100 - SHARE).contains(&across)
            && (calls == 0 || calls >= ROWS)
            && operations >= ROWS
            && participants >= ROWS
    }
}
