//! Alerts: waits that are too long and calls that went quiet, with their acknowledgement.

use crate::desk::Desk;
use crate::desk::board::alerts::ActiveAlert;
use crate::desk::board::notices::CriticalWait;
use crate::desk::board::waiting::WaitingPerson;
use crate::floor::{AlertLevel, FloorCall, Person};

impl Desk {
    /// Returns the worst alert of a call, and whether all of its alerts are acknowledged; unacknowledged ones count
    /// first.
    #[must_use]
    pub fn alert(&self, call: &FloorCall) -> (AlertLevel, bool) {
        let found = self.alerts_of_call(call);
        let open = found.iter().filter(|it| !self.board.acknowledged.has_found(it)).map(ActiveAlert::level).max();
        match open {
            Some(alert) => (alert, false),
            None => (found.iter().map(ActiveAlert::level).max().unwrap_or_default(), !found.is_empty()),
        }
    }

    /// Returns the alert level of a person's wait, and whether it is acknowledged.
    #[must_use]
    pub fn person_alert(&self, call: &FloorCall, person: &Person) -> (AlertLevel, bool) {
        self.alert_of_person(call, person)
            .map_or((AlertLevel::None, false), |it| (it.level(), self.board.acknowledged.has_found(&it)))
    }

    /// Returns every alert, the worst first, then the longest.
    pub(in crate::desk) fn active_alerts(&self) -> Vec<ActiveAlert> {
        let calls = self.floor().calls().filter(|it| it.is_live());
        let mut found: Vec<ActiveAlert> = calls.flat_map(|it| self.alerts_of_call(it)).collect();
        found.sort_by_key(|it| (std::cmp::Reverse(it.level()), it.since()));
        found
    }

    fn alerts_of_call(&self, call: &FloorCall) -> Vec<ActiveAlert> {
        if !call.is_live() {
            return Vec::new();
        }
        let quiet = self.shown_at().since(call.heard) >= self.board.limits().quiet;
        let quiet = quiet.then(|| ActiveAlert::new(AlertLevel::Quiet, call.heard, (call.id.clone(), None)));
        call.present().filter_map(|it| self.alert_of_person(call, it)).chain(quiet).collect()
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
        let calls = floor.calls().filter(|it| it.is_live());
        calls.flat_map(|call| call.present().filter_map(move |person| of(call, person)).collect::<Vec<_>>()).collect()
    }

    /// Returns everyone who waits, the longest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<WaitingPerson<'_>> {
        let calls = self.floor().calls().filter(|it| it.is_live());
        let people = calls.flat_map(|call| call.present().map(move |person| (call, person)));
        let mut waiting: Vec<WaitingPerson<'_>> = people
            .filter_map(|(call, person)| {
                let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
                Some(WaitingPerson { call, person, since })
            })
            .collect();
        waiting.sort_by_key(|it| (it.since, it.call.number));
        waiting
    }
}
