//! Times and durations as the board writes them. An age such as `4:12` or `1:04:12` is the `Display` of `Millis`.

use jiff::tz::TimeZone;

use crate::floor::StartTime;
use crate::time::{Millis, Timestamp};

/// The time of day in a zone: `14:32:07`. An instant outside the calendar's range is shown as the start of 1970.
#[must_use]
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let time = zone.to_datetime(at).time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// The zone's name at an instant: `CET`, or its offset if it has no abbreviation.
#[must_use]
pub fn zone_name(at: Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    zone.to_offset_info(at).abbreviation().to_owned()
}

/// A span by its start and end, `14:02:10 to 14:05:33`; one of less than a second by its end only, `at 14:05:33`.
#[must_use]
pub fn from_to(from: Option<Timestamp>, until: Timestamp, zone: &TimeZone) -> String {
    let until = clock(until, zone);
    match from.map(|it| clock(it, zone)).filter(|it| *it != until) {
        Some(from) => format!("{from} to {until}"),
        None => format!("at {until}"),
    }
}

/// How far a zone's clocks are ahead of UTC at an instant.
pub(super) fn zone_offset(at: Timestamp, zone: &TimeZone) -> Millis {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    Millis::seconds(i64::from(zone.to_offset(at).seconds()))
}

/// A duration in few columns: `310 ms`, `1.4 s`, `12 s`, `4:12`.
pub(super) fn short_span(span: Millis) -> String {
    match span.0.max(0) {
        millis @ ..1_000 => format!("{millis} ms"),
        millis @ ..9_950 => decimal(millis, 1),
        millis @ ..59_500 => decimal(millis, 0),
        _ => nearest(span),
    }
}

/// A longer duration, to the nearest second: `3:12`.
fn nearest(span: Millis) -> String {
    Millis(span.0.saturating_add(500)).to_string()
}

/// Milliseconds as seconds with this many decimals, rounded: `0.4 s`.
fn decimal(millis: i64, decimals: usize) -> String {
    let seconds = std::time::Duration::from_millis(u64::try_from(millis).unwrap_or_default()).as_secs_f64();
    format!("{seconds:.decimals$} s")
}

/// A duration in seconds: `0.08 s`, `0.37 s`, `12.4 s`, `3:12`.
pub(super) fn in_seconds(span: Millis) -> String {
    match span.0.max(0) {
        millis @ ..9_995 => decimal(millis, 2),
        millis @ ..59_950 => decimal(millis, 1),
        _ => nearest(span),
    }
}

/// The same with one decimal, if the decimal matters: `0.5 s`.
pub(super) fn in_tenths(span: Millis) -> String {
    match span.0.max(0) {
        millis @ ..59_950 => decimal(millis, 1),
        _ => nearest(span),
    }
}

/// A limit in words: `2 min`, `45 s`, `1:30`.
pub(super) fn in_words(span: Millis) -> String {
    match span.0.max(0) / 1_000 {
        seconds @ ..60 => format!("{seconds} s"),
        seconds if seconds % 60 == 0 && seconds < 3_600 => format!("{} min", seconds / 60),
        _ => span.to_string(),
    }
}

/// The time that an answer took: `in 0.08 s`, or `at once` if that would read as no time at all.
pub(super) fn within(span: Millis) -> String {
    if span < Millis(10) { "at once".to_owned() } else { format!("in {}", in_seconds(span)) }
}

/// Whole minutes since a start; a start that was not seen is longer ago.
pub(super) fn minutes(since: StartTime, now: Timestamp) -> String {
    let minutes = since.span(now).0 / 60_000;
    if since.exact { minutes.to_string() } else { format!(">{minutes}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_as_many_decimals_as_help() {
        for (millis, text) in [
            (80, "0.08 s"),
            (370, "0.37 s"),
            (367, "0.37 s"),
            (9_996, "10.0 s"),
            (59_960, "1:00"),
            (12_400, "12.4 s"),
            (192_000, "3:12"),
            (-4, "0.00 s"),
        ] {
            assert_eq!(in_seconds(Millis(millis)), text);
        }
        assert_eq!((in_tenths(Millis(512)), in_tenths(Millis(785))), ("0.5 s".to_owned(), "0.8 s".to_owned()));
        for (seconds, text) in [(45, "45 s"), (90, "1:30"), (120, "2 min"), (3_600, "1:00:00")] {
            assert_eq!(in_words(Millis::seconds(seconds)), text);
        }
        for (millis, text) in [(0, "at once"), (9, "at once"), (10, "in 0.01 s"), (80, "in 0.08 s")] {
            assert_eq!(within(Millis(millis)), text);
        }
    }
}
