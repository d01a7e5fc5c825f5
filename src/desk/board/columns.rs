//! The columns of the panes as data: which there are, which are shown, in what order, how wide, and what sorts by them.
//! Knows no drawing.

use crate::desk::vocab::Pane;

/// A column that a pane can show.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The pane that shows it.
    pub pane: Pane,
    /// Its name in settings and commands.
    pub name: &'static str,
    /// The word over it.
    pub head: &'static str,
    /// Its least and most width.
    pub width: (u16, u16),
    /// Whether it shares what the others leave, up to its most.
    pub fills: bool,
    /// How soon it goes where not all fit: the highest first; 0 stays.
    pub goes: u8,
    /// Whether its text stands at the right.
    pub right: bool,
    /// Whether it is shown unless chosen otherwise.
    pub usual: bool,
}

/// A column that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownColumn {
    /// Which.
    pub column: &'static Column,
    /// A width of the operator's choice.
    pub width: Option<u16>,
}

/// The columns that each pane shows, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneColumns {
    calls: Vec<ShownColumn>,
    participants: Vec<ShownColumn>,
    operations: Vec<ShownColumn>,
}

/// By what a pane's rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneSort {
    /// The column.
    pub by: &'static Column,
    /// Whether the last comes first.
    pub reversed: bool,
}

/// A column that is shown unless chosen otherwise, with its text at the left, and that never goes.
const fn column(pane: Pane, texts: [&'static str; 2], width: (u16, u16)) -> Column {
    Column { pane, name: texts[0], head: texts[1], width, fills: false, goes: 0, right: false, usual: true }
}

const FILL: u16 = 200;

/// Every column, in the usual order.
#[rustfmt::skip]
pub static COLUMNS: &[Column] = &[
    Column { right: true, ..column(Pane::Calls, ["number", "#"], (2, 7)) },
    column(Pane::Calls, ["alert", "!"], (3, 3)),
    Column { goes: 2, ..column(Pane::Calls, ["state", "STATE"], (11, 16)) },
    Column { goes: 3, usual: false, ..column(Pane::Calls, ["kind", "KIND"], (5, 7)) },
    Column { fills: true, ..column(Pane::Calls, ["subject", "SUBJECT"], (8, FILL)) },
    Column { goes: 3, right: true, ..column(Pane::Calls, ["people", "PPL"], (3, 5)) },
    Column { right: true, ..column(Pane::Calls, ["held", "HELD"], (5, 11)) },
    Column { goes: 4, right: true, usual: false, ..column(Pane::Calls, ["muted", "MUTED"], (5, 5)) },
    Column { goes: 4, right: true, usual: false, ..column(Pane::Calls, ["lobby", "LOBBY"], (5, 11)) },
    Column { goes: 4, right: true, usual: false, ..column(Pane::Calls, ["heard", "HEARD"], (5, 9)) },
    Column { goes: 1, right: true, ..column(Pane::Calls, ["age", "AGE"], (5, 10)) },
    Column { goes: 5, usual: false, ..column(Pane::Calls, ["id", "ID"], (8, 36)) },
    Column { fills: true, ..column(Pane::Participants, ["name", "NAME"], (8, 32)) },
    Column { goes: 2, ..column(Pane::Participants, ["kind", "KIND"], (6, 6)) },
    column(Pane::Participants, ["mic", "MIC"], (9, 9)),
    column(Pane::Participants, ["hold", "HOLD"], (5, 30)),
    Column { goes: 1, right: true, ..column(Pane::Participants, ["time", "TIME"], (8, 10)) },
    Column { goes: 3, usual: false, ..column(Pane::Participants, ["id", "ID"], (8, 36)) },
    Column { goes: 1, ..column(Pane::Operations, ["time", "TIME"], (8, 8)) },
    Column { right: true, ..column(Pane::Operations, ["op", "OP"], (4, 7)) },
    Column { goes: 2, ..column(Pane::Operations, ["by", "BY"], (7, 12)) },
    column(Pane::Operations, ["action", "ACTION"], (8, 22)),
    Column { fills: true, ..column(Pane::Operations, ["target", "TARGET"], (12, 40)) },
    Column { goes: 3, right: true, ..column(Pane::Operations, ["accept", "ACCEPT"], (6, 7)) },
    Column { goes: 4, ..column(Pane::Operations, ["proof", "PROOF"], (14, 14)) },
    Column { fills: true, ..column(Pane::Operations, ["result", "RESULT"], (27, FILL)) },
];

impl Column {
    /// The column of a pane that has this name.
    #[must_use]
    pub fn named(pane: Pane, name: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|it| it.pane == pane && it.name.eq_ignore_ascii_case(name))
    }

    /// The columns of a pane.
    #[must_use]
    pub fn of(pane: Pane) -> impl DoubleEndedIterator<Item = &'static Self> {
        COLUMNS.iter().filter(move |it| it.pane == pane)
    }
}

