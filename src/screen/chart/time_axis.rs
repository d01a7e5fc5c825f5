//! The mapping of time to the columns of a lane.

use super::lane::LaneSign;
use crate::time::{Millis, Timestamp};

/// The mapping of time to columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::screen) struct TimeAxis {
    from: Timestamp,
    until: Timestamp,
    step: i64,
    width: usize,
}

/// The allowed seconds per column.
const STEPS: [i64; 25] = [
    1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 600, 720, 900, 1_200, 1_800, 3_600, 10_800,
    86_400,
];
/// The allowed seconds between two labels.
const TICKS: [i64; 13] = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800];
/// The columns of a label: its tick, its time and a gap.
const TICK: i64 = 12;

impl TimeAxis {
    /// An axis between two times in at most this number of columns. Columns begin at round times, so that a lane grows
    /// at its end and does not scroll.
    pub(in crate::screen) fn over(from: Timestamp, until: Timestamp, width: usize) -> Self {
        let width = width.max(1);
        let seconds = until.since(from).0.div_euclid(1_000) + 1;
        let fits = |step: &i64| {
            let lead = from.0.div_euclid(1_000).rem_euclid(*step);
            i64::try_from(width).unwrap_or(i64::MAX).saturating_mul(*step) >= seconds + lead
        };
        let step = STEPS.into_iter().find(fits).unwrap_or_else(|| {
            let width = i64::try_from(width).unwrap_or(i64::MAX);
            (seconds / width / 86_400 + 2).saturating_mul(86_400)
        });
        let step = step.saturating_mul(1_000);
        Self { from: Timestamp(from.0.saturating_sub(from.0.rem_euclid(step))), until, step, width }
    }

    /// An axis of columns of this length, the last of which contains `until`. Columns begin at round times.
    pub(in crate::screen) fn ending(until: Timestamp, step: Millis, width: usize) -> Self {
        let (step, width) = (step.0.max(1), width.max(1));
        let last = until.0.saturating_sub(until.0.rem_euclid(step));
        let before = i64::try_from(width - 1).unwrap_or(i64::MAX).saturating_mul(step);
        Self { from: Timestamp(last.saturating_sub(before)), until, step, width }
    }

    /// The columns in which a multiple of this length begins on a clock that is ahead by `offset`, each with its time.
    pub(in crate::screen) fn every(&self, apart: Millis, offset: Millis) -> Vec<(usize, Timestamp)> {
        let apart = apart.0.max(1);
        let begin = |column: usize| {
            let begin = self.from.0.checked_add(i64::try_from(column).ok()?.checked_mul(self.step)?)?;
            let local = begin.checked_add(offset.0)?;
            let wait = (apart - local.rem_euclid(apart)) % apart;
            (wait < self.step).then_some((column, Timestamp(begin.checked_add(wait)?)))
        };
        (0..self.width).filter_map(begin).collect()
    }

    /// The column of a time; `None` outside the axis.
    pub(in crate::screen) fn column(&self, at: Timestamp) -> Option<usize> {
        let column = usize::try_from((at.0.checked_sub(self.from.0)?).div_euclid(self.step)).ok()?;
        Some(column).filter(|it| *it < self.width)
    }

    /// The labels with their columns; `clock` writes the time of day.
    pub(in crate::screen) fn ticks(&self, clock: impl Fn(Timestamp) -> String) -> Vec<(usize, String)> {
        let apart = TICKS.into_iter().map(|it| it * 1_000).find(|it| *it >= self.step.saturating_mul(TICK));
        let apart = apart.unwrap_or_else(|| self.step.saturating_mul(TICK));
        let first = self.from.0.saturating_add((apart - self.from.0.rem_euclid(apart)) % apart);
        let times = (0..self.width).map_while(|it| first.checked_add(apart.checked_mul(i64::try_from(it).ok()?)?));
        let times = times.map_while(|at| Some((self.column(Timestamp(at))?, at)));
        let whole = apart % 60_000 == 0;
        let text = |at: i64| {
            let clock = clock(Timestamp(at));
            if whole { clock.chars().take(5).collect() } else { clock }
        };
        times.map(|(column, at)| (column, format!("\u{2502}{}", text(at)))).collect()
    }

    /// The sign of each column. A change in `turns` lasts until the next one.
    pub(in crate::screen) fn signs(&self, turns: &[(Timestamp, LaneSign)]) -> Vec<LaneSign> {
        let mut signs = vec![LaneSign::Away; self.width];
        for (place, (at, sign)) in turns.iter().enumerate() {
            let next = turns.get(place + 1).map_or(self.until, |(next, _)| Timestamp(next.0.saturating_sub(1)));
            let (begin, end) = ((*at).max(self.from), next.min(self.until));
            if begin > end {
                continue;
            }
            let (Some(first), Some(last)) = (self.column(begin), self.column(end)) else { continue };
            for shown in signs.iter_mut().take(last + 1).skip(first) {
                *shown = (*shown).max(*sign);
            }
        }
        signs
    }
}

