//! A notice beside the screen when somebody waits far too long: once for each such wait, and never again for the same.

use super::alerts::AcknowledgedWaits;
use crate::desk::{Desk, Effect};
use crate::floor::{AlertLevel, FloorCall, Person};
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// How somebody who does not look at the screen is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeMethod {
    /// Not at all.
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// A notice of the desktop, by the terminal (OSC 9).
    Osc9,
}

impl NoticeMethod {
    /// The words of the settings.
    pub const NAMES: [&str; 3] = ["off", "bell", "osc9"];

    /// Reads a word of the settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Off, Self::Bell, Self::Osc9].into_iter().find(|it| it.name() == name)
    }

    /// Its word in the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
        }
    }
}

/// What was told already.
#[derive(Debug, Default)]
pub(in crate::desk) struct CriticalNotifier {
    pub(in crate::desk) notice: NoticeMethod,
    pub(in crate::desk) told: AcknowledgedWaits,
    looked: Option<Timestamp>,
}

/// The floor is looked through this often at most.
const EVERY: Millis = Millis::seconds(1);

impl CriticalNotifier {
    pub(in crate::desk) fn new(notice: NoticeMethod) -> Self {
        Self { notice, ..Self::default() }
    }
}

impl Desk {
    /// Wants a notice when a wait has become critical that nobody was told of; of several at once it is one notice.
    ///
    /// Decided on the live floor, also while the display is paused; never while the line is down.
    pub(in crate::desk) fn watch_critical(&mut self) -> Vec<Effect> {
        let early = self.notifier.looked.is_some_and(|at| self.wall.since(at) < EVERY);
        if self.notifier.notice == NoticeMethod::Off || early || !self.link.is_live() {
            return Vec::new();
        }
        self.notifier.looked = Some(self.wall);
        let waits = self.critical();
        let places: Vec<_> = waits.iter().map(|it| it.0.clone()).collect();
        self.notifier.told.keep(&places);
        let mut fresh = Vec::new();
        for (place, since, told) in waits {
            let known = |waits: &AcknowledgedWaits| waits.has(&place, since, AlertLevel::Critical);
            if !known(&self.notifier.told) && !known(&self.acknowledged) {
                self.notifier.told.add(place, since, AlertLevel::Critical);
                fresh.push(told);
            }
        }
        let Some(first) = fresh.first() else { return Vec::new() };
        let more = if fresh.len() > 1 { format!(", and {} more", fresh.len() - 1) } else { String::new() };
        vec![Effect::Notify(self.notifier.notice, format!("callboard: {first}{more}"))]
    }

    /// Every critical wait of the live floor: where, since when, and in words with untrusted text.
    fn critical(&self) -> Vec<((CallId, Option<ParticipantId>), Timestamp, String)> {
        let floor = self.live();
        let numbers = floor.statistics();
        let hold = numbers.oldest_hold.map(|it| self.limits.hold(it.span(self.now)));
        let lobby = numbers.oldest_lobby.map(|it| self.limits.lobby(it.span(self.now)));
        if hold.max(lobby) < Some(AlertLevel::Critical) {
            return Vec::new();
        }
        let of = |call: &'_ FloorCall, person: &'_ Person| {
            let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
            let critical = self.limits.person(person, self.now) == AlertLevel::Critical;
            let what = if person.hold.is_some() { "on hold" } else { "in the lobby" };
            let (name, number, age) = (crate::desk::called(person), call.number.0, since.age(self.now));
            let told = format!("{name} is {what} for {age} in call {number}");
            critical.then(|| ((call.id.clone(), Some(person.id.clone())), since.at, told))
        };
        let calls = floor.calls().filter(|it| it.is_live());
        calls.flat_map(|call| call.present().filter_map(move |person| of(call, person)).collect::<Vec<_>>()).collect()
    }
}
