//! The calls that the pane shows, in order. The list is kept from change to change: a changed call is found and placed by
//! a binary search, and only a new sort, filter or floor lists all calls again.
//!
//! Invariant: each call stands at the place of the rank that it had when it was last placed, and `ranks` has that rank.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::desk::board::sort_key::SortKey;
use crate::floor::CallNumber;
use crate::graph::CallId;
use crate::time::Timestamp;

/// A call in the list, with what a frame needs of calls that it does not draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct ListedCall {
    pub(in crate::desk) id: CallId,
    pub(in crate::desk) number: CallNumber,
    pub(in crate::desk) live: bool,
    pub(in crate::desk) rank: SortKey,
}

/// A call to place in the list.
#[derive(Debug)]
pub(in crate::desk) struct PlacedCall {
    pub(in crate::desk) id: CallId,
    /// Its row; `None` if the list does not show it.
    pub(in crate::desk) row: Option<ListedCall>,
    /// When time alone may change its row; `None` if only a change of the call does.
    pub(in crate::desk) due: Option<(Timestamp, CallNumber)>,
    /// When something was last heard of it, if it is live.
    pub(in crate::desk) heard: Option<(Timestamp, CallNumber)>,
}

/// Rows in the order that a list had at one time. Clones share the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::desk) struct CallRows {
    rows: Arc<Vec<ListedCall>>,
    /// The number of live calls among them.
    live: usize,
}

/// The list of calls.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct CallList {
    rows: CallRows,
    ranks: BTreeMap<CallId, (SortKey, CallNumber)>,
    reversed: bool,
    /// When each call is to be looked at again, the soonest first.
    due: CallTimes,
    /// When something was last heard of each live call on the floor, also of those that are not listed.
    heard: CallTimes,
    /// What became of calls since rows are held: whether they live, or `None` if they have gone.
    became: BTreeMap<CallNumber, Option<bool>>,
    /// The time that the list is of.
    at: Timestamp,
}

/// At most one time for each call, in order.
#[derive(Debug, Clone, Default)]
struct CallTimes {
    order: BTreeMap<(Timestamp, CallNumber), CallId>,
    times: BTreeMap<CallId, (Timestamp, CallNumber)>,
}

/// The rows that are shown: those of a list, or a held order without the calls that have gone, and newer calls below it.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk) struct ShownCalls<'a> {
    rows: &'a CallRows,
    list: &'a CallList,
    /// Calls of the list after this one are shown below a held order.
    newest: Option<CallNumber>,
    is_list: bool,
}

/// With more changed calls than this, the list is merged with them in one pass.
const FEW: usize = 16;

impl CallTimes {
    fn set(&mut self, id: &CallId, time: Option<(Timestamp, CallNumber)>) {
        if self.times.get(id).copied() == time {
            return;
        }
        if let Some(old) = self.times.remove(id) {
            self.order.remove(&old);
        }
        if let Some(time) = time {
            self.times.insert(id.clone(), time);
            self.order.insert(time, id.clone());
        }
    }

    /// Returns the calls whose time is at or before `until`, the earliest first.
    fn until(&self, until: Timestamp) -> impl DoubleEndedIterator<Item = &CallId> {
        self.order.range(..=(until, CallNumber(u32::MAX))).map(|(_, id)| id)
    }
}

impl CallRows {
    fn compare(one: (&SortKey, CallNumber), other: (&SortKey, CallNumber), reversed: bool) -> Ordering {
        // The call's number breaks ties, so that equal rows never change places.
        one.0.before(other.0, reversed).then(one.1.cmp(&other.1))
    }

    /// Returns the place of a rank, or where it would be.
    fn search(&self, (rank, number): (&SortKey, CallNumber), reversed: bool) -> Result<usize, usize> {
        self.rows.binary_search_by(|it| Self::compare((&it.rank, it.number), (rank, number), reversed))
    }

    fn sort(&mut self, reversed: bool) {
        let rows = Arc::make_mut(&mut self.rows);
        rows.sort_by(|one, other| Self::compare((&one.rank, one.number), (&other.rank, other.number), reversed));
    }