/// The duration of a column in words: `5 s`, `2 min`.
pub(in crate::screen) fn step_words(axis: &TimeAxis) -> String {
    let Millis(step) = Millis(axis.step);
    match step / 1_000 {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ ..3_600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::AlertLevel;

    fn utc(at: Timestamp) -> String {
        crate::desk::time_of_day(at, &jiff::tz::TimeZone::UTC)
    }

    fn text(axis: &TimeAxis, turns: &[(i64, LaneSign)]) -> String {
        let turns: Vec<(Timestamp, LaneSign)> =
            turns.iter().map(|(at, sign)| (Timestamp(*at * 1_000), *sign)).collect();
        axis.signs(&turns).into_iter().map(LaneSign::letter).collect()
    }

    #[test]
    fn a_column_shows_the_most_of_what_happened_in_it() {
        let waits = LaneSign::Waits(AlertLevel::None);
        let late = LaneSign::Waits(AlertLevel::Critical);
        let axis = TimeAxis::over(Timestamp(0), Timestamp(19_000), 12);
        assert_eq!(axis.step, 2_000);
        let cases: [(&[(i64, LaneSign)], &str); 6] = [
            (&[(0, LaneSign::Live)], "──────────  "),
            (&[(0, LaneSign::Live), (6, late), (10, LaneSign::Live)], "───▇▇─────  "),
            // A change without a length is not drawn.
            (&[(0, LaneSign::Live), (7, late), (7, LaneSign::Live)], "──────────  "),
            // A brief wait is not lost between two columns.
            (&[(0, LaneSign::Live), (6, waits), (7, LaneSign::Muted)], "───▃╌╌╌╌╌╌  "),
            (&[(4, waits), (8, LaneSign::Live), (12, LaneSign::Away)], "  ▃▃──      "),
            (&[(-9, LaneSign::Unseen), (5, LaneSign::MutedServer), (99, LaneSign::Live)], "??════════  "),
        ];
        for (turns, lane) in cases {
            assert_eq!(text(&axis, turns), lane, "{turns:?}");
        }
    }

    #[test]
    fn columns_begin_at_round_times_and_everything_fits() {
        for (from, until, width, step) in [
            (7_000, 190_000, 70, 3),
            (7_000, 8_000, 70, 1),
            (0, 0, 1, 1),
            (59_000, 61_000, 1, 120),
            (0, 900_000, 30, 60),
            (1, 86_400_000 * 700, 26, 2_419_200),
        ] {
            let axis = TimeAxis::over(Timestamp(from), Timestamp(until), width);
            assert_eq!(axis.step, step * 1_000, "{from} to {until} in {width}");
            assert_eq!(axis.from.0 % axis.step, 0);
            assert!(axis.column(Timestamp(until)).is_some() && axis.column(Timestamp(from)).is_some());
            for (column, text) in axis.ticks(utc) {
                assert!(column < width && text.starts_with('│'), "{text} at {column}");
            }
        }
        assert_eq!(TimeAxis::over(Timestamp(i64::MIN / 4), Timestamp(i64::MAX / 4), 3).ticks(utc).len().min(1), 1);
    }

    #[test]
    fn times_are_written_where_they_are() {
        let axis = TimeAxis::over(Timestamp(50_000), Timestamp(200_000), 60);
        assert_eq!(axis.ticks(utc), [(4, "│00:01".to_owned()), (24, "│00:02".to_owned()), (44, "│00:03".to_owned())]);
        let axis = TimeAxis::over(Timestamp(0), Timestamp(25_000), 40);
        assert_eq!(axis.ticks(utc)[1], (30, "│00:00:30".to_owned()));
    }

    #[test]
    fn fixed_columns_end_with_the_last_time() {
        let axis = TimeAxis::ending(Timestamp(1_000_000), Millis::seconds(30), 20);
        assert_eq!((axis.step, axis.from), (30_000, Timestamp(420_000)));
        assert_eq!(axis.column(Timestamp(1_000_000)), Some(19));
        let ticks = |offset: i64| axis.every(Millis::minutes(5), Millis(offset));
        assert_eq!(ticks(0), [(6, Timestamp(600_000)), (16, Timestamp(900_000))]);
        assert_eq!(ticks(3_600_000), ticks(0), "an hour ahead");
        assert_eq!(ticks(-40_000), [(7, Timestamp(640_000)), (17, Timestamp(940_000))], "within a column");
    }
}
