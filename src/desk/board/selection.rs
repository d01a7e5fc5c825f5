//! The selection in each pane. A selection is an identity; its row is looked up each time.

use std::collections::VecDeque;

use crate::desk::board::alerts::AlertKey;
use crate::desk::vocab::{Motion, Pane, ParticipantRef, RowId};
use crate::graph::{CallId, ParticipantId};

/// The selection of each pane, and the focused pane.
///
/// Invariant: each selection is an identity, never a row; re-sorting the board never moves it to another person.
#[derive(Debug, Clone)]
pub(in crate::desk) struct Selection {
    /// The focused pane.
    pane: Pane,
    call: Option<CallId>,
    /// The selected participant of the selected call.
    participant: Option<ParticipantRef>,
    row: Option<RowId>,
    /// Rows that a page motion moves.
    page: usize,
    /// Whether the operator has selected anything yet. Until then, the first row of the first
    /// complete board is selected.
    user_selected: bool,
    /// The selected call that was last reported to the relay.
    reported_call: Option<CallId>,
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

impl Selection {
    /// Returns the focused pane.
    pub(in crate::desk) const fn pane(&self) -> Pane {
        self.pane
    }

    pub(in crate::desk) const fn call(&self) -> Option<&CallId> {
        self.call.as_ref()
    }

    pub(in crate::desk) const fn participant(&self) -> Option<&ParticipantRef> {
        self.participant.as_ref()
    }

    /// Returns the selected row of the operations pane, whichever pane is focused.
    pub(in crate::desk) const fn row(&self) -> Option<&RowId> {
        self.row.as_ref()
    }

    /// Returns the selected row of the operations pane while that pane is focused.
    pub(in crate::desk) fn focused_row(&self) -> Option<&RowId> {
        self.row.as_ref().filter(|_| self.pane == Pane::Operations)
    }

    /// Returns the rows that a page motion moves.
    pub(in crate::desk) const fn page(&self) -> usize {
        self.page
    }

    /// Makes the pages fit a terminal of this many rows.
    pub(in crate::desk) fn fit_page(&mut self, rows: u16) {
        self.page = usize::from(rows / 3).max(5);
    }

    /// Focuses a pane.
    pub(in crate::desk) const fn focus(&mut self, pane: Pane) {
        self.pane = pane;
    }

    /// Selects a call, or no call; nobody of another call stays selected.
    pub(in crate::desk) fn choose_call(&mut self, call: Option<CallId>) {
        if self.call != call {
            self.call = call;
            self.participant = None;
        }
    }

    /// Selects somebody of the selected call, or nobody.
    pub(in crate::desk) fn choose_participant(&mut self, who: Option<ParticipantRef>) {
        self.participant = who;
    }

    /// Selects somebody, and so the call too.
    pub(in crate::desk) fn choose_person(&mut self, (call, person): (CallId, ParticipantId)) {
        self.choose_call(Some(call));
        self.participant = Some(ParticipantRef::Person(person));
    }

    /// Selects a row of the operations pane, or no row.
    pub(in crate::desk) fn choose_row(&mut self, row: Option<RowId>) {
        self.row = row;
    }

    /// Focuses the operations pane and selects a row of it.
    pub(in crate::desk) fn go_to_row(&mut self, row: RowId) {
        self.row = Some(row);
        self.pane = Pane::Operations;
    }

    /// Selects the place of an alert, in the pane that shows it.
    pub(in crate::desk) fn go_to(&mut self, (call, person): AlertKey) {
        self.choose_call(Some(call));
        self.pane = Pane::Calls;
        if let Some(person) = person {
            self.participant = Some(ParticipantRef::Person(person));
            self.pane = Pane::Waiting;
        }
    }

    /// Returns whether the place of an alert is selected: the person, or the call of an alert without a person.
    pub(in crate::desk) fn is_at(&self, (call, person): &AlertKey) -> bool {
        let who = match &self.participant {
            Some(ParticipantRef::Person(id)) if self.pane != Pane::Calls => Some(id),
            Some(ParticipantRef::Person(_) | ParticipantRef::Party(_)) | None => None,
        };
        self.call.as_ref() == Some(call) && who == person.as_ref()
    }

    /// Returns whether an alert belongs to the selection; in the calls pane, every alert of the call does.
    pub(in crate::desk) fn covers(&self, place: &AlertKey) -> bool {
        match self.pane {
            Pane::Calls => self.call.as_ref() == Some(&place.0),
            Pane::Waiting | Pane::Participants | Pane::Operations | Pane::Events => self.is_at(place),
        }
    }

    /// Records that the operator uses the board: from now on nothing else makes the first selection.
    pub(in crate::desk) const fn touch(&mut self) {
        self.user_selected = true;
    }

    /// Returns whether the operator has not selected anything yet.
    pub(in crate::desk) const fn is_untouched(&self) -> bool {
        !self.user_selected
    }

    /// Returns whether the selected call has to be reported to the relay, and counts it as reported.
    pub(in crate::desk) fn begin_report(&mut self) -> bool {
        let is_news = self.reported_call != self.call;
        if is_news {
            self.reported_call.clone_from(&self.call);
        }
        is_news
    }

    /// Replaces the ids.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        for id in [&mut self.call, &mut self.reported_call].into_iter().flatten() {
            *id = call(id);
        }
        if let Some(ParticipantRef::Person(id)) = &mut self.participant {
            *id = person(id);
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

/// Returns the place of the first of `height` rows around the selected one of `count` rows, as [`window`] shows them.
pub(in crate::desk) fn window_start(selected: Option<usize>, count: usize, height: usize) -> usize {
    let Some(at) = selected else { return 0 };
    let after = count.saturating_sub(at + 1).min(height.saturating_sub(1));
    let above = (height / 2).max(height.saturating_sub(1 + after)).min(at);
    at - above
}

/// Returns the place that a motion leads to from a place among `count` rows.
pub(in crate::desk) fn moved_place(from: Option<usize>, count: usize, motion: Motion, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let half = page.div_euclid(2).max(1);
    let down = |by: usize| from.map(|at| at.saturating_add(by).min(last));
    let up = |by: usize| from.map(|at| at.saturating_sub(by));
    match motion {
        Motion::First => Some(0),
        Motion::Last => Some(last),
        Motion::Down => down(1),
        Motion::Up => up(1),
        Motion::PageDown => down(page),
        Motion::PageUp => up(page),
        Motion::HalfDown => down(half),
        Motion::HalfUp => up(half),
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
            let at = selected.and_then(|it| usize::try_from(it).ok()).filter(|it| *it < 10);
            assert_eq!(window_start(at, 10, 4), usize::try_from(shown[0]).unwrap(), "{selected:?}");
        }
        assert_eq!(window(0..2, |it| *it == 1, 4), vec![0, 1]);
        assert_eq!(window(0..0, |_: &i32| true, 4), Vec::<i32>::new());
    }
}
