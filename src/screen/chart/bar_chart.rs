//! Small upright bars, one a minute, in as many rows as there is room for. A bar of nothing is a `0`, and what is not
//! known is a sign of its own: neither is a low bar.

/// What one bar is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::screen) enum BarValue {
    /// Nothing is known.
    Unknown,
    /// Known, and there is no figure.
    None,
    /// A figure, and how much of it is drawn full.
    Of {
        /// The whole.
        whole: u64,
        /// The part that is drawn full.
        part: u64,
    },
}

/// The sign for what is not known.
pub(in crate::screen) const UNKNOWN: char = '?';
/// The sign where there is no figure.
pub(in crate::screen) const NONE: char = '~';
/// The sign for the part of a bar beyond its full part.
pub(in crate::screen) const BEYOND: char = '\u{2592}';

const EIGHTHS: [char; 9] =
    [' ', '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

impl BarValue {
    /// A figure that is drawn full.
    pub(in crate::screen) fn full(figure: usize) -> Self {
        let whole = u64::try_from(figure).unwrap_or(u64::MAX);
        Self::Of { whole, part: whole }
    }

    /// The figure; 0 when there is none.
    pub(in crate::screen) const fn whole(self) -> u64 {
        match self {
            Self::Unknown | Self::None => 0,
            Self::Of { whole, .. } => whole,
        }
    }

    /// Whether it says that something is missing rather than how much there is.
    pub(in crate::screen) const fn is_quiet(self) -> bool {
        !matches!(self, Self::Of { whole: 1.., .. })
    }

    /// The sign in the n-th row from below of so many, where the highest bar is `most`.
    pub(in crate::screen) fn sign(self, row: usize, rows: usize, most: u64) -> char {
        let (whole, part) = match self {
            Self::Unknown => return if row == 0 { UNKNOWN } else { ' ' },
            Self::None => return if row == 0 { NONE } else { ' ' },
            Self::Of { whole: 0, .. } => return if row == 0 { '0' } else { ' ' },
            Self::Of { whole, part } => (whole, part),
        };
        let eighths = u128::try_from(rows * 8).unwrap_or_default();
        // Rounded up: what is there is seen.
        let level = |it: u64| (u128::from(it) * eighths).div_ceil(u128::from(most.max(1))).min(eighths);
        let above = |it: u64| level(it).saturating_sub(u128::try_from(row * 8).unwrap_or_default()).min(8);
        let sign = |it: u128| usize::try_from(it).ok().and_then(|it| EIGHTHS.get(it)).copied().unwrap_or(' ');
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
        let bars = [
            BarValue::Unknown,
            BarValue::None,
            BarValue::full(0),
            BarValue::full(1),
            BarValue::full(500),
            BarValue::full(1_000),
        ];
        assert_eq!(drawn(&bars, 1, 1_000), ["?~0▁▄█"]);
        assert_eq!(drawn(&bars, 2, 1_000), ["     █", "?~0▁██"]);
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