impl Default for PaneColumns {
    fn default() -> Self {
        let usual =
            |pane| Column::of(pane).filter(|it| it.usual).map(|column| ShownColumn { column, width: None }).collect();
        Self { calls: usual(Pane::Calls), participants: usual(Pane::Participants), operations: usual(Pane::Operations) }
    }
}

impl PaneColumns {
    /// The columns of a pane that are shown.
    #[must_use]
    pub fn of(&self, pane: Pane) -> &[ShownColumn] {
        match pane {
            Pane::Calls => &self.calls,
            Pane::Participants => &self.participants,
            Pane::Operations => &self.operations,
        }
    }

    fn of_mut(&mut self, pane: Pane) -> &mut Vec<ShownColumn> {
        match pane {
            Pane::Calls => &mut self.calls,
            Pane::Participants => &mut self.participants,
            Pane::Operations => &mut self.operations,
        }
    }

    /// Chooses the columns of a pane by a list such as `number, state:12, subject`: names apart by commas or spaces, a
    /// width after a colon.
    ///
    /// # Errors
    /// A sentence that names what is not understood, and the columns that there are.
    pub fn choose(&mut self, pane: Pane, list: &str) -> Result<(), String> {
        let mut chosen: Vec<ShownColumn> = Vec::new();
        for word in list.split([',', ' ']).filter(|it| !it.is_empty()) {
            let (name, width) = word.split_once(':').map_or((word, None), |(name, width)| (name, Some(width)));
            let names = || Column::of(pane).map(|it| it.name).collect::<Vec<_>>().join(", ");
            let column = Column::named(pane, name)
                .ok_or_else(|| format!("{} have no column {name:?}; there are {}", pane.name(), names()))?;
            let width = width.map(|it| it.parse().ok().filter(|it| (1..=200).contains(it)).ok_or(it));
            let width = width.transpose().map_err(|it| format!("{word}: a width from 1 to 200, not {it:?}"))?;
            if chosen.iter().any(|it| it.column == column) {
                return Err(format!("{name} is named twice"));
            }
            chosen.push(ShownColumn { column, width });
        }
        if chosen.is_empty() {
            return Err("name at least one column".to_owned());
        }
        *self.of_mut(pane) = chosen;
        Ok(())
    }

    /// Shows in a pane what `other` shows there.
    pub(in crate::desk) fn adopt(&mut self, pane: Pane, other: &Self) {
        *self.of_mut(pane) = other.of(pane).to_vec();
    }

    /// The list that [`Self::choose`] reads.
    #[must_use]
    pub fn list(&self, pane: Pane) -> String {
        let word = |it: &ShownColumn| {
            it.width.map_or_else(|| it.column.name.to_owned(), |to| format!("{}:{to}", it.column.name))
        };
        self.of(pane).iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

impl PaneSort {
    /// The sort after this one: each shown column of the pane in turn, and then the pane's own order again.
    #[must_use]
    pub fn next(sort: Option<Self>, shown: &[ShownColumn]) -> Option<Self> {
        let at = sort.and_then(|it| shown.iter().position(|other| other.column == it.by));
        let next = shown.get(at.map_or(0, |it| it + 1))?;
        Some(Self { by: next.column, reversed: false })
    }

    /// Reads `age` or `age reversed`, also `-age`.
    ///
    /// # Errors
    /// A sentence that names the columns that there are.
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
    fn a_list_is_chosen_and_written_the_same() {
        let mut columns = PaneColumns::default();
        columns.choose(Pane::Calls, "subject, age:7 number").unwrap();
        assert_eq!(columns.list(Pane::Calls), "subject, age:7, number");
        for (list, says) in [
            ("subject, colour", "Calls have no column \"colour\"; there are number, alert"),
            ("age:wide", "age:wide: a width from 1 to 200, not \"wide\""),
            ("age:0", "a width from 1 to 200"),
            ("age, age", "age is named twice"),
            (" , ", "name at least one column"),
        ] {
            let error = columns.choose(Pane::Calls, list).unwrap_err();
            assert!(error.contains(says), "{error}");
            assert_eq!(columns.list(Pane::Calls), "subject, age:7, number", "a broken wish changes nothing");
        }
    }

    #[test]
    fn the_sort_goes_round() {
        let columns = PaneColumns::default();
        let shown = columns.of(Pane::Participants);
        let mut sort = None;
        let mut seen = Vec::new();
        loop {
            sort = PaneSort::next(sort, shown);
            match sort {
                Some(it) => seen.push(it.by.name),
                None => break,
            }
        }
        assert_eq!(seen, ["name", "kind", "mic", "hold", "time"]);
        assert_eq!(
            PaneSort::parse(Pane::Calls, "-age").unwrap(),
            PaneSort::parse(Pane::Calls, "age reversed").unwrap()
        );
        assert!(PaneSort::parse(Pane::Calls, "mic").is_err());
    }
}
