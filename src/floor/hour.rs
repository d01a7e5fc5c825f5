//! Statistics of the last hour for each minute: live calls, people on hold, muted people, and proof latencies.
//!
//! Minutes are those of the entries' times. A minute without an entry has the counts at its beginning.

use serde::{Deserialize, Serialize};

use super::statistics::{FloorCounts, percentile};
use crate::bounded::Ring;
use crate::time::{Millis, Timestamp};

/// The number of kept minutes, including the current one.
pub const MINUTES: usize = 60;
/// The maximum number of proofs in one minute; more than operators can cause by hand.
const MOST_PROOFS: usize = 256;

/// A minute in milliseconds.
const MINUTE: i64 = 60_000;

/// One minute of the floor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MinuteSample {
    /// Minutes since the Unix epoch.
    at: i64,
    /// The maximum number of calls that were live at once.
    pub live: usize,
    /// The maximum number of people who were on hold at once.
    pub held: usize,
    /// The maximum number of people who were muted at once.
    pub muted: usize,
    /// The maximum number of people who waited at once, on hold or in a lobby; 0 in a snapshot of an earlier version.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waiting: usize,
    /// The length of the longest hold in the minute.
    #[serde(default, skip_serializing_if = "is_short")]
    pub longest_hold: Millis,
    /// The length of the longest wait in a lobby in the minute.
    #[serde(default, skip_serializing_if = "is_short")]
    pub longest_lobby: Millis,
    /// The time from key press to proof, for each proof in the minute; the shortest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    proofs: Vec<Millis>,
}

/// The minutes, oldest first.
///
/// Invariant: no minute is missing between two others, and at most [`MINUTES`] are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct HourHistory {
    minutes: Ring<MinuteSample, MINUTES>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_short(span: &Millis) -> bool {
    span.0 == 0
}

impl MinuteSample {
    /// A minute with these counts, of which the part until `now` has passed.
    fn of(at: i64, counts: FloorCounts, now: Timestamp) -> Self {
        let FloorCounts { live, held, muted, lobby, .. } = counts;
        let mut minute = Self { at, live, held, muted, waiting: held.saturating_add(lobby), ..Self::default() };
        minute.lengthen_waits(now, counts);
        minute
    }

    /// Lets the waits that the counts know grow until `now`, or until the end of the minute.
    fn lengthen_waits(&mut self, now: Timestamp, counts: FloorCounts) {
        let until = now.min(Timestamp(self.at.saturating_add(1).saturating_mul(MINUTE)));
        let span = |since: Option<Timestamp>| since.map_or(Millis(0), |it| until.since(it));
        self.longest_hold = self.longest_hold.max(span(counts.oldest_hold));
        self.longest_lobby = self.longest_lobby.max(span(counts.oldest_lobby));
    }

    /// Returns when the minute began.
    #[must_use]
    pub const fn begin(&self) -> Timestamp {
        Timestamp(self.at.saturating_mul(MINUTE))
    }

    /// Returns the number of proofs in this minute.
    #[must_use]
    pub const fn proofs(&self) -> usize {
        self.proofs.len()
    }

    /// Returns the median time from key press to proof, or `None` without a proof.
    #[must_use]
    pub fn proof_p50(&self) -> Option<Millis> {
        percentile(&self.proofs, 50)
    }

    /// Returns the longest time from key press to proof, or `None` without a proof.
    #[must_use]
    pub fn slowest_proof(&self) -> Option<Millis> {
        self.proofs.iter().max().copied()
    }
}

impl HourHistory {
    /// Returns the hour until `now`; `counts` are the counts since the last entry.
    pub(super) fn until(&self, now: Timestamp, counts: FloorCounts) -> Vec<Option<MinuteSample>> {
        let last = self.minutes.newest().map(|it| it.at);
        let since = last.into_iter().flat_map(|last| minutes_after(last, now.0.div_euclid(MINUTE)));
        let mut hour: Vec<Option<MinuteSample>> = self.minutes.iter().cloned().map(Some).collect();
        if let Some(Some(newest)) = hour.last_mut() {
            newest.lengthen_waits(now, counts);
        }
        hour.extend(since.map(|at| Some(MinuteSample::of(at, counts, now))));
        let surplus = hour.len().saturating_sub(MINUTES);
        hour.drain(..surplus);
        let unknown = std::iter::repeat_n(None, MINUTES - hour.len());
        unknown.chain(hour).collect()
    }

    /// Advances to the minute of an entry, before the entry is applied. An earlier time counts in the last minute.
    pub(super) fn advance(&mut self, now: Timestamp, counts: FloorCounts) {
        let minute = now.0.div_euclid(MINUTE);
        let Some(newest) = self.minutes.newest_mut() else {
            self.minutes.push(MinuteSample::of(minute, counts, now));
            return;
        };
        newest.lengthen_waits(now, counts);
        let last = newest.at;
        for at in minutes_after(last, minute) {
            self.minutes.push(MinuteSample::of(at, counts, now));
        }
    }

    /// Moves all minutes by `by`, rounded down to whole minutes, after the clock was set back. So no minute
    /// is in the future.
    pub(super) fn move_times(&mut self, by: Millis) {
        for minute in &mut self.minutes {
            minute.at = minute.at.saturating_add(by.0.div_euclid(60_000));
        }
    }

