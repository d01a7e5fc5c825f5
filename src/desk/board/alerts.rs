//! Alerts, which are waits that are too long and calls that went quiet, and which of them this desk knows.
//!
//! A desk has three such sets: the alerts that it acknowledged, announced (`notices`) and visited (`update/select`). Each
//! covers one wait at its alert level: the person's next wait, or the same wait at a higher level, is a new alert.

use std::collections::BTreeMap;

use crate::floor::AlertLevel;
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// The alerts that were acknowledged, announced or visited, each with its level.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct KnownAlerts(BTreeMap<AlertKey, (Timestamp, AlertLevel)>);

/// What an alert is about: a quiet call, or a person who waits in a call.
pub(in crate::desk) type AlertKey = (CallId, Option<ParticipantId>);

/// An alert on the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct ActiveAlert {
    alert: AlertLevel,
    since: Timestamp,
    place: AlertKey,
}

impl ActiveAlert {
    pub(in crate::desk) const fn new(alert: AlertLevel, since: Timestamp, place: AlertKey) -> Self {
        Self { alert, since, place }
    }

    pub(in crate::desk) const fn level(&self) -> AlertLevel {
        self.alert
    }

    pub(in crate::desk) const fn since(&self) -> Timestamp {
        self.since
    }

    pub(in crate::desk) const fn place(&self) -> &AlertKey {
        &self.place
    }
}

impl KnownAlerts {
    /// Replaces the ids of calls and people, when privacy mode begins or ends.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        let places = std::mem::take(&mut self.0).into_iter();
        self.0 = places.map(|((id, who), it)| ((call(&id), who.as_ref().map(person)), it)).collect();
    }

    /// Returns whether the alert is known at this level or a higher one.
    pub(in crate::desk) fn has(&self, place: &AlertKey, since: Timestamp, alert: AlertLevel) -> bool {
        self.0.get(place).is_some_and(|(at, level)| *at == since && *level >= alert)
    }

    pub(in crate::desk) fn has_alert(&self, found: &ActiveAlert) -> bool {
        self.has(&found.place, found.since, found.alert)
    }

    pub(in crate::desk) fn add(&mut self, place: AlertKey, since: Timestamp, alert: AlertLevel) {
        self.0.insert(place, (since, alert));
    }

    /// Moves the beginnings of the waits with a clock that was set back.
    pub(in crate::desk) fn move_times(&mut self, by: Millis) {
        for (since, _) in self.0.values_mut() {
            *since = *since + by;
        }
    }

    /// Returns whether one of the places is this one.
    pub(in crate::desk) fn any_place(&self, is_it: impl Fn(&AlertKey) -> bool) -> bool {
        self.0.keys().any(is_it)
    }

    /// Adds an alert.
    pub(in crate::desk) fn add_alert(&mut self, found: ActiveAlert) {
        self.add(found.place, found.since, found.alert);
    }

    /// Drops every other wait, so that the list is never longer than the alerts.
    pub(in crate::desk) fn keep(&mut self, places: &[AlertKey]) {
        if !self.0.is_empty() {
            let places: std::collections::BTreeSet<&AlertKey> = places.iter().collect();
            self.0.retain(|place, _| places.contains(place));
        }
    }
}
