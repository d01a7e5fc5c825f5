//! Who waits too long and what went quiet: going there, and acknowledging what is being taken care of.
//!
//! An acknowledgement is this desk's own. It holds for one wait at its height: the same person's next wait, or the same
//! wait grown worse, is an alert again.

use std::collections::BTreeMap;

use crate::desk::{Desk, Pane, ParticipantRef};
use crate::floor::{AlertLevel, FloorCall, Person};
use crate::graph::{CallId, ParticipantId};
use crate::time::Timestamp;

/// Waits that were acknowledged, or told: of which wait, and how bad it was.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct AcknowledgedWaits(BTreeMap<AlertKey, (Timestamp, AlertLevel)>);

/// Where an alert is: a call of which nothing is heard, or somebody in it who waits.
pub(in crate::desk) type AlertKey = (CallId, Option<ParticipantId>);

/// An alert on the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ActiveAlert {
    alert: AlertLevel,
    since: Timestamp,
    place: AlertKey,
}

impl AcknowledgedWaits {
    /// Lets it be about the same ones under other ids.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        let places = std::mem::take(&mut self.0).into_iter();
        self.0 = places.map(|((id, who), it)| ((call(&id), who.as_ref().map(person)), it)).collect();
    }

    /// Whether the wait is among them, as bad as this at least.
    pub(in crate::desk) fn has(&self, place: &AlertKey, since: Timestamp, alert: AlertLevel) -> bool {
        self.0.get(place).is_some_and(|(at, bad)| *at == since && *bad >= alert)
    }

    fn has_found(&self, found: &ActiveAlert) -> bool {
        self.has(&found.place, found.since, found.alert)
    }

    pub(in crate::desk) fn add(&mut self, place: AlertKey, since: Timestamp, alert: AlertLevel) {
        self.0.insert(place, (since, alert));
    }

    /// Forgets all others: the list stays as short as the waits are.
    pub(in crate::desk) fn keep(&mut self, places: &[AlertKey]) {
        if !self.0.is_empty() {
            let places: std::collections::BTreeSet<&AlertKey> = places.iter().collect();
            self.0.retain(|place, _| places.contains(place));
        }
    }
}

impl Desk {
    /// The worst of a call, and whether all of its alerts are acknowledged; of the others the worst counts.
    #[must_use]
    pub fn alert(&self, call: &FloorCall) -> (AlertLevel, bool) {
        let found = self.alerts_of_call(call);
        let open = found.iter().filter(|it| !self.acknowledged.has_found(it)).map(|it| it.alert).max();
        match open {
            Some(alert) => (alert, false),
            None => (found.iter().map(|it| it.alert).max().unwrap_or_default(), !found.is_empty()),
        }
    }

    /// How bad a person's wait is, and whether it is acknowledged.
    #[must_use]
    pub fn person_alert(&self, call: &FloorCall, person: &Person) -> (AlertLevel, bool) {
        self.alert_of_person(call, person)
            .map_or((AlertLevel::None, false), |it| (it.alert, self.acknowledged.has_found(&it)))
    }

    /// Goes to the next of: people who wait too long, worst first; then quiet calls. What is acknowledged is left out.
    pub(in crate::desk) fn next_alert(&mut self) {
        let mut alerts = self.active_alerts();
        let all = alerts.len();
        alerts.retain(|it| !self.acknowledged.has_found(it));
        let here = alerts.iter().position(|it| self.is_at(&it.place));
        let next = here.and_then(|at| alerts.get(at + 1)).or_else(|| alerts.first());
        match next.map(|it| it.place.clone()) {
            None if all > 0 => self.say(format!("no alert that is not acknowledged ({all} are)")),
            None => self.say("no alert"),
            Some(place) => self.go_to(place),
        }
    }

    /// Acknowledges the alert of what is selected.
    pub(in crate::desk) fn acknowledge(&mut self) {
        let mut found = self.active_alerts();
        let here = |it: &ActiveAlert| match self.pane {
            Pane::Calls => Some(&it.place.0) == self.call.as_ref(),
            Pane::Participants | Pane::Operations => self.is_at(&it.place),
        };
        found.retain(here);
        if found.is_empty() {
            return self.say("no alert here");
        }
        let count = found.len();
        // What is no longer an alert needs no acknowledgement.
        let now: Vec<AlertKey> = self.active_alerts().into_iter().map(|it| it.place).collect();
        self.acknowledged.keep(&now);
        for ActiveAlert { alert, since, place } in found {
            self.acknowledged.add(place, since, alert);
        }
        self.say(if count == 1 { "acknowledged".to_owned() } else { format!("{count} alerts acknowledged") });
    }

    /// Selects a place.
    pub(in crate::desk) fn go_to(&mut self, place: AlertKey) {
        let (call, person) = place;
        self.select_call(Some(call));
        self.pane = Pane::Calls;
        if let Some(person) = person {
            self.selected_participant = Some(ParticipantRef::Person(person));
            self.pane = Pane::Participants;
        }
        self.settle_view();
    }

    fn is_at(&self, (call, person): &AlertKey) -> bool {
        let who = match &self.selected_participant {
            Some(ParticipantRef::Person(id)) if self.pane != Pane::Calls => Some(id),
            Some(ParticipantRef::Person(_) | ParticipantRef::Party(_)) | None => None,
        };
        self.call.as_ref() == Some(call) && who == person.as_ref()
    }

    /// Every alert, worst first, then the longest.
    fn active_alerts(&self) -> Vec<ActiveAlert> {
        let calls = self.floor().calls().filter(|it| it.is_live());
        let mut found: Vec<ActiveAlert> = calls.flat_map(|it| self.alerts_of_call(it)).collect();
        found.sort_by_key(|it| (std::cmp::Reverse(it.alert), it.since));
        found
    }

    fn alerts_of_call(&self, call: &FloorCall) -> Vec<ActiveAlert> {
        if !call.is_live() {
            return Vec::new();
        }
        let quiet = self.shown_at().since(call.heard) >= self.limits.quiet;
        let quiet =
            quiet.then(|| ActiveAlert { alert: AlertLevel::Quiet, since: call.heard, place: (call.id.clone(), None) });
        call.present().filter_map(|it| self.alert_of_person(call, it)).chain(quiet).collect()
    }

    fn alert_of_person(&self, call: &FloorCall, person: &Person) -> Option<ActiveAlert> {
        let alert = self.limits.person(person, self.shown_at());
        let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
        let place = (call.id.clone(), Some(person.id.clone()));
        (alert > AlertLevel::None).then_some(ActiveAlert { alert, since: since.at, place })
    }
}