    fn insert(&mut self, row: ListedCall, reversed: bool) {
        let (Ok(at) | Err(at)) = self.search((&row.rank, row.number), reversed);
        self.live += usize::from(row.live);
        Arc::make_mut(&mut self.rows).insert(at, row);
    }

    fn remove(&mut self, at: usize) {
        if at < self.rows.len() {
            let row = Arc::make_mut(&mut self.rows).remove(at);
            self.live -= usize::from(row.live);
        }
    }

    fn set_live(&mut self, at: usize, live: bool) {
        let Some(before) = self.rows.get(at).map(|it| it.live).filter(|it| *it != live) else { return };
        self.live = self.live + usize::from(live) - usize::from(before);
        if let Some(row) = Arc::make_mut(&mut self.rows).get_mut(at) {
            row.live = live;
        }
    }

    /// Returns the rows, from the top.
    pub(in crate::desk) fn iter(&self) -> impl DoubleEndedIterator<Item = &ListedCall> + ExactSizeIterator {
        self.rows.iter()
    }
}

impl CallList {
    /// Lists all calls anew, as of `at`.
    pub(in crate::desk) fn list_all(&mut self, calls: Vec<PlacedCall>, reversed: bool, at: Timestamp) {
        let became = std::mem::take(&mut self.became);
        *self = Self { reversed, became, at, ..Self::default() };
        let mut rows = Vec::with_capacity(calls.len());
        for call in calls {
            let row = self.note_times(call);
            if let Some(row) = row {
                self.ranks.insert(row.id.clone(), (row.rank.clone(), row.number));
                rows.push(row);
            }
        }
        let live = rows.iter().filter(|it| it.live).count();
        self.rows = CallRows { rows: Arc::new(rows), live };
        self.rows.sort(reversed);
    }

    /// Places calls anew, as of `at`; a call without a row is not shown any more.
    pub(in crate::desk) fn place(&mut self, calls: Vec<PlacedCall>, at: Timestamp) {
        self.at = at;
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for call in calls {
            let id = call.id.clone();
            let row = self.note_times(call);
            let old =
                self.ranks.get(&id).map(|(rank, number)| (self.rows.search((rank, *number), self.reversed), rank));
            match (old, row) {
                (Some((Ok(at), rank)), Some(row)) if *rank == row.rank => self.rows.set_live(at, row.live),
                (_, row) => {
                    removed.extend(self.ranks.remove(&id));
                    added.extend(row);
                }
            }
        }
        for row in &added {
            self.ranks.insert(row.id.clone(), (row.rank.clone(), row.number));
        }
        if removed.len().max(added.len()) > FEW {
            return self.merge(&removed, added);
        }
        for (rank, number) in removed {
            if let Ok(at) = self.rows.search((&rank, number), self.reversed) {
                self.rows.remove(at);
            }
        }
        for row in added {
            self.rows.insert(row, self.reversed);
        }
    }

    fn merge(&mut self, removed: &[(SortKey, CallNumber)], added: Vec<ListedCall>) {
        let gone: BTreeSet<CallNumber> = removed.iter().map(|(_, number)| *number).collect();
        let rows = Arc::make_mut(&mut self.rows.rows);
        rows.retain(|it| !gone.contains(&it.number));
        rows.extend(added);
        self.rows.live = rows.iter().filter(|it| it.live).count();
        // The sort finds the long run that is in order and the short one, so this is a merge.
        self.rows.sort(self.reversed);
    }

    /// Keeps the times of a call, and returns its row.
    fn note_times(&mut self, call: PlacedCall) -> Option<ListedCall> {
        self.due.set(&call.id, call.due);
        self.heard.set(&call.id, call.heard);
        call.row
    }

    /// Returns the time that the list is of.
    pub(in crate::desk) const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the calls that time alone may have changed by `now`.
    pub(in crate::desk) fn due(&self, now: Timestamp) -> impl Iterator<Item = &CallId> {
        self.due.until(now)
    }

    /// Returns the live calls of which nothing was heard after `until`, the one with the oldest news first.
    pub(in crate::desk) fn heard_until(&self, until: Timestamp) -> impl DoubleEndedIterator<Item = &CallId> {
        self.heard.until(until)
    }

