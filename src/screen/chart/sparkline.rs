//! Numbers as a line of bars, one a column: enough to see whether it grows.

use super::bar_chart::BarValue;
use crate::time::Millis;

/// As many are drawn, the newest at the right.
const MOST: usize = 16;
/// Fewer say nothing.
const LEAST: usize = 3;

/// The last of some lengths of time, each as high as it is part of the longest of them; empty when there are too few.
pub(in crate::screen) fn spark(spans: impl ExactSizeIterator<Item = Millis>) -> String {
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
        let of = |spans: &[i64]| spark(spans.iter().map(|it| Millis(*it)));
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
