//! Who waits too long and what went quiet: going there, and acknowledging what is being taken care of.
//!
//! An acknowledgement is this desk's own. It holds for one wait at its height: the same person's next wait, or the same
//! wait grown worse, is an alert again.

use std::collections::BTreeMap;

use crate::floor::AlertLevel;
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// Waits that were acknowledged, or told: of which wait, and how bad it was.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct AcknowledgedWaits(BTreeMap<AlertKey, (Timestamp, AlertLevel)>);

/// Where an alert is: a call of which nothing is heard, or somebody in it who waits.
pub(in crate::desk) type AlertKey = (CallId, Option<ParticipantId>);

/// An alert on the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct ActiveAlert {
    pub(in crate::desk) alert: AlertLevel,
    pub(in crate::desk) since: Timestamp,
    pub(in crate::desk) place: AlertKey,
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

    pub(in crate::desk) fn has_found(&self, found: &ActiveAlert) -> bool {
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

    /// Forgets all others: the list stays as short as the waits are.
    pub(in crate::desk) fn keep(&mut self, places: &[AlertKey]) {
        if !self.0.is_empty() {
            let places: std::collections::BTreeSet<&AlertKey> = places.iter().collect();
            self.0.retain(|place, _| places.contains(place));
        }
    }
}