    /// Notes whether a call lives now, or has gone; for rows that are held.
    pub(in crate::desk) fn note_became(&mut self, number: CallNumber, live: Option<bool>) {
        self.became.insert(number, live);
    }

    /// Forgets what became of calls, because no rows are held.
    pub(in crate::desk) fn forget_became(&mut self) {
        self.became.clear();
    }

    /// Returns the number of a call in the list.
    pub(in crate::desk) fn number(&self, id: &CallId) -> Option<CallNumber> {
        self.ranks.get(id).map(|(_, number)| *number)
    }

    /// Returns how many calls the list has.
    pub(in crate::desk) fn len(&self) -> usize {
        self.rows.rows.len()
    }

    /// Returns the present order, to be held. It is not copied.
    pub(in crate::desk) fn rows(&self) -> CallRows {
        self.rows.clone()
    }

    /// Returns the list as rows to show.
    pub(in crate::desk) const fn shown(&self) -> ShownCalls<'_> {
        ShownCalls { rows: &self.rows, list: self, newest: None, is_list: true }
    }

    /// Returns a held order as rows to show, and below it the calls of the list that are newer than `newest`.
    pub(in crate::desk) const fn shown_as<'a>(
        &'a self,
        rows: &'a CallRows,
        newest: Option<CallNumber>,
    ) -> ShownCalls<'a> {
        ShownCalls { rows, list: self, newest, is_list: false }
    }
}

impl<'a> ShownCalls<'a> {
    /// Returns the rows, from the top.
    pub(in crate::desk) fn iter(self) -> impl DoubleEndedIterator<Item = &'a ListedCall> {
        let has_places = self.has_places();
        let is_there = move |it: &&ListedCall| has_places || self.list.became.get(&it.number) != Some(&None);
        let newer = self.newest.map(|newest| self.list.rows.rows.iter().filter(move |it| it.number > newest));
        self.rows.rows.iter().filter(is_there).chain(newer.into_iter().flatten())
    }

    /// Returns how many rows there are.
    pub(in crate::desk) fn len(self) -> usize {
        if self.is_plain() { self.rows.rows.len() } else { self.iter().count() }
    }

    /// Returns how many of the rows are live calls.
    pub(in crate::desk) fn live(self) -> usize {
        if self.is_list || self.is_plain() && self.list.became.is_empty() {
            return self.rows.live;
        }
        self.iter().filter(|it| self.list.became.get(&it.number).copied().flatten().unwrap_or(it.live)).count()
    }

    /// Returns the place of a call: by its rank, or else by looking from the top.
    pub(in crate::desk) fn position(self, id: &CallId) -> Option<usize> {
        self.place_by_rank(id).or_else(|| self.iter().position(|it| it.id == *id))
    }

    fn place_by_rank(self, id: &CallId) -> Option<usize> {
        let (rank, number) = self.list.ranks.get(id).filter(|_| self.has_places())?;
        let at = self.rows.search((rank, *number), self.list.reversed).ok()?;
        // Held rows need not be in the order of the list.
        self.rows.rows.get(at).filter(|it| it.number == *number).map(|_| at)
    }

    /// Returns the row at a place.
    pub(in crate::desk) fn get(self, at: usize) -> Option<&'a ListedCall> {
        self.range(at, 1).pop()
    }

    /// Returns at most `count` rows from a place on.
    pub(in crate::desk) fn range(self, first: usize, count: usize) -> Vec<&'a ListedCall> {
        if self.is_plain() {
            return self.rows.rows.iter().skip(first).take(count).collect();
        }
        self.iter().skip(first).take(count).collect()
    }

    /// Returns the rows to be held; they are copied only if they are not those of one order.
    pub(in crate::desk) fn to_rows(self) -> CallRows {
        if self.is_plain() {
            return self.rows.clone();
        }
        CallRows { live: self.live(), rows: Arc::new(self.iter().cloned().collect()) }
    }

    /// Whether each of the rows stands at its place, because none of them has gone.
    fn has_places(self) -> bool {
        self.is_list || !self.list.became.values().any(Option::is_none)
    }

    /// Whether the rows are those of one order, and no others.
    fn is_plain(self) -> bool {
        self.newest.is_none() && self.has_places()
    }
}
