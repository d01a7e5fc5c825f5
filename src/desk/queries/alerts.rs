//! Alerts: waits that are too long and calls that went quiet, with their acknowledgement.

use std::collections::BTreeMap;

use crate::desk::Desk;
use crate::desk::board::alerts::ActiveAlert;
use crate::desk::board::notices::CriticalWait;
use crate::desk::board::waiting::WaitingPerson;
use crate::desk::queries::waiting::waiting;
use crate::desk::vocab::Pane;
use crate::floor::{AlertLevel, FloorCall, Person};
use crate::graph::{CallId, ParticipantId};

/// How many people wait past a limit: the critical one, the warning one, and acknowledged waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlertCounts {
    /// Past the second limit, and not acknowledged.
    pub critical: usize,
    /// Past the first limit, and not acknowledged.
    pub warning: usize,
    /// Past a limit, and acknowledged by the operator.
    pub acknowledged: usize,
}

impl Desk {
    /// Counts the people who wait past a limit.
    #[must_use]
    pub fn alert_counts(&self) -> AlertCounts {
        let mut counts = AlertCounts::default();
        for alert in self.waiting_alerts() {
            match alert.level() {
                _ if self.board.acknowledged.has_alert(&alert) => counts.acknowledged += 1,
                AlertLevel::Critical => counts.critical += 1,
                AlertLevel::Warning | AlertLevel::Quiet | AlertLevel::None => counts.warning += 1,
            }
        }
        counts
    }

    /// The worst of a call, and whether all of its alerts are acknowledged; of the others the worst counts.
    #[must_use]
    pub fn alert(&self, call: &FloorCall) -> (AlertLevel, bool) {
        let found = self.alerts_of_call(call);
        let open = found.iter().filter(|it| !self.board.acknowledged.has_alert(it)).map(ActiveAlert::level).max();
        match open {
            Some(alert) => (alert, false),
            None => (found.iter().map(ActiveAlert::level).max().unwrap_or_default(), !found.is_empty()),
        }
    }

    /// Returns the alert level of a person's wait, and whether it is acknowledged.
    #[must_use]
    pub fn person_alert(&self, call: &FloorCall, person: &Person) -> (AlertLevel, bool) {
        self.alert_of_person(call, person)
            .map_or((AlertLevel::None, false), |it| (it.level(), self.board.acknowledged.has_alert(&it)))
    }

    /// Returns every alert, in no particular order.
    pub(in crate::desk) fn active_alerts(&self) -> impl Iterator<Item = ActiveAlert> {
        self.waiting_alerts().chain(self.quiet_calls().filter_map(|it| self.quiet_alert(it)))
    }

    /// The alerts of those who wait.
    fn waiting_alerts(&self) -> impl Iterator<Item = ActiveAlert> {
        let people =
            |call: &'_ FloorCall| call.present().filter_map(|it| self.alert_of_person(call, it)).collect::<Vec<_>>();
        self.floor().waiting_calls().flat_map(people)
    }

    /// Returns the quiet calls, the one with the newest news first.
    pub(in crate::desk) fn quiet_calls(&self) -> impl Iterator<Item = &FloorCall> {
        let (limits, now) = (self.limits(), self.shown_at());
        let until = now - limits.quiet;
        let calls = self.board.view.calls().heard_until(until).rev();
        calls.filter_map(|id| self.floor().call(id)).filter(move |it| limits.is_quiet(it, now))
    }

    /// Returns every alert from the top of the board to the bottom: people in the order of Waiting, then quiet calls in
    /// the order of Calls, those that the filter hides last.
    pub(in crate::desk) fn alerts_in_order(&self) -> Vec<ActiveAlert> {
        let waiting = self.waiting().into_iter().filter(|it| it.back.is_none());
        let people = waiting.filter_map(|it| self.alert_of_person(it.call, it.person));
        let places: BTreeMap<&CallId, usize> =
            self.shown_calls().iter().enumerate().map(|(at, it)| (&it.id, at)).collect();
        let mut quiet: Vec<ActiveAlert> = self.quiet_calls().filter_map(|it| self.quiet_alert(it)).collect();
        quiet.sort_by_key(|it| (places.get(&it.place().0).copied().unwrap_or(usize::MAX), it.since()));
        people.chain(quiet).collect()
    }

