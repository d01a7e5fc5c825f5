//! Small vertical bars, one per minute, in as many rows as fit. Nothing stands where the figure is zero, and an unknown
//! one has a sign of its own: neither must look like a low bar.

/// The value of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::screen) enum BarValue {
    /// No data exists for this minute.
    Unknown,
    /// A figure, part of which is drawn solid.
    Of {
        /// The whole figure.
        whole: u64,
        /// The solid part of it.
        part: u64,
    },
}

/// The sign of an unknown value.
pub(in crate::screen) const UNKNOWN: char = '\u{254c}';
/// The sign of the part of a bar above its solid part.
pub(in crate::screen) const BEYOND: char = '\u{2592}';

const EIGHTHS: [char; 9] =
    [' ', '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

impl BarValue {
    /// A figure that is drawn solid.
    pub(in crate::screen) fn full(figure: usize) -> Self {
        let whole = u64::try_from(figure).unwrap_or(u64::MAX);
        Self::Of { whole, part: whole }
    }

    /// The character in a row, counted from below, of a chart whose highest bar is `most`.
    pub(in crate::screen) fn sign(self, row: usize, rows: usize, most: u64) -> char {
        let (whole, part) = match self {
            Self::Unknown => return if row == 0 { UNKNOWN } else { ' ' },
            Self::Of { whole, part } => (whole, part),
        };
        let eighths = u128::try_from(rows * 8).unwrap_or_default();
        let most = u128::from(most.max(1));
        // A small figure stays visible.
        let least = |it: u64| u128::from(it.min(1));
        let level = |it: u64| ((u128::from(it) * eighths + most / 2) / most).max(least(it)).min(eighths);
        let above = |it: u64| level(it).saturating_sub(u128::try_from(row * 8).unwrap_or_default()).min(8);
        let sign = |eighths: u128| usize::try_from(eighths).ok().and_then(|it| EIGHTHS.get(it)).copied().unwrap_or(' ');
        match (above(whole), above(part)) {
            (8, 8) => sign(8),
            (8, _) => BEYOND,
            (some, _) => sign(some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(bars: &[BarValue], rows: usize, most: u64) -> Vec<String> {
        (0..rows).rev().map(|row| bars.iter().map(|it| it.sign(row, rows, most)).collect()).collect()
    }

    #[test]
    fn nothing_the_unknown_and_little_are_not_alike() {
        let bars =
            [BarValue::Unknown, BarValue::full(0), BarValue::full(1), BarValue::full(500), BarValue::full(1_000)];
        assert_eq!(drawn(&bars, 1, 1_000), ["╌ ▁▄█"]);
        assert_eq!(drawn(&bars, 2, 1_000), ["    █", "╌ ▁██"]);
    }

    #[test]
    fn the_part_is_full_and_the_rest_is_not() {
        let bars = [
            BarValue::Of { whole: 8, part: 4 },
            BarValue::Of { whole: 4, part: 4 },
            BarValue::Of { whole: 6, part: 1 },
        ];
        assert_eq!(drawn(&bars, 2, 8), ["▒ ▄", "██▒"]);
        assert_eq!(drawn(&bars, 2, 0), ["███", "███"], "no figure is higher than the highest");
    }
}
