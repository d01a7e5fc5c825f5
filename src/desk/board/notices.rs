//! Announces each wait that becomes critical, once, outside of the screen.

use crate::desk::board::alerts::{AcknowledgedWaits, AlertKey};
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
    told: AcknowledgedWaits,
    /// When the floor was looked through, in wall time.
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

    /// Whether the floor is to be looked through at `wall`; it counts as looked through from now on.
    pub(in crate::desk) fn begin_look(&mut self, wall: Timestamp) -> bool {
        let early = self.looked.is_some_and(|at| wall.since(at) < EVERY);
        if self.method == NoticeMethod::Off || early {
            return false;
        }
        self.looked = Some(wall);
        true
    }

    /// How to tell, and what, if there are critical waits that were neither told nor acknowledged; of several it is one
    /// notice. They count as told from now on, and waits that are over are forgotten.
    pub(in crate::desk) fn take_fresh(
        &mut self,
        waits: Vec<CriticalWait>,
        acknowledged: &AcknowledgedWaits,
    ) -> Option<(NoticeMethod, String)> {
        let places: Vec<_> = waits.iter().map(|it| it.0.clone()).collect();
        self.told.keep(&places);
        let mut fresh = Vec::new();
        for (place, since, told) in waits {
            let known = |waits: &AcknowledgedWaits| waits.has(&place, since, AlertLevel::Critical);
            if !known(&self.told) && !known(acknowledged) {
                self.told.add(place, since, AlertLevel::Critical);
                fresh.push(told);
            }
        }
        let first = fresh.first()?;
        let more = if fresh.len() > 1 { format!(", and {} more", fresh.len() - 1) } else { String::new() };
        Some((self.method, format!("callboard: {first}{more}")))
    }

    /// Lets it be about the same ones under other ids.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        self.told.rename(call, person);
    }
}
