//! How the rows of the terminal are shared between the panes: the default sizes, and the operator's changes to them.
//!
//! Heights come from the terminal alone, never from the data; only Waiting has two.

use crate::desk::vocab::Pane;

/// The differences from the default sizes, and the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaneSizes {
    across: i16,
    calls: i16,
    operations: i16,
    terminal: (u16, u16),
}

/// The rows of the panes below Waiting, without their rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneRows {
    /// The rows of the calls.
    pub calls: u16,
    /// The rows of the people; those of the calls where both stand side by side.
    pub participants: u16,
    /// The rows of the operations, and of the event log beside them.
    pub operations: u16,
}

/// The smallest terminal that shows a board, in columns and rows.
pub(in crate::desk) const SMALLEST: (u16, u16) = (60, 20);
/// The smallest terminal that shows all panes at once, one above the other, in columns and rows.
pub(in crate::desk) const STACKED: (u16, u16) = (80, 24);
/// From this width calls and people are side by side, and the event log is visible.
pub(in crate::desk) const WIDE: u16 = 120;
/// From this height there are blank rows between the sections, a row for the band, and room for a presenter's notes.
pub(in crate::desk) const ROOMY: u16 = 30;
/// From this height the last hour is visible, and an operation has three rows.
pub(in crate::desk) const TALL: u16 = 48;
/// The rows of the last hour, with its rule.
pub(in crate::desk) const LAST_HOUR: u16 = 10;
/// The rows of the presenter's notes, with their rule.
pub(in crate::desk) const NOTES: u16 = 3;

/// The minimum rows of calls and people, and of operations.
const LEAST: [i16; 2] = [3, 2];
/// How far the border between two panes can move from its usual place, in columns.
const MOST_ACROSS: i16 = 24;
/// How far one key press moves the border, in columns.
const STEP: i16 = 4;

impl PaneSizes {
    /// The extra columns of the calls beside the people.
    #[must_use]
    pub const fn across(self) -> i16 {
        self.across
    }

    /// The rows of the terminal.
    pub(in crate::desk) const fn terminal_rows(self) -> u16 {
        self.terminal.1
    }

    /// Returns whether the terminal is known to be too small for a board, so that none of its rows is visible.
    pub(in crate::desk) const fn show_nothing(self) -> bool {
        let (columns, rows) = self.terminal;
        (columns > 0 || rows > 0) && (columns < SMALLEST.0 || rows < SMALLEST.1)
    }

    /// Returns whether the terminal has room for all panes and the presenter's notes.
    pub(in crate::desk) const fn show_all_panes(self) -> bool {
        self.terminal.0 >= WIDE && self.terminal.1 >= ROOMY
    }

    /// Returns whether this pane can be seen: the narrow board has no room for the event log. A terminal that shows one pane
    /// at a time can show each, and one of unknown size is taken to be large.
    pub(in crate::desk) fn has_pane(self, pane: Pane) -> bool {
        pane != Pane::Events || self.show_one_pane() || self.terminal.0 >= WIDE || self.terminal == (0, 0)
    }

    /// Whether the terminal is too small for more than one pane below Waiting.
    pub(in crate::desk) const fn show_one_pane(self) -> bool {
        self.terminal.0 < STACKED.0 || self.terminal.1 < STACKED.1
    }

    /// The same sizes in a terminal of these columns and rows.
    #[must_use]
    pub const fn in_terminal(self, columns: u16, rows: u16) -> Self {
        Self { terminal: (columns, rows), ..self }
    }

    /// Returns the default sizes in this terminal.
    pub(in crate::desk) fn usual(self) -> Self {
        Self { terminal: self.terminal, ..Self::default() }
    }

    /// Returns the sizes with one pane larger or smaller by one key press.
    pub(in crate::desk) const fn resized(mut self, pane: Pane, grows: bool) -> Self {
        let by = if grows { 1 } else { -1 };
        match (pane, self.terminal.0 >= WIDE) {
            (Pane::Calls, true) => self.across += by * STEP,
            (Pane::Participants, true) => self.across -= by * STEP,
            (Pane::Calls, false) => self.calls += by,
            (Pane::Operations | Pane::Events, _) => self.operations += by,
            // The people have the rows that the others leave, so the pane further from its usual size gives way.
            (Pane::Participants, false) if (self.calls > self.operations) == grows => self.calls -= by,
            (Pane::Participants, false) => self.operations -= by,
            (Pane::Waiting, _) => {}
        }
        self
    }

    /// The rows that calls, people and operations share, with this many rows of Waiting, and with or without
    /// a presenter's notes.
    fn shared(self, waiting: u16, notes: bool) -> u16 {
        let (columns, rows) = self.terminal;
        let blank = u16::from(rows >= ROOMY);
        let wide = columns >= WIDE;
        let rules = if wide { 2 } else { 3 };
        let gaps = blank * (rules - 1);
        let last_hour = if wide && rows >= TALL { LAST_HOUR + blank } else { 0 };
        let notes = if notes { NOTES + blank } else { 0 };
        // The header, the band, Waiting with its rule and a blank row, a blank row, the message and the keys.
        let others = 2 + blank + 1 + waiting + blank + blank + 2;
        rows.saturating_sub(others + rules + gaps + last_hour + notes)
    }

    /// The rows of each pane, as the operator wants them; an amount may be less than a pane needs.
    fn wanted(self, waiting: u16, notes: bool) -> [i16; 3] {
        let shared = self.shared(waiting, notes).cast_signed();
        if self.terminal.0 >= WIDE {
            let part = if self.terminal.1 >= TALL { 40 } else { 28 };
            let usual = ((i32::from(shared) * part + 50) / 100).max(2);
            let operations = i16::try_from(usual).unwrap_or(i16::MAX) + self.operations;
            return [shared - operations, shared - operations, operations];
        }
        // Larger operations take their rows from the people, as larger calls do.
        let operations = 2 + self.operations;
        let calls = (shared - 2) / 2 + self.calls;
        [calls, shared - operations - calls, operations]
    }

    /// The rows of each pane. If the operator's sizes do not fit, the panes keep their minimum rows.
    #[must_use]
    pub fn rows(self, waiting: u16, notes: bool) -> PaneRows {
        let shared = self.shared(waiting, notes);
        let rows = |wanted: i16, most: u16| u16::try_from(wanted.clamp(2, most.max(2).cast_signed())).unwrap_or(2);
        let [calls, _, operations] = self.wanted(waiting, notes);
        let operations = rows(operations, shared.saturating_sub(3));
        let rest = shared.saturating_sub(operations);
        if self.terminal.0 >= WIDE {
            return PaneRows { calls: rest, participants: rest, operations };
        }
        let calls = rows(calls, rest.saturating_sub(2));
        PaneRows { calls, participants: rest.saturating_sub(calls), operations }
    }

    /// Whether every pane keeps its minimum size.
    pub(in crate::desk) fn fit(self, waiting: u16, notes: bool) -> bool {
        let [least_upper, least_lower] = LEAST;
        let [calls, participants, operations] = self.wanted(waiting, notes);
        !self.show_one_pane()
            && self.across.abs() <= MOST_ACROSS
            && calls >= least_upper
            && participants >= least_upper
            && operations >= least_lower
    }
}