    /// Returns the alerts of a call, in no particular order.
    pub(in crate::desk) fn alerts_of_call(&self, call: &FloorCall) -> Vec<ActiveAlert> {
        if !call.is_live() {
            return Vec::new();
        }
        call.present().filter_map(|it| self.alert_of_person(call, it)).chain(self.quiet_alert(call)).collect()
    }

    fn quiet_alert(&self, call: &FloorCall) -> Option<ActiveAlert> {
        let is_quiet = self.board.limits().is_quiet(call, self.shown_at());
        is_quiet.then(|| ActiveAlert::new(AlertLevel::Quiet, call.heard, (call.id.clone(), None)))
    }

    fn alert_of_person(&self, call: &FloorCall, person: &Person) -> Option<ActiveAlert> {
        let alert = self.board.limits().person(person, self.shown_at());
        let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
        let place = (call.id.clone(), Some(person.id.clone()));
        (alert > AlertLevel::None).then_some(ActiveAlert::new(alert, since.at, place))
    }

    /// Returns every critical wait of the live floor.
    pub(in crate::desk) fn critical(&self) -> Vec<CriticalWait> {
        let floor = self.live();
        let numbers = floor.statistics();
        let hold = numbers.oldest_hold.map(|it| self.board.limits().hold(it.span(self.clock.now())));
        let lobby = numbers.oldest_lobby.map(|it| self.board.limits().lobby(it.span(self.clock.now())));
        if hold.max(lobby) < Some(AlertLevel::Critical) {
            return Vec::new();
        }
        let of = |call: &'_ FloorCall, person: &'_ Person| {
            let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
            let critical = self.board.limits().person(person, self.clock.now()) == AlertLevel::Critical;
            let what = if person.hold.is_some() { "on hold" } else { "in the lobby" };
            let (name, number, age) = (crate::desk::called(person), call.number.0, since.age(self.clock.now()));
            let told = format!("{name} has been {what} for {age} in call {number}");
            critical.then(|| ((call.id.clone(), Some(person.id.clone())), since.at, told))
        };
        floor
            .waiting_calls()
            .flat_map(|call| call.present().filter_map(move |person| of(call, person)).collect::<Vec<_>>())
            .collect()
    }

    /// Everyone who waits, the most overdue against their own limits first. A person whose release was proved keeps the
    /// place for a moment, so that the list does not close up under the eye.
    #[must_use]
    pub fn waiting(&self) -> Vec<WaitingPerson<'_>> {
        waiting(self)
    }

    /// The selected person, if that person waits.
    #[must_use]
    pub fn selected_waiting(&self) -> Option<(CallId, ParticipantId)> {
        let call = self.call().filter(|it| it.is_live())?;
        let person = self.person().filter(|it| it.left.is_none())?;
        (person.hold.is_some() || person.lobby.is_some()).then(|| (call.id.clone(), person.id.clone()))
    }

    /// The selected row of the Waiting pane. It may be that of a person who has just been released, on whom the keys
    /// of this pane do not act.
    #[must_use]
    pub fn selected_waiting_row(&self) -> Option<(CallId, ParticipantId)> {
        Some((self.call()?.id.clone(), self.person()?.id.clone()))
    }

    /// Whether more people wait, or waited lately, than the usual rows of the Waiting pane show.
    #[must_use]
    pub const fn waiting_is_crowded(&self) -> bool {
        self.board.display.is_crowded()
    }

    /// Whether the Waiting pane has the whole board.
    #[must_use]
    pub fn waiting_has_the_board(&self) -> bool {
        self.board.display.waiting_is_alone() && self.pane() == Pane::Waiting
    }

    /// How many people the Waiting pane has rows for, in a terminal of this height.
    #[must_use]
    pub const fn waiting_rows(height: u16, crowded: bool) -> u16 {
        match (height, crowded) {
            (48.., true) => 12,
            (30..=47, true) => 7,
            (48.., false) | (24..=29, true) => 6,
            (24..=47, false) => 4,
            (..24, _) => 3,
        }
    }
}
