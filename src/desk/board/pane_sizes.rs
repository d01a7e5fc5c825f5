//! The operator's changes to the sizes of the panes.

use crate::desk::vocab::Pane;

/// The differences from the default sizes, and the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaneSizes {
    across: i16,
    calls: i16,
    operations: i16,
    terminal: (u16, u16),
}

/// The least columns and rows that have room for everything, with the presenter's notes.
pub(in crate::desk) const ROOMY: (u16, u16) = (110, 30);
/// The least terminal that shows all panes at once.
pub(in crate::desk) const STACKED: (u16, u16) = (80, 24);
/// The default width of the calls beside the participants, in hundredths.
pub(in crate::desk) const ACROSS: i16 = 52;

/// The least rows of a pane, with its borders.
const ROWS: i16 = 4;
/// The least width of each of two panes side by side, in hundredths.
const SHARE: i16 = 32;
/// Hundredths of the width per key press.
const STEP: i16 = 4;

impl PaneSizes {
    /// Returns the hundredths of the width that the calls gain from the participants beside them.
    #[must_use]
    pub const fn across(self) -> i16 {
        self.across
    }

    /// Returns the rows that the calls gain from the participants below them.
    #[must_use]
    pub const fn calls(self) -> i16 {
        self.calls
    }

    /// Returns whether the terminal has room for all panes and the presenter's notes.
    pub(in crate::desk) const fn show_all_panes(self) -> bool {
        self.terminal.0 >= ROOMY.0 && self.terminal.1 >= ROOMY.1
    }

    /// Returns whether the terminal is too small for more than one pane.
    pub(in crate::desk) const fn show_one_pane(self) -> bool {
        self.terminal.0 < STACKED.0 || self.terminal.1 < STACKED.1
    }

    /// Returns the columns of the terminal, and the rows that the head, the message and the keys leave.
    pub(in crate::desk) const fn body(self) -> (u16, u16) {
        (self.terminal.0, self.terminal.1.saturating_sub(4))
    }

    /// Returns the same sizes in a terminal of these columns and rows.
    pub(in crate::desk) const fn in_terminal(self, columns: u16, rows: u16) -> Self {
        Self { terminal: (columns, rows), ..self }
    }

    /// Returns the default sizes in this terminal.
    pub(in crate::desk) fn usual(self) -> Self {
        Self { terminal: self.terminal, ..Self::default() }
    }

    /// Returns the sizes with one pane larger or smaller by one key press.
    pub(in crate::desk) const fn resized(mut self, pane: Pane, grows: bool) -> Self {
        let by = if grows { 1 } else { -1 };
        match (pane, self.show_all_panes()) {
            (Pane::Calls, true) => self.across += by * STEP,
            (Pane::Participants, true) => self.across -= by * STEP,
            (Pane::Calls, false) => self.calls += by,
            (Pane::Operations, _) => self.operations += by,
            // The participants have what the others leave; the pane further from its default size gives way.
            (Pane::Participants, false) if (self.calls > self.operations) == grows => self.calls -= by,
            (Pane::Participants, false) => self.operations -= by,
        }
        self
    }

    /// Returns the rows of the calls above the participants and of the operations, in a body of `body` rows. `usual`
    /// holds the default rows: 0 for the calls while they are beside the participants.
    pub(in crate::desk) fn rows(self, usual: (u16, u16), body: u16) -> (u16, u16) {
        let least = ROWS.unsigned_abs();
        let add = |rows: u16, more: i16| rows.saturating_add_signed(more).max(least);
        let calls = if usual.0 == 0 { 0 } else { add(usual.0, self.calls) };
        let operations = add(usual.1, self.operations);
        // The participants keep their least rows: the panes above and below give way.
        let most = body.saturating_sub(least);
        let operations = operations.min(most.saturating_sub(calls).max(least));
        (calls.min(most.saturating_sub(operations)), operations)
    }

    /// Returns whether every pane keeps its least size, with the default rows of [`PaneSizes::rows`] and the notes' rows.
    pub(in crate::desk) fn fit(self, usual: (u16, u16), notes: i16) -> bool {
        if self.show_one_pane() {
            return false;
        }
        let across = ACROSS + self.across;
        let calls = if usual.0 == 0 { 0 } else { usual.0.cast_signed() + self.calls };
        let operations = usual.1.cast_signed() + self.operations;
        let floor = if self.show_all_panes() { 6 } else { 0 };
        let participants = self.body().1.cast_signed() - calls - operations - notes - floor;
        (SHARE..=100 - SHARE).contains(&across)
            && (calls == 0 || calls >= ROWS)
            && operations >= ROWS
            && participants >= ROWS
    }
}
