//! Numbers and alerts, derived from the floor at a given time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::call::{CallNumber, FloorCall, Person};
use super::start_time::StartTime;
use crate::graph::CallState;
use crate::time::{Millis, Timestamp};

/// The severity of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum AlertLevel {
    /// No alert; shows no mark.
    #[default]
    None,
    /// No notification for a while (`?`).
    Quiet,
    /// A hold or a wait in the lobby is long (`!`).
    Warning,
    /// A hold or a wait in the lobby is too long (`!!`).
    Critical,
}

/// The limits at which waiting becomes an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertLimits {
    /// A hold this long is a warning.
    pub hold_warning: Millis,
    /// A hold this long is critical.
    pub hold_critical: Millis,
    /// A wait in the lobby this long is a warning.
    pub lobby_warning: Millis,
    /// A wait in the lobby this long is critical.
    pub lobby_critical: Millis,
    /// A call without a notification for this long is quiet.
    pub quiet: Millis,
}

impl Default for AlertLimits {
    fn default() -> Self {
        Self {
            hold_warning: Millis::seconds(60),
            hold_critical: Millis::seconds(120),
            lobby_warning: Millis::seconds(30),
            lobby_critical: Millis::seconds(60),
            quiet: Millis::minutes(2),
        }
    }
}

/// The numbers of the board's header; each follows from call notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Calls that have not ended.
    pub calls: usize,
    /// Calls that are not established yet.
    pub connecting: usize,
    /// People on hold.
    pub held: usize,
    /// The oldest hold.
    pub oldest_hold: Option<StartTime>,
    /// People in lobbies.
    pub lobby: usize,
    /// The longest wait.
    pub oldest_lobby: Option<StartTime>,
    /// People who are muted.
    pub muted: usize,
    /// The median time from key press to proof, over the last 256 confirmed operations.
    pub proof_p50: Option<Millis>,
    /// The 95th percentile of the same times.
    pub proof_p95: Option<Millis>,
}

impl AlertLimits {
    /// Returns the highest alert of a call and the people in it.
    #[must_use]
    pub fn call(&self, call: &FloorCall, now: Timestamp) -> AlertLevel {
        if !call.is_live() {
            return AlertLevel::None;
        }
        let quiet = if self.is_quiet(call, now) { AlertLevel::Quiet } else { AlertLevel::None };
        call.present().map(|person| self.person(person, now)).max().unwrap_or_default().max(quiet)
    }

    /// Returns the higher alert of a person's hold and wait.
    #[must_use]
    pub fn person(&self, person: &Person, now: Timestamp) -> AlertLevel {
        if person.left.is_some() {
            return AlertLevel::None;
        }
        let hold = person.hold.as_ref().map(|it| self.hold(it.since.span(now)));
        let lobby = person.lobby.map(|it| self.lobby(it.span(now)));
        hold.max(lobby).unwrap_or_default()
    }

    /// Returns how late a person is, in millionths. It grows linearly to a third at the first limit and to two thirds
    /// at the second. Beyond that it grows ever more slowly and never reaches 1,000,000, so a longer wait is never less
    /// late. Holds and lobbies have their own limits, so both can be compared. It is 0 for a person who does not wait.
    #[must_use]
    pub fn lateness(&self, person: &Person, now: Timestamp) -> u32 {
        if person.left.is_some() {
            return 0;
        }
        let hold = person.hold.as_ref().map(|it| self.hold_lateness(it.since.span(now)));
        let lobby = person.lobby.map(|it| lateness(it.span(now), self.lobby_warning, self.lobby_critical));
        hold.max(lobby).unwrap_or_default()
    }

    /// Returns the lateness of the person of a call who is the latest; see [`AlertLimits::lateness`].
    #[must_use]
    pub fn call_lateness(&self, call: &FloorCall, now: Timestamp) -> u32 {
        call.present().map(|person| self.lateness(person, now)).max().unwrap_or_default()
    }

    /// Returns whether a live call has been quiet for the limit.
    #[must_use]
    pub fn is_quiet(&self, call: &FloorCall, now: Timestamp) -> bool {
        call.is_live() && now.since(call.heard) >= self.quiet
    }

    /// Returns the lateness of a hold of this length; see [`AlertLimits::lateness`].
    #[must_use]
    pub fn hold_lateness(&self, span: Millis) -> u32 {
        lateness(span, self.hold_warning, self.hold_critical)
    }

    /// Returns the alert of a hold of this length.
    #[must_use]
    pub fn hold(&self, span: Millis) -> AlertLevel {
        grade(span, self.hold_warning, self.hold_critical)
    }

    /// Returns the alert of a wait in the lobby of this length.
    #[must_use]
    pub fn lobby(&self, span: Millis) -> AlertLevel {
        grade(span, self.lobby_warning, self.lobby_critical)
    }
}

/// Returns the lateness of a wait against two limits, in millionths.
fn lateness(span: Millis, first: Millis, second: Millis) -> u32 {
    const THIRD: i64 = 333_333;
    let span = span.0.max(0);
    let (first, second) = (first.0.max(1), second.0.max(first.0.max(1) + 1));
    let part = |of: i64, whole: i64| of.saturating_mul(THIRD) / whole;
    let late = if span < first {
        part(span, first)
    } else if span < second {
        THIRD + part(span - first, second - first)
    } else {
        2 * THIRD + part(span - second, span)
    };
    u32::try_from(late).unwrap_or(u32::MAX)
}

