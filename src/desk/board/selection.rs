//! The selection in each pane. A selection is an identity; its row is looked up each time.

use std::collections::VecDeque;

use crate::desk::vocab::{Motion, Pane, ParticipantRef, RowId};
use crate::graph::CallId;

/// The selection of each pane, and the focused pane.
///
/// Invariant: each selection is an identity, never a row; re-sorting the board never moves it to another person.
#[derive(Debug)]
pub(in crate::desk) struct Selection {
    /// The focused pane.
    pub(in crate::desk) pane: Pane,
    pub(in crate::desk) call: Option<CallId>,
    pub(in crate::desk) participant: Option<ParticipantRef>,
    pub(in crate::desk) row: Option<RowId>,
    /// Rows that a page motion moves.
    pub(in crate::desk) page: usize,
    /// Whether the operator has selected anything yet. Until then, the first row of the first complete board is
    /// selected.
    pub(in crate::desk) user_selected: bool,
    /// The selected call that the relay was last told of.
    pub(in crate::desk) reported_call: Option<CallId>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            pane: Pane::Calls,
            call: None,
            participant: None,
            row: None,
            page: 10,
            user_selected: false,
            reported_call: None,
        }
    }
}

pub(in crate::desk) fn moved<'a, T: PartialEq>(
    mut rows: impl DoubleEndedIterator<Item = &'a T>,
    from: Option<&T>,
    motion: Motion,
    page: usize,
) -> Option<&'a T> {
    let half = page.div_euclid(2).max(1);
    let down = |mut rows: Box<dyn Iterator<Item = &'a T> + '_>, by: usize| {
        let at = rows.by_ref().find(|it| Some(*it) == from);
        match at {
            Some(at) => Some(rows.take(by).last().unwrap_or(at)),
            None => None,
        }
    };
    match motion {
        Motion::First => rows.next(),
        Motion::Last => rows.next_back(),
        Motion::Down => down(Box::new(rows), 1),
        Motion::Up => down(Box::new(rows.rev()), 1),
        Motion::PageDown => down(Box::new(rows), page),
        Motion::PageUp => down(Box::new(rows.rev()), page),
        Motion::HalfDown => down(Box::new(rows), half),
        Motion::HalfUp => down(Box::new(rows.rev()), half),
    }
}

/// Returns the `height` rows around the selected one, as close to the middle as the ends allow; the first rows if none
/// is selected. Only these rows are built.
pub fn window<T>(rows: impl Iterator<Item = T>, selected: impl Fn(&T) -> bool, height: usize) -> Vec<T> {
    let mut rows = rows.peekable();
    let mut before: VecDeque<T> = VecDeque::with_capacity(height);
    let mut head: Vec<T> = Vec::new();
    let mut found = false;
    while let Some(row) = rows.next() {
        found = selected(&row);
        before.push_back(row);
        if found || rows.peek().is_none() {
            break;
        }
        if before.len() > height.max(1) {
            let gone = before.pop_front();
            if head.len() < height {
                head.extend(gone);
            }
        }
    }
    if !found {
        head.extend(before);
        head.truncate(height);
        return head;
    }
    let above = before.len().saturating_sub(1).min(height / 2);
    let after: Vec<T> = rows.take(height.saturating_sub(1)).collect();
    let above = above.max(height.saturating_sub(1 + after.len())).min(before.len().saturating_sub(1));
    let skip = before.len().saturating_sub(above + 1);
    before.into_iter().skip(skip).chain(after).take(height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_selected_row_and_is_full_at_both_ends() {
        for (selected, shown) in [
            (None, vec![0, 1, 2, 3]),
            (Some(0), vec![0, 1, 2, 3]),
            (Some(1), vec![0, 1, 2, 3]),
            (Some(5), vec![3, 4, 5, 6]),
            (Some(9), vec![6, 7, 8, 9]),
            (Some(8), vec![6, 7, 8, 9]),
            (Some(42), vec![0, 1, 2, 3]),
        ] {
            assert_eq!(window(0..10, |it| Some(*it) == selected, 4), shown, "{selected:?}");
        }
        assert_eq!(window(0..2, |it| *it == 1, 4), vec![0, 1]);
        assert_eq!(window(0..0, |_: &i32| true, 4), Vec::<i32>::new());
    }
}
