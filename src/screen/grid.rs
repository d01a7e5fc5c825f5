//! The places of the panes' columns. Positions come from the terminal and the chosen columns alone, never from the
//! data, so no column moves while the floor changes.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Column, Pane, PaneColumns, PaneSort, ShownColumn};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::SectionRule;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;

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
    /// The chosen columns without room, in their order; empty for the default columns, which give way by design.
    missing: Vec<&'static str>,
    /// Whether the headings have a row of their own below the rule, because the section's title is above them.
    own_row: bool,
}

/// A column of the fixed grid: its name, its first and its last place.
type GridColumn = (&'static str, usize, usize);

/// The fixed grid of a pane with its default columns, for this width or more.
struct FixedGrid {
    pane: Pane,
    width: usize,
    /// The column that takes the further columns of a wider pane; empty if they stay blank.
    widens: &'static str,
    columns: &'static [GridColumn],
}

/// The cursor takes column 0; the sign, the number and the name begin at 2, 4 and 9 in every pane.
const FIXED: &[FixedGrid] = &[
    FixedGrid {
        pane: Pane::Calls,
        width: 60,
        widens: "subject",
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
        widens: "",
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
        widens: "name",
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
        widens: "",
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
        widens: "",
        columns: &[("op", 3, 6), ("by", 9, 14), ("action", 16, 39), ("result", 41, 59)],
    },
    FixedGrid {
        pane: Pane::Operations,
        width: 80,
        widens: "",
        columns: &[("op", 3, 6), ("by", 9, 14), ("action", 16, 39), ("result", 41, 79)],
    },
];

/// The columns of the cursor and the mark.
const LEAD: usize = 2;

/// The columns of a rule that the section's title uses.
const TITLE_ROOM: usize = 24;

/// A width that fits every column, for texts that are not drawn.
pub(super) const EVERY_COLUMN: usize = 10_000;

impl PlacedColumn {
    /// Where the heading begins; `None` for a column without a heading.
    fn heading_start(&self) -> Option<usize> {
        let width = self.column.heading.len();
        let start = if self.column.right_aligned { self.end.saturating_sub(width) } else { self.at };
        (width > 0).then_some(start)
    }

    /// The heading, and the sign of the sort column; no sign without a heading.
    fn heading(&self, sort: Option<PaneSort>) -> (&'static str, &'static str) {
        let sign = sort.filter(|it| it.by == self.column && !self.column.heading.is_empty());
        (self.column.heading, sign.map_or("", sort_sign))
    }
}

impl ColumnGrid {
    /// Places the chosen columns of a pane in `room` columns of the screen.
    pub(super) fn of(pane: Pane, chosen: &[ShownColumn], room: usize) -> Self {
        let default = PaneColumns::default();
        // A pane between two sizes uses the places of the smaller one.
        let fixed = FIXED.iter().rev().find(|it| it.pane == pane && room >= it.width);
        match fixed {
            Some(fixed) if default.of(pane) == chosen => Self::fixed(fixed, room),
            Some(_) | None if default.of(pane) == chosen => Self::shared(chosen, room),
            Some(_) | None => {
                let grid = Self::shared(chosen, room);
                let missing = chosen.iter().map(|it| it.column.name).filter(|it| !grid.has(it)).collect();
                Self { missing, ..grid }
            }
        }
    }

    fn fixed(fixed: &FixedGrid, room: usize) -> Self {
        let last = fixed.columns.len().saturating_sub(1);
        let extra = if fixed.widens.is_empty() { 0 } else { room.saturating_sub(fixed.width) };
        let widened = fixed.columns.iter().position(|(name, ..)| *name == fixed.widens).unwrap_or(last);
        let place = |(at, (name, first, end)): (usize, &GridColumn)| {
            let column = Column::named(fixed.pane, name)?;
            let first = first + if at > widened { extra } else { 0 };
            let end = end + if at >= widened { extra } else { 0 };
            // The last text gets the extra columns of a wider pane.
            let end = if at == last && !column.right_aligned { room.saturating_sub(1).max(end) } else { end };
            Some(PlacedColumn { column, at: first, width: end + 1 - first, end: end + 1 })
        };
        Self {
            placed: fixed.columns.iter().enumerate().filter_map(place).collect(),
            missing: Vec::new(),
            own_row: false,
        }
    }

    /// Places columns one after the other: each has its minimum width, and flexible ones share the rest.
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
        let placed: Vec<PlacedColumn> = laid.into_iter().map(place).collect();
        let own_row = placed.iter().any(|it| it.heading_start().is_some_and(|start| start < TITLE_ROOM));
        Self { placed, missing: Vec::new(), own_row }
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

    /// The chosen columns for which there is no room: `no room: heard, id`; `None` if all fit.
    pub(super) fn missing_note(&self) -> Option<String> {
        (!self.missing.is_empty()).then(|| format!("no room: {}", self.missing.join(", ")))
    }

    /// The rows of the headings below the rule: 0 if they are on the rule.
    pub(super) fn heading_rows(&self) -> usize {
        usize::from(self.own_row)
    }

    /// The columns that a title on the rule may use before the first heading.
    pub(super) fn title_room(&self) -> usize {
        let first = self.placed.iter().filter_map(PlacedColumn::heading_start).min();
        first.filter(|_| !self.own_row).map_or(usize::MAX, |it| it.saturating_sub(1))
    }

    /// The text beside the title of a pane that is sorted by a column without a heading: `, by name+`.
    pub(super) fn sort_note(sort: Option<PaneSort>) -> String {
        let bare = sort.filter(|it| it.by.heading.is_empty());
        bare.map_or_else(String::new, |it| format!(", by {}{}", it.by.name, sort_sign(it)))
    }

    /// Writes the headings on a section's rule, with a sign at the sort column.
    pub(super) fn head(&self, rule: SectionRule, sort: Option<PaneSort>, theme: &Theme) -> SectionRule {
        if self.own_row {
            return rule;
        }
        let mut used = 0;
        self.placed.iter().fold(rule, |rule, it| {
            let (word, sign) = it.heading(sort);
            let room = if it.column.right_aligned { it.end.saturating_sub(used + 1) } else { usize::MAX };
            // The sign must not push the heading into the one before it: letters are cut, and the sign is not.
            let word: String = word.chars().take(room.saturating_sub(sign.len())).collect();
            let heading = format!("{word}{sign}");
            if it.column.right_aligned {
                used = it.end;
                rule.ending(it.end, &heading, theme.quiet)
            } else {
                used = if heading.is_empty() { used } else { it.at + heading.len() };
                rule.at(it.at, &heading, theme.quiet)
            }
        })
    }

    /// Draws a section's rule, and the headings below it where they have their own row; returns the area of the rows.
    pub(super) fn draw_rule(
        &self,
        ctx: &mut RenderContext<'_>,
        area: Rect,
        (rule, sort): (SectionRule, Option<PaneSort>),
    ) -> Rect {
        let theme = ctx.theme;
        let inner = rule.draw(&theme, ctx.buffer, area);
        if !self.own_row || inner.height == 0 {
            return inner;
        }
        let row = self.placed.iter().fold(RowBuilder::default(), |row, it| {
            let (word, sign) = it.heading(sort);
            // The width that the operator chose stays: letters are cut, and the sign is not.
            let word: String = word.chars().take(it.width.saturating_sub(sign.len())).collect();
            let (heading, row) = (format!("{word}{sign}"), row.to(it.at));
            if it.column.right_aligned {
                row.right(&heading, it.width, theme.quiet)
            } else {
                row.cell(&heading, it.width, theme.quiet)
            }
        });
        row.draw(ctx.buffer, inner, 0, None);
        Rect { y: inner.y + 1, height: inner.height - 1, ..inner }
    }

    /// A row of its lead and one cell per column.
    pub(super) fn row(&self, lead: RowBuilder, cell: impl Fn(&'static Column) -> TableCell) -> RowBuilder {
        self.row_with_tails(lead, |column| (cell(column), None))
    }

    /// The same, with a text of another style directly behind the texts of some cells. The tail is never cut, so the
    /// text before it is.
    pub(super) fn row_with_tails(
        &self,
        lead: RowBuilder,
        cell: impl Fn(&'static Column) -> (TableCell, Option<TableCell>),
    ) -> RowBuilder {
        self.placed.iter().fold(lead, |row, it| {
            let (TableCell { text, style }, tail) = cell(it.column);
            let row = row.to(it.at);
            match tail {
                Some(tail) => {
                    let end = it.at + it.width;
                    let room = end.saturating_sub(DisplayText::clean(&tail.text).width());
                    row.within(&text, room, style).within(&tail.text, end, tail.style).to(end)
                }
                None if it.column.right_aligned => row.right(&text, it.width, style),
                None => row.cell(&text, it.width, style),
            }
        })
    }
}

/// The sign of a sort's direction.
const fn sort_sign(sort: PaneSort) -> &'static str {
    if sort.reversed { "-" } else { "+" }
}

/// Whether a column that does not fit is shortened before it is dropped: the operator chose it by name or width, and
/// the beginning of its text is useful.
const fn is_cut(shown: &ShownColumn) -> bool {
    shown.width.is_some() || !(shown.column.default_shown || shown.column.right_aligned)
}
