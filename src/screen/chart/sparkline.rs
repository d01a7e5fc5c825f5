//! Numbers as a line of bars, one per column: enough to see a trend.

use super::bar_chart::BarValue;
use crate::time::Millis;

/// The most bars; the newest is at the right.
const MOST: usize = 16;
/// The fewest bars that show a trend.
const LEAST: usize = 3;

/// The latest durations as bars relative to the longest of them; empty if there are too few.
pub(in crate::screen) fn sparkline(spans: impl ExactSizeIterator<Item = Millis>) -> String {
    let skip = spans.len().saturating_sub(MOST);
    let shown: Vec<BarValue> =
        spans.skip(skip).map(|it| BarValue::full(usize::try_from(it.0).unwrap_or_default())).collect();
    if shown.len() < LEAST {
        return String::new();
    }
    let most = shown.iter().map(|it| it.whole()).max().unwrap_or_default();
    shown.into_iter().map(|it| it.sign(0, 1, most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_part_of_the_longest_and_the_newest_is_at_the_right() {
        let of = |spans: &[i64]| sparkline(spans.iter().map(|it| Millis(*it)));
        assert_eq!(of(&[]), "");
        assert_eq!(of(&[5, 5]), "", "two are no line");
        assert_eq!(of(&[0, 350, 700]), "0▄█");
        assert_eq!(of(&[100, 200, 300, 400, 500, 600, 700]), "▂▃▄▅▆▇█");
        assert_eq!(of(&[7, 7, 7]), "███");
        assert_eq!(of(&[0, 0, 0]), "000");
        assert_eq!(of(&[-5, i64::MAX, i64::MAX]), "0██");
        let many: Vec<i64> = (0..40).collect();
        assert_eq!(of(&many).chars().count(), MOST);
        assert!(of(&many).ends_with('█'));
    }
}
