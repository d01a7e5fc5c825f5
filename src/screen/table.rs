//! Lays out the tables of the panes: the width of each chosen column, and the columns that have to be dropped.

use ratatui::style::Style;

use super::row::RowBuilder;
use super::text::DisplayText;
use crate::desk::{Column, PaneSort, ShownColumn};

/// The content of a cell.
pub(super) struct TableCell {
    /// The text, which may hold unsafe characters.
    pub(super) text: String,
    pub(super) style: Style,
}

/// The columns that fit, with their widths.
pub(super) struct ColumnTable {
    columns: Vec<(&'static Column, usize)>,
}

/// A width that fits every column, for texts that are not drawn.
pub(super) const EVERY_COLUMN: usize = 10_000;

/// The columns of the selection sign and the mark.
const LEAD: usize = 2;

impl ColumnTable {
    /// Lays out the chosen columns in `room` columns of the screen, with space for the sign of the sort column.
    /// `widest` returns the width of the widest visible text of a column.
    pub(super) fn of(
        chosen: &[ShownColumn],
        sort: Option<PaneSort>,
        room: usize,
        widest: impl Fn(&'static Column) -> usize,
    ) -> Self {
        let width = |it: &ShownColumn| {
            let (least, most) = (usize::from(it.column.width.0), usize::from(it.column.width.1));
            let sorts = sort.is_some_and(|sort| sort.by == it.column);
            let least = if sorts { least.max(it.column.heading.len() + 1) } else { least };
            let most = most.max(least);
            match it.width {
                Some(width) => usize::from(width),
                None if it.column.flexible => least,
                None => widest(it.column).clamp(least, most),
            }
        };
        let mut laid: Vec<(ShownColumn, usize)> = chosen.iter().map(|it| (*it, width(it))).collect();
        let used = |laid: &[(ShownColumn, usize)]| LEAD + laid.iter().map(|(_, width)| width + 1).sum::<usize>() - 1;
        while laid.len() > 1 && used(&laid) > room {
            let least = laid.iter().enumerate().filter(|(_, (it, _))| it.column.drop_order > 0);
            let Some((at, (shown, width))) = least.max_by_key(|(_, (it, _))| it.column.drop_order) else { break };
            let left = (room + width).saturating_sub(used(&laid));
            if is_cut(shown) && left >= usize::from(shown.column.width.0) {
                laid.iter_mut().skip(at).take(1).for_each(|(_, width)| *width = left);
            } else {
                laid.remove(at);
            }
        }
        let mut rest = room.saturating_sub(used(&laid));
        let fills = |it: &ShownColumn| it.column.flexible && it.width.is_none();
        let mut fillers = laid.iter().filter(|(it, _)| fills(it)).count();
        for (shown, width) in laid.iter_mut().filter(|(it, _)| fills(it)) {
            let share = rest.div_euclid(fillers.max(1)).min(usize::from(shown.column.width.1).saturating_sub(*width));
            *width += share;
            rest -= share;
            fillers -= 1;
        }
        Self { columns: laid.into_iter().map(|(it, width)| (it.column, width)).collect() }
    }

    /// Whether a column fits.
    pub(super) fn has(&self, name: &str) -> bool {
        self.width(name) > 0
    }

    /// The width of a column; 0 when it is dropped.
    pub(super) fn width(&self, name: &str) -> usize {
        self.columns.iter().find(|(it, _)| it.name == name).map_or(0, |(_, width)| *width)
    }

    /// The row of heads, with a sign at the sort column.
    pub(super) fn head(&self, sort: Option<PaneSort>, style: Style) -> RowBuilder {
        let head = |column: &'static Column| match sort {
            // In a narrow column the head is cut, and the sign stays.
            Some(sort) if sort.by == column => {
                let letters = self.width(column.name).saturating_sub(1);
                let word: String = column.heading.chars().take(letters).collect();
                format!("{word}{}", if sort.reversed { "-" } else { "+" })
            }
            Some(_) | None => column.heading.to_owned(),
        };
        self.row("", style, |column| TableCell { text: head(column), style })
    }

    /// A row of its lead and one cell per column.
    pub(super) fn row(&self, lead: &str, style: Style, cell: impl Fn(&'static Column) -> TableCell) -> RowBuilder {
        let mut row = RowBuilder::default().cell(lead, LEAD, style);
        for (at, (column, width)) in self.columns.iter().enumerate() {
            let TableCell { text, style } = cell(column);
            let gap = usize::from(at > 0);
            row = row.gap(gap);
            row = if column.right_aligned { row.right(&text, *width, style) } else { row.cell(&text, *width, style) };
        }
        row
    }
}

/// Whether a column that does not fit is shortened before it is dropped: the operator chose it by name or width, and
/// the beginning of its text is useful.
const fn is_cut(shown: &ShownColumn) -> bool {
    shown.width.is_some() || !(shown.column.default_shown || shown.column.right_aligned)
}

/// The width of the widest text, as it is drawn.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.filter(|it| !it.is_empty()).map(|it| DisplayText::clean(it).width()).max().unwrap_or_default()
}
