//! The columns of the panes as data: the available and the shown columns with their order and width, and the sort order
//! of a pane. Draws nothing.

use crate::desk::vocab::Pane;

/// A column that a pane can show.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The pane that can show the column.
    pub pane: Pane,
    /// The name of the column in settings and commands.
    pub name: &'static str,
    /// The heading over the column.
    pub heading: &'static str,
    /// The minimum and maximum width, in cells.
    pub width: (u16, u16),
    /// Whether the column shares the width that the others leave free, up to its maximum.
    pub flexible: bool,
    /// The order in which columns are dropped if not all fit: the highest number first. 0 is never dropped.
    pub drop_order: u8,
    /// Whether the text is aligned to the right.
    pub right_aligned: bool,
    /// Whether the column is shown if the operator has not chosen columns.
    pub default_shown: bool,
}

/// A column that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownColumn {
    /// The column itself.
    pub column: &'static Column,
    /// The width that the operator has set, in cells.
    pub width: Option<u16>,
}

/// The columns that each pane shows, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneColumns {
    calls: Vec<ShownColumn>,
    participants: Vec<ShownColumn>,
    operations: Vec<ShownColumn>,
}

/// The sort order of a pane's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneSort {
    /// The column to sort by.
    pub by: &'static Column,
    /// Whether the order is reversed.
    pub reversed: bool,
}

/// Returns a column with the usual flags: shown by default, aligned to the left, never dropped.
const fn column(pane: Pane, texts: [&'static str; 2], width: (u16, u16)) -> Column {
    Column {
        pane,
        name: texts[0],
        heading: texts[1],
        width,
        flexible: false,
        drop_order: 0,
        right_aligned: false,
        default_shown: true,
    }
}

/// The maximum width of a column, in cells.
const MAX_WIDTH: u16 = 200;

/// Every column, in the default order.
#[rustfmt::skip]
pub static COLUMNS: &[Column] = &[
    Column { right_aligned: true, ..column(Pane::Calls, ["alert", ""], (2, 2)) },
    Column { right_aligned: true, ..column(Pane::Calls, ["number", ""], (3, 7)) },
    Column { drop_order: 3, default_shown: false, ..column(Pane::Calls, ["kind", "KIND"], (5, 7)) },
    Column { flexible: true, ..column(Pane::Calls, ["subject", ""], (8, MAX_WIDTH)) },
    Column { drop_order: 2, ..column(Pane::Calls, ["state", "STATE"], (12, 16)) },
    Column { drop_order: 5, right_aligned: true, ..column(Pane::Calls, ["people", "IN"], (3, 5)) },
    Column { right_aligned: true, ..column(Pane::Calls, ["waiting", "WAIT"], (4, 5)) },
    Column { right_aligned: true, default_shown: false, ..column(Pane::Calls, ["held", "HELD"], (8, 11)) },
    Column { drop_order: 3, right_aligned: true, ..column(Pane::Calls, ["muted", "MUTED"], (5, 5)) },
    Column { drop_order: 4, right_aligned: true, default_shown: false, ..column(Pane::Calls, ["lobby", "LOBBY"], (8, 11)) },
    Column { drop_order: 4, right_aligned: true, default_shown: false, ..column(Pane::Calls, ["heard", "HEARD"], (7, 9)) },
    Column { drop_order: 4, right_aligned: true, ..column(Pane::Calls, ["age", "MIN"], (3, 5)) },
    Column { drop_order: 6, default_shown: false, ..column(Pane::Calls, ["id", "ID"], (8, 36)) },
    Column { right_aligned: true, ..column(Pane::Participants, ["alert", ""], (2, 2)) },
    Column { flexible: true, ..column(Pane::Participants, ["name", ""], (8, MAX_WIDTH)) },
    Column { drop_order: 2, ..column(Pane::Participants, ["kind", ""], (6, 6)) },
    column(Pane::Participants, ["mic", "MIC"], (12, 16)),
    Column { right_aligned: true, ..column(Pane::Participants, ["hold", "WAITS"], (8, 12)) },
    Column { drop_order: 1, right_aligned: true, ..column(Pane::Participants, ["time", "MIN"], (4, 5)) },
    Column { drop_order: 3, default_shown: false, ..column(Pane::Participants, ["id", "ID"], (8, 36)) },
    Column { drop_order: 1, default_shown: false, ..column(Pane::Operations, ["time", "TIME"], (8, 8)) },
    Column { right_aligned: true, ..column(Pane::Operations, ["op", ""], (4, 7)) },
    Column { drop_order: 2, ..column(Pane::Operations, ["by", ""], (6, 12)) },
    Column { flexible: true, ..column(Pane::Operations, ["action", ""], (16, MAX_WIDTH)) },
    Column { flexible: true, default_shown: false, ..column(Pane::Operations, ["target", "TARGET"], (12, 40)) },
    Column { drop_order: 3, right_aligned: true, default_shown: false, ..column(Pane::Operations, ["accept", "ACCEPT"], (6, 7)) },
    Column { drop_order: 4, default_shown: false, ..column(Pane::Operations, ["proof", "BY"], (14, 14)) },
    Column { flexible: true, ..column(Pane::Operations, ["result", "PROOF"], (18, MAX_WIDTH)) },
];

impl Column {
    /// Returns the column of a pane with this name, in upper or lower case.
    #[must_use]
    pub fn named(pane: Pane, name: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|it| it.pane == pane && it.name.eq_ignore_ascii_case(name))
    }

    /// Returns the columns of a pane in the default order.
    #[must_use]
    pub fn of(pane: Pane) -> impl DoubleEndedIterator<Item = &'static Self> {
        COLUMNS.iter().filter(move |it| it.pane == pane)
    }
}

