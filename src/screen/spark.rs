//! Numbers as a line of bars, one a column: enough to see whether it grows.

use crate::moment::Span;

/// The bars, from the lowest to the highest; in ASCII others stand for them.
const BARS: [char; 8] =
    ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];
/// As many are drawn, the newest at the right.
const MOST: usize = 16;
/// Fewer say nothing.
const LEAST: usize = 3;

/// The last of some lengths of time, each as high as it is part of the longest of them; empty when there are too few.
pub(super) fn spark(spans: impl ExactSizeIterator<Item = Span>) -> String {
    let skip = spans.len().saturating_sub(MOST);
    let shown: Vec<i64> = spans.skip(skip).map(|it| it.0.max(0)).collect();
    let most = shown.iter().copied().max().unwrap_or_default().max(1);
    if shown.len() < LEAST {
        return String::new();
    }
    let highest = i64::try_from(BARS.len() - 1).unwrap_or_default();
    let bar = |span: i64| {
        let at = (i128::from(span) * i128::from(highest) + i128::from(most) / 2) / i128::from(most);
        usize::try_from(at).ok().and_then(|it| BARS.get(it)).copied()
    };
    shown.into_iter().filter_map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_part_of_the_longest_and_the_newest_is_at_the_right() {
        let of = |spans: &[i64]| spark(spans.iter().map(|it| Span(*it)));
        assert_eq!(of(&[]), "");
        assert_eq!(of(&[5, 5]), "", "two are no line");
        assert_eq!(of(&[0, 350, 700]), "▁▅█");
        assert_eq!(of(&[100, 200, 300, 400, 500, 600, 700]), "▂▃▄▅▆▇█");
        assert_eq!(of(&[7, 7, 7]), "███");
        assert_eq!(of(&[0, 0, 0]), "▁▁▁");
        assert_eq!(of(&[-5, i64::MAX, i64::MAX]), "▁██");
        let many: Vec<i64> = (0..40).collect();
        assert_eq!(of(&many).chars().count(), MOST);
        assert!(of(&many).ends_with('█'));
    }
}
