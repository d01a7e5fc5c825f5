//! Which calls the list shows, at which rank, and when time alone may change that.

use std::collections::BTreeSet;

use crate::desk::Desk;
use crate::desk::board::call_list::{ListedCall, PlacedCall};
use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::board::row_values::{CallFields, own_operations};
use crate::desk::board::sort_key::SortKey;
use crate::desk::vocab::Pane;
use crate::floor::{AlertLimits, FloorCall, StartTime};
use crate::graph::{CallId, CallState};
use crate::time::{Millis, Timestamp};

/// The filter and the sort of the calls, and what is looked up once for all of them.
pub(in crate::desk) struct Listing<'a> {
    desk: &'a Desk,
    filter: Option<&'a Filter>,
    sort: Option<PaneSort>,
    /// The calls with operations of ours, if the filter asks for them.
    own_calls: Option<BTreeSet<&'a CallId>>,
    now: Timestamp,
}

/// Lateness grows with time, at a rate for each limit, so a call in which somebody waits is looked at every time.
const AT_ONCE: Millis = Millis(1);

impl<'a> Listing<'a> {
    pub(in crate::desk) fn of(desk: &'a Desk) -> Self {
        let filter = desk.filter(Pane::Calls);
        let asks_for_ours = filter.is_some_and(|it| it.tests_state(&["mine"]));
        let own_calls = asks_for_ours.then(|| own_operations(desk).map(|it| &it.call).collect());
        Self { desk, filter, sort: desk.sort(Pane::Calls), own_calls, now: desk.shown_at() }
    }

    /// Returns the places of all calls.
    pub(in crate::desk) fn place_all(&self) -> Vec<PlacedCall> {
        self.desk.floor().calls().map(|it| self.place_call(it)).collect()
    }

    /// Returns the places of some calls; those that are not on the floor have none.
    pub(in crate::desk) fn place<'b>(&self, ids: impl Iterator<Item = &'b CallId>) -> Vec<PlacedCall> {
        let gone = |id: &CallId| PlacedCall { id: id.clone(), row: None, due: None, heard: None };
        ids.map(|id| self.desk.floor().call(id).map_or_else(|| gone(id), |it| self.place_call(it))).collect()
    }

    fn place_call(&self, call: &FloorCall) -> PlacedCall {
        let fields = CallFields::among(self.desk, call, self.own_calls.as_ref());
        // The selected call stays listed until the selection moves, even if it no longer matches the filter.
        let is_selected = || self.desk.board.selection.call() == Some(&call.id);
        let is_listed = self.filter.is_none_or(|it| is_selected() || it.matches(&fields));
        let row = is_listed.then(|| ListedCall {
            id: call.id.clone(),
            number: call.number,
            live: call.is_live(),
            rank: match self.sort {
                None => urgency(self.desk.limits(), call, self.now),
                Some(sort) => fields.rank(sort.by.name),
            },
        });
        let heard = call.is_live().then_some((call.heard, call.number));
        PlacedCall { id: call.id.clone(), row, due: self.next_change(call).map(|it| (it, call.number)), heard }
    }

    /// Returns the next time at which the place of a call may change although nothing happens to it.
    fn next_change(&self, call: &FloorCall) -> Option<Timestamp> {
        let waits = [call.oldest_hold(), call.oldest_lobby()];
        let by_lateness = self.sort.is_none() && call.is_live() && waits.iter().any(Option::is_some);
        let lateness = by_lateness.then_some(self.now + AT_ONCE);
        let reads_alerts = self.sort.is_none_or(|it| it.by.name == "alert")
            || self.filter.is_some_and(|it| it.tests_state(&["alert", "quiet"]));
        let alerts = if reads_alerts && call.is_live() { self.alert_times(call) } else { Vec::new() };
        let compared = self.filter.into_iter().flat_map(Filter::thresholds).filter_map(|(name, seconds)| {
            let start = match name {
                "held" => waits.first().copied().flatten()?.at,
                "lobby" => waits.last().copied().flatten()?.at,
                "age" => call.began.at,
                "quiet" => call.heard,
                _ => return None,
            };
            Some(start + Millis(seconds.saturating_mul(1_000)))
        });
        lateness.into_iter().chain(alerts).chain(compared).filter(|it| *it > self.now).min()
    }

    /// Returns the times at which the alerts of a live call begin or become worse.
    fn alert_times(&self, call: &FloorCall) -> Vec<Timestamp> {
        let limits = self.desk.limits();
        let after = |since: StartTime, spans: [Millis; 2]| spans.map(|it| since.at + it);
        let people = call.present().flat_map(|person| {
            let hold = person.hold.as_ref().map(|it| after(it.since, [limits.hold_warning, limits.hold_critical]));
            let lobby = person.lobby.map(|it| after(it, [limits.lobby_warning, limits.lobby_critical]));
            hold.into_iter().chain(lobby).flatten()
        });
        people.chain([call.heard + limits.quiet]).collect()
    }
}

/// The rank of a call in the default order: live calls first, the one with the latest person before the others; then
/// quiet calls, then those that are being set up or end, then the rest. The list puts equals in the order of their numbers.
fn urgency(limits: &AlertLimits, call: &FloorCall, now: Timestamp) -> SortKey {
    const MOST_LATE: i64 = 1 << 20;
    let is_changing = matches!(
        call.state,
        CallState::Incoming
            | CallState::Establishing
            | CallState::Ringing
            | CallState::Redirecting
            | CallState::Terminating
    );
    let lateness = if call.is_live() { i64::from(limits.call_lateness(call, now)) } else { 0 };
    let group = match (call.is_live(), limits.is_quiet(call, now)) {
        (true, true) => 0,
        (true, false) if is_changing => 1,
        (true | false, _) => 2,
    };
    let ended = i64::from(!call.is_live());
    // Lateness is below a million, so each part has its own digits.
    SortKey::Number((ended * MOST_LATE + (MOST_LATE - 1 - lateness)) * 4 + group)
}
