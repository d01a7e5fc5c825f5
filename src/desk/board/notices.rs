//! Announces each wait that becomes critical, once, outside of the screen.

use crate::desk::board::alerts::{AlertKey, KnownAlerts};
use crate::floor::AlertLevel;
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// How the terminal announces a critical wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeMethod {
    /// It does not.
    #[default]
    Off,
    /// By the terminal's bell.
    Bell,
    /// By a desktop notification of the terminal (OSC 9).
    Osc9,
}

impl NoticeMethod {
    /// The words of the settings, in the order of the variants.
    pub const NAMES: [&str; 3] = ["off", "bell", "osc9"];

    /// Returns the method for a word of the settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Off, Self::Bell, Self::Osc9].into_iter().find(|it| it.name() == name)
    }

    /// Returns the word of the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
        }
    }
}

/// The waits that were announced.
#[derive(Debug, Default)]
pub(in crate::desk) struct CriticalNotifier {
    method: NoticeMethod,
    told: KnownAlerts,
    /// The wall time of the last check of the floor.
    looked: Option<Timestamp>,
}

/// A critical wait: place, start, and words with untrusted text.
pub(in crate::desk) type CriticalWait = (AlertKey, Timestamp, String);

/// The shortest time between two checks of the floor.
const EVERY: Millis = Millis::seconds(1);

impl CriticalNotifier {
    pub(in crate::desk) fn new(method: NoticeMethod) -> Self {
        Self { method, ..Self::default() }
    }

    pub(in crate::desk) const fn set_method(&mut self, method: NoticeMethod) {
        self.method = method;
    }

    /// Returns whether a check of the floor is due at `wall`, and counts it as made.
    pub(in crate::desk) fn begin_look(&mut self, wall: Timestamp) -> bool {
        // Wall time that was set back is no reason to wait.
        let early = self.looked.is_some_and(|at| wall >= at && wall.since(at) < EVERY);
        if self.method == NoticeMethod::Off || early {
            return false;
        }
        self.looked = Some(wall);
        true
    }

    /// Returns how to announce the critical waits that were neither announced nor acknowledged, and the text: one
    /// announcement for several. They count as announced from then on; waits that are over are dropped.
    pub(in crate::desk) fn take_fresh(
        &mut self,
        waits: Vec<CriticalWait>,
        acknowledged: &KnownAlerts,
    ) -> Option<(NoticeMethod, String)> {
        let places: Vec<_> = waits.iter().map(|it| it.0.clone()).collect();
        self.told.keep(&places);
        let mut fresh = Vec::new();
        for (place, since, told) in waits {
            let known = |waits: &KnownAlerts| waits.has(&place, since, AlertLevel::Critical);
            if !known(&self.told) && !known(acknowledged) {
                self.told.add(place, since, AlertLevel::Critical);
                fresh.push(told);
            }
        }
        let first = fresh.first()?;
        let more = if fresh.len() > 1 { format!(", and {} more", fresh.len() - 1) } else { String::new() };
        Some((self.method, format!("callboard: {first}{more}")))
    }

    /// Moves the beginnings of the announced waits with a clock that was set back.
    pub(in crate::desk) fn move_times(&mut self, by: Millis) {
        self.told.move_times(by);
    }

    /// Replaces the ids.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        self.told.rename(call, person);
    }
}