fn grade(span: Millis, warning: Millis, critical: Millis) -> AlertLevel {
    match span {
        _ if span >= critical => AlertLevel::Critical,
        _ if span >= warning => AlertLevel::Warning,
        _ => AlertLevel::None,
    }
}

impl AlertLevel {
    /// Returns the sign that accompanies the colour.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Quiet => "?",
            Self::Warning => "!",
            Self::Critical => "!!",
        }
    }
}

/// The counts at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FloorCounts {
    pub(super) live: usize,
    pub(super) held: usize,
    pub(super) muted: usize,
    pub(super) lobby: usize,
    /// When the oldest hold, and the oldest wait in a lobby, began.
    pub(super) oldest_hold: Option<Timestamp>,
    pub(super) oldest_lobby: Option<Timestamp>,
}

/// The running counts behind [`Statistics`]: each change of a call adds and removes its part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct FloorTally {
    live: usize,
    connecting: usize,
    held: usize,
    lobby: usize,
    muted: usize,
    holds: BTreeSet<(StartTime, CallNumber)>,
    lobbies: BTreeSet<(StartTime, CallNumber)>,
}

/// One call's share of the tally.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CallFootprint {
    number: CallNumber,
    live: usize,
    connecting: usize,
    held: usize,
    lobby: usize,
    muted: usize,
    oldest_hold: Option<StartTime>,
    oldest_lobby: Option<StartTime>,
}

impl CallFootprint {
    pub(super) fn of(call: &FloorCall) -> Self {
        if !call.is_live() {
            return Self { number: call.number, ..Self::default() };
        }
        let mut footprint = Self {
            number: call.number,
            live: 1,
            connecting: usize::from(is_connecting(&call.state)),
            oldest_hold: call.oldest_hold(),
            oldest_lobby: call.oldest_lobby(),
            ..Self::default()
        };
        for person in call.present() {
            footprint.held += usize::from(person.hold.is_some());
            footprint.lobby += usize::from(person.lobby.is_some());
            footprint.muted += usize::from(person.muted);
        }
        footprint
    }
}

impl FloorTally {
    /// Counts calls.
    pub(super) fn of<'a>(calls: impl Iterator<Item = &'a FloorCall>) -> Self {
        let mut tally = Self::default();
        for call in calls {
            tally.replace_footprint(&CallFootprint::default(), &CallFootprint::of(call));
        }
        tally
    }

    pub(super) fn replace_footprint(&mut self, before: &CallFootprint, after: &CallFootprint) {
        if before == after {
            return;
        }
        let moved = |count: usize, before: usize, after: usize| (count + after).saturating_sub(before);
        self.live = moved(self.live, before.live, after.live);
        self.connecting = moved(self.connecting, before.connecting, after.connecting);
        self.held = moved(self.held, before.held, after.held);
        self.lobby = moved(self.lobby, before.lobby, after.lobby);
        self.muted = moved(self.muted, before.muted, after.muted);
        let number = before.number.max(after.number);
        let pairs = [
            (&mut self.holds, before.oldest_hold, after.oldest_hold),
            (&mut self.lobbies, before.oldest_lobby, after.oldest_lobby),
        ];
        for (oldest, before, after) in pairs {
            if let Some(since) = before {
                oldest.remove(&(since, number));
            }
            if let Some(since) = after {
                oldest.insert((since, number));
            }
        }
    }

    pub(super) fn counts(&self) -> FloorCounts {
        FloorCounts {
            live: self.live,
            held: self.held,
            muted: self.muted,
            lobby: self.lobby,
            oldest_hold: self.holds.first().map(|(since, _)| since.at),
            oldest_lobby: self.lobbies.first().map(|(since, _)| since.at),
        }
    }

    pub(super) fn statistics(&self, latencies: impl Iterator<Item = Millis>) -> Statistics {
        let mut sorted: Vec<Millis> = latencies.collect();
        sorted.sort_unstable();
        Statistics {
            calls: self.live,
            connecting: self.connecting,
            held: self.held,
            oldest_hold: self.holds.first().map(|(since, _)| *since),
            lobby: self.lobby,
            oldest_lobby: self.lobbies.first().map(|(since, _)| *since),
            muted: self.muted,
            proof_p50: percentile(&sorted, 50),
            proof_p95: percentile(&sorted, 95),
        }
    }
}

/// Returns the nearest-rank percentile of a sorted list.
pub(super) fn percentile(sorted: &[Millis], percent: usize) -> Option<Millis> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// Returns whether a call is being set up and not connected yet.
const fn is_connecting(state: &CallState) -> bool {
    matches!(state, CallState::Incoming | CallState::Establishing | CallState::Ringing | CallState::Redirecting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_rank() {
        let spans: Vec<Millis> = (1..=20).map(Millis).collect();
        assert_eq!(percentile(&spans, 50), Some(Millis(10)));
        assert_eq!(percentile(&spans, 95), Some(Millis(19)));
        assert_eq!(percentile(&spans[..1], 95), Some(Millis(1)));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn waiting_becomes_an_alert_at_its_limits() {
        let limits = AlertLimits::default();
        let cases = [
            (59, AlertLevel::None),
            (60, AlertLevel::Warning),
            (119, AlertLevel::Warning),
            (120, AlertLevel::Critical),
        ];
        for (seconds, alert) in cases {
            assert_eq!(limits.hold(Millis::seconds(seconds)), alert, "{seconds} s on hold");
        }
        assert_eq!(limits.lobby(Millis::seconds(30)), AlertLevel::Warning);
        assert_eq!(limits.lobby(Millis::seconds(60)), AlertLevel::Critical);
    }
}