    /// Raises the maxima of the current minute to the counts after an entry.
    pub(super) fn raise_maxima(&mut self, counts: FloorCounts) {
        let Some(minute) = self.minutes.newest_mut() else { return };
        minute.live = minute.live.max(counts.live);
        minute.held = minute.held.max(counts.held);
        minute.muted = minute.muted.max(counts.muted);
        minute.waiting = minute.waiting.max(counts.held.saturating_add(counts.lobby));
    }

    /// Adds the latency of a proof to the current minute.
    pub(super) fn add_proof(&mut self, latency: Millis) {
        let Some(minute) = self.minutes.newest_mut().filter(|it| it.proofs.len() < MOST_PROOFS) else { return };
        let at = minute.proofs.partition_point(|it| *it <= latency);
        minute.proofs.insert(at, latency);
    }
}

/// Returns the minutes after `last` up to `now`, at most an hour of them.
fn minutes_after(last: i64, now: i64) -> impl Iterator<Item = i64> {
    let hour = i64::try_from(MINUTES).unwrap_or(i64::MAX);
    last.saturating_add(1).max(now.saturating_sub(hour - 1))..=now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::Floor;

    fn minute(at: i64) -> Timestamp {
        Timestamp(at * MINUTE + 5)
    }

    fn held(held: usize) -> FloorCounts {
        FloorCounts { live: 1, held, ..FloorCounts::default() }
    }

    fn held_by_minute(hour: &HourHistory) -> Vec<(i64, usize)> {
        hour.minutes.iter().map(|it| (it.at, it.held)).collect()
    }

    #[test]
    fn a_minute_has_the_maxima_and_one_without_entries_the_previous_counts() {
        let mut hour = HourHistory::default();
        for (at, before, after) in [(7, 0, 2), (7, 2, 1), (9, 1, 0), (8, 0, 3), (10, 0, 0)] {
            hour.advance(minute(at), held(before));
            hour.raise_maxima(held(after));
        }
        // An entry with an earlier time counts in the current minute.
        assert_eq!(held_by_minute(&hour), [(7, 2), (8, 1), (9, 3), (10, 0)]);
    }

    #[test]
    fn a_minute_has_its_longest_wait_and_not_what_came_later() {
        let mut hour = HourHistory::default();
        let waits = |since: i64| FloorCounts { held: 1, oldest_hold: Some(Timestamp(since)), ..FloorCounts::default() };
        hour.advance(Timestamp(MINUTE), FloorCounts::default());
        hour.raise_maxima(waits(MINUTE + 10_000));
        // The hold goes on through minutes without an entry, and ends 5 s into minute 4.
        hour.advance(Timestamp(4 * MINUTE + 5_000), waits(MINUTE + 10_000));
        hour.raise_maxima(FloorCounts::default());
        hour.advance(Timestamp(4 * MINUTE + 50_000), FloorCounts::default());
        let until = hour.until(Timestamp(5 * MINUTE), FloorCounts::default());
        let told: Vec<(usize, i64)> = until.iter().flatten().map(|it| (it.waiting, it.longest_hold.0)).collect();
        assert_eq!(told, [(1, 50_000), (1, 110_000), (1, 170_000), (1, 175_000), (0, 0)]);
        let until = hour.until(Timestamp(5 * MINUTE + 3_000), waits(4 * MINUTE));
        assert_eq!(until.last().unwrap().as_ref().unwrap().longest_hold, Millis(63_000), "until now");
    }

    #[test]
    fn at_most_an_hour_is_kept_after_a_leap_of_time() {
        let mut hour = HourHistory::default();
        for at in [0, 30, 59, 60, 1_000, 1_001, -5, i64::MAX / MINUTE] {
            hour.advance(minute(at), held(4));
            assert!(hour.minutes.len() <= MINUTES);
            let is_consecutive =
                hour.minutes.iter().zip(hour.minutes.iter().skip(1)).all(|(one, next)| one.at + 1 == next.at);
            assert!(is_consecutive, "{:?}", held_by_minute(&hour));
        }
        assert_eq!(hour.minutes.len(), MINUTES);
    }

    #[test]
    fn a_minute_without_proofs_has_no_latency() {
        let mut hour = HourHistory::default();
        hour.advance(minute(1), held(0));
        assert_eq!(hour.minutes.newest().unwrap().proof_p50(), None);
        for latency in (1..=400).rev() {
            hour.add_proof(Millis(latency));
        }
        let minute = hour.minutes.newest().unwrap();
        assert_eq!((minute.proofs(), minute.proof_p50()), (MOST_PROOFS, Some(Millis(272))));
        assert_eq!(minute.slowest_proof(), Some(Millis(400)));
    }

    #[test]
    fn the_view_is_always_an_hour_with_unknown_minutes_empty() {
        let mut floor = Floor::default();
        assert!(floor.hour(minute(5)).iter().all(Option::is_none));
        floor.hour.advance(minute(5), held(0));
        for (now, known) in [(4, 1), (5, 1), (7, 3), (64, 60), (9_999, 60)] {
            let hour = floor.hour(minute(now));
            assert_eq!(hour.len(), MINUTES);
            assert_eq!(hour.iter().flatten().count(), known, "at {now}");
            assert_eq!(hour.last().unwrap().as_ref().map(|it| it.at), Some(now.max(5)));
        }
    }
}
