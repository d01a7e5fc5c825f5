//! Where the columns of the panes stand. Positions come from the terminal and the chosen columns alone, never from the
//! data, so no column moves while the floor changes.

use crate::desk::{Column, Pane, PaneColumns, PaneSort, ShownColumn};
use crate::screen::row::RowBuilder;
use crate::screen::section::SectionRule;
use crate::screen::theme::Theme;
use ratatui::style::Style;

/// The content of a cell.
pub(super) struct TableCell {
    /// The text, which may hold unsafe characters.
    pub(super) text: String,
    pub(super) style: Style,
}

/// A column and its place in a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PlacedColumn {
    column: &'static Column,
    /// The first column on the screen, from the pane's left edge.
    at: usize,
    width: usize,
    /// Where the heading of a column of numbers ends.
    end: usize,
}

/// The columns that fit into a pane, with their places.
#[derive(Debug)]
pub(super) struct ColumnGrid {
    placed: Vec<PlacedColumn>,
}

/// A column of the fixed grid: its name, its first and its last place.
type GridColumn = (&'static str, usize, usize);

/// The fixed grid of a pane with its default columns, in a pane of this width or more.
struct FixedGrid {
    pane: Pane,
    width: usize,
    columns: &'static [GridColumn],
}

/// The cursor takes column 0; the sign, the number and the name begin at 2, 4 and 9 in every pane.
const FIXED: &[FixedGrid] = &[
    FixedGrid {
        pane: Pane::Calls,
        width: 60,
        columns: &[
            ("alert", 2, 3),
            ("number", 4, 6),
            ("subject", 9, 28),
            ("state", 30, 41),
            ("people", 42, 44),
            ("waiting", 46, 49),
            ("muted", 51, 55),
            ("age", 57, 59),
        ],
    },
    FixedGrid {
        pane: Pane::Calls,
        width: 80,
        columns: &[
            ("alert", 2, 3),
            ("number", 4, 6),
            ("subject", 9, 39),
            ("state", 41, 53),
            ("people", 56, 58),
            ("waiting", 60, 63),
            ("muted", 66, 70),
            ("age", 73, 77),
        ],
    },
    FixedGrid {
        pane: Pane::Participants,
        width: 58,
        columns: &[
            ("alert", 2, 3),
            ("name", 5, 23),
            ("kind", 25, 30),
            ("mic", 32, 43),
            ("hold", 44, 51),
            ("time", 53, 56),
        ],
    },
    FixedGrid {
        pane: Pane::Participants,
        width: 80,
        columns: &[
            ("alert", 2, 3),
            ("name", 9, 31),
            ("kind", 32, 37),
            ("mic", 41, 56),
            ("hold", 57, 64),
            ("time", 73, 77),
        ],
    },
    FixedGrid {
        pane: Pane::Operations,
        width: 60,
        columns: &[("op", 3, 6), ("by", 9, 14), ("action", 16, 39), ("result", 41, 59)],
    },
    FixedGrid {
        pane: Pane::Operations,
        width: 80,
        columns: &[("op", 3, 6), ("by", 9, 14), ("action", 16, 39), ("result", 41, 79)],
    },
];

/// The columns of the cursor and the mark.
const LEAD: usize = 2;

/// A width that fits every column, for texts that are not drawn.
pub(super) const EVERY_COLUMN: usize = 10_000;

impl ColumnGrid {
    /// Places the chosen columns of a pane in `room` columns of the screen.
    pub(super) fn of(pane: Pane, chosen: &[ShownColumn], room: usize) -> Self {
        let default = PaneColumns::default();
        // A pane between two sizes keeps the places of the smaller one.
        let fixed = FIXED.iter().rev().find(|it| it.pane == pane && room >= it.width);
        match fixed {
            Some(fixed) if default.of(pane) == chosen => Self::fixed(fixed, room),
            Some(_) | None => Self::shared(chosen, room),
        }
    }

    fn fixed(fixed: &FixedGrid, room: usize) -> Self {
        let last = fixed.columns.len().saturating_sub(1);
        let place = |(at, (name, first, end)): (usize, &GridColumn)| {
            let column = Column::named(fixed.pane, name)?;
            // The last text takes what a wider pane has.
            let end = if at == last && !column.right_aligned { room.saturating_sub(1).max(*end) } else { *end };
            Some(PlacedColumn { column, at: *first, width: end + 1 - first, end: end + 1 })
        };
        Self { placed: fixed.columns.iter().enumerate().filter_map(place).collect() }
    }

    /// Places columns one after the other: each has its least width, and flexible ones share the rest.
    fn shared(chosen: &[ShownColumn], room: usize) -> Self {
        let width = |it: &ShownColumn| match it.width {
            Some(width) => usize::from(width),
            None => usize::from(it.column.width.0).max(it.column.heading.len()),
        };
        let mut laid: Vec<(ShownColumn, usize)> = chosen.iter().map(|it| (*it, width(it))).collect();
        let used = |laid: &[(ShownColumn, usize)]| LEAD + laid.iter().map(|(_, width)| width + 1).sum::<usize>();
        while laid.len() > 1 && used(&laid) > room + 1 {
            let least = laid.iter().enumerate().filter(|(_, (it, _))| it.column.drop_order > 0);
            let Some((at, (shown, width))) = least.max_by_key(|(_, (it, _))| it.column.drop_order) else { break };
            let left = (room + 1 + width).saturating_sub(used(&laid));
            if is_cut(shown) && left >= usize::from(shown.column.width.0) {
                laid.iter_mut().skip(at).take(1).for_each(|(_, width)| *width = left);
            } else {
                laid.remove(at);
            }
        }
        let mut rest = (room + 1).saturating_sub(used(&laid));
        let fills = |it: &ShownColumn| it.column.flexible && it.width.is_none();
        let mut fillers = laid.iter().filter(|(it, _)| fills(it)).count();
        for (shown, width) in laid.iter_mut().filter(|(it, _)| fills(it)) {
            let share = rest.div_euclid(fillers.max(1)).min(usize::from(shown.column.width.1).saturating_sub(*width));
            *width += share;
            rest -= share;
            fillers -= 1;
        }
        let mut at = LEAD;
        let place = |(shown, width): (ShownColumn, usize)| {
            let first = at;
            at += width + 1;
            PlacedColumn { column: shown.column, at: first, width, end: first + width }
        };
        Self { placed: laid.into_iter().map(place).collect() }
    }

    /// Whether a column fits.
    pub(super) fn has(&self, name: &str) -> bool {
        self.width(name) > 0
    }

    /// The width of a column; 0 when it is dropped.
    pub(super) fn width(&self, name: &str) -> usize {
        self.placed.iter().find(|it| it.column.name == name).map_or(0, |it| it.width)
    }

    /// The first place of a column; 0 when it is dropped.
    pub(super) fn start(&self, name: &str) -> usize {
        self.placed.iter().find(|it| it.column.name == name).map_or(0, |it| it.at)
    }

    /// Writes the headings on a section's rule, with a sign at the sort column.
    pub(super) fn head(&self, rule: SectionRule, sort: Option<PaneSort>, theme: &Theme) -> SectionRule {
        self.placed.iter().fold(rule, |rule, it| {
            let heading = match sort {
                Some(sort) if sort.by == it.column => {
                    let word = if it.column.heading.is_empty() { it.column.name } else { it.column.heading };
                    format!("{word}{}", if sort.reversed { "-" } else { "+" })
                }
                Some(_) | None => it.column.heading.to_owned(),
            };
            if it.column.right_aligned {
                rule.ending(it.end, &heading, theme.quiet)
            } else {
                rule.at(it.at, &heading, theme.quiet)
            }
        })
    }

    /// A row of its lead and one cell per column.
    pub(super) fn row(&self, lead: RowBuilder, cell: impl Fn(&'static Column) -> TableCell) -> RowBuilder {
        self.placed.iter().fold(lead, |row, it| {
            let TableCell { text, style } = cell(it.column);
            let row = row.to(it.at);
            if it.column.right_aligned { row.right(&text, it.width, style) } else { row.cell(&text, it.width, style) }
        })
    }
}

/// Whether a column that does not fit is shortened before it is dropped: the operator chose it by name or width, and
/// the beginning of its text is useful.
const fn is_cut(shown: &ShownColumn) -> bool {
    shown.width.is_some() || !(shown.column.default_shown || shown.column.right_aligned)
}