impl Default for PaneColumns {
    fn default() -> Self {
        let usual = |pane| {
            Column::of(pane).filter(|it| it.default_shown).map(|column| ShownColumn { column, width: None }).collect()
        };
        Self { calls: usual(Pane::Calls), participants: usual(Pane::Participants), operations: usual(Pane::Operations) }
    }
}

impl PaneColumns {
    /// Returns the columns that a pane shows, in their order.
    #[must_use]
    pub fn of(&self, pane: Pane) -> &[ShownColumn] {
        match pane {
            Pane::Calls => &self.calls,
            Pane::Participants => &self.participants,
            Pane::Operations => &self.operations,
            Pane::Waiting | Pane::Events => &[],
        }
    }

    fn replace(&mut self, pane: Pane, columns: Vec<ShownColumn>) {
        match pane {
            Pane::Calls => self.calls = columns,
            Pane::Participants => self.participants = columns,
            Pane::Operations => self.operations = columns,
            Pane::Waiting | Pane::Events => {}
        }
    }

    /// Sets the columns of a pane from a list such as `number, state:12, subject`. Names are separated by commas or
    /// spaces; a width follows a colon.
    ///
    /// # Errors
    /// Returns a sentence with the invalid word and the available columns. The columns then stay as they were.
    pub fn set_from_list(&mut self, pane: Pane, list: &str) -> Result<(), String> {
        let mut chosen: Vec<ShownColumn> = Vec::new();
        for word in list.split([',', ' ']).filter(|it| !it.is_empty()) {
            let (name, width) = word.split_once(':').map_or((word, None), |(name, width)| (name, Some(width)));
            let names = || Column::of(pane).map(|it| it.name).collect::<Vec<_>>().join(", ");
            let column = Column::named(pane, name)
                .ok_or_else(|| format!("{} have no column {name:?}; there are {}", pane.name(), names()))?;
            let width = width.map(|text| text.parse().ok().filter(|it| (1..=MAX_WIDTH).contains(it)).ok_or(text));
            let width = width.transpose().map_err(|it| format!("{word}: a width from 1 to {MAX_WIDTH}, not {it:?}"))?;
            if chosen.iter().any(|it| it.column == column) {
                return Err(format!("{name} is named twice"));
            }
            chosen.push(ShownColumn { column, width });
        }
        if chosen.is_empty() {
            return Err("name at least one column".to_owned());
        }
        self.replace(pane, chosen);
        Ok(())
    }

    /// Copies the columns of a pane from `other`.
    pub(in crate::desk) fn copy_from(&mut self, pane: Pane, other: &Self) {
        self.replace(pane, other.of(pane).to_vec());
    }

    /// Returns the columns of a pane as a list that [`Self::set_from_list`] reads.
    #[must_use]
    pub fn list(&self, pane: Pane) -> String {
        let word = |it: &ShownColumn| {
            it.width.map_or_else(|| it.column.name.to_owned(), |to| format!("{}:{to}", it.column.name))
        };
        self.of(pane).iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

impl PaneSort {
    /// Returns the sort order that follows `sort`: each shown column in turn, and then the pane's own order (`None`).
    #[must_use]
    pub fn after(sort: Option<Self>, shown: &[ShownColumn]) -> Option<Self> {
        let at = sort.and_then(|it| shown.iter().position(|other| other.column == it.by));
        let next = shown.get(at.map_or(0, |it| it + 1))?;
        Some(Self { by: next.column, reversed: false })
    }

    /// Parses a sort order such as `age`, `age reversed` or `-age`.
    ///
    /// # Errors
    /// Returns a sentence with the available columns.
    pub fn parse(pane: Pane, text: &str) -> Result<Self, String> {
        let (name, reversed) = match (text.strip_prefix('-'), text.strip_suffix("reversed")) {
            (Some(name), _) | (None, Some(name)) => (name, true),
            (None, None) => (text, false),
        };
        let names = || Column::of(pane).map(|it| it.name).collect::<Vec<_>>().join(", ");
        let by = Column::named(pane, name.trim());
        let by = by.ok_or_else(|| format!("{} cannot be sorted by {text:?}; there are {}", pane.name(), names()))?;
        Ok(Self { by, reversed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_parsed_and_written_the_same() {
        let mut columns = PaneColumns::default();
        columns.set_from_list(Pane::Calls, "subject, age:7 number").unwrap();
        assert_eq!(columns.list(Pane::Calls), "subject, age:7, number");
        for (list, says) in [
            ("subject, colour", "Calls have no column \"colour\"; there are alert, number"),
            ("age:wide", "age:wide: a width from 1 to 200, not \"wide\""),
            ("age:0", "a width from 1 to 200"),
            ("age, age", "age is named twice"),
            (" , ", "name at least one column"),
        ] {
            let error = columns.set_from_list(Pane::Calls, list).unwrap_err();
            assert!(error.contains(says), "{error}");
            assert_eq!(columns.list(Pane::Calls), "subject, age:7, number", "an invalid list changes nothing");
        }
    }

    #[test]
    fn the_sort_order_cycles_through_the_shown_columns() {
        let columns = PaneColumns::default();
        let shown = columns.of(Pane::Participants);
        let mut sort = None;
        let mut seen = Vec::new();
        loop {
            sort = PaneSort::after(sort, shown);
            match sort {
                Some(it) => seen.push(it.by.name),
                None => break,
            }
        }
        assert_eq!(seen, ["alert", "name", "kind", "mic", "hold", "time"]);
        assert_eq!(
            PaneSort::parse(Pane::Calls, "-age").unwrap(),
            PaneSort::parse(Pane::Calls, "age reversed").unwrap()
        );
        assert!(PaneSort::parse(Pane::Calls, "mic").is_err());
    }
}
