//! The charts of the last hour: which minute's figures are shown in words.

use crate::floor::{MINUTES, MinuteSample};
use crate::time::Timestamp;

/// The charts of the last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastHour {
    /// The start of the selected minute; `None` for the current one.
    minute: Option<Timestamp>,
}

impl LastHour {
    /// Returns the index of the selected minute; the last index if none is selected, or if it is older than the hour.
    #[must_use]
    pub fn place(&self, hour: &[Option<MinuteSample>]) -> usize {
        let chosen = self
            .minute
            .and_then(|begin| hour.iter().position(|it| it.as_ref().is_some_and(|minute| minute.begin() == begin)));
        chosen.unwrap_or_else(|| hour.len().saturating_sub(1))
    }

    /// Selects the next or the previous minute; stays if the floor has no figures for it.
    pub(in crate::desk) fn step(&mut self, hour: &[Option<MinuteSample>], on: bool) {
        let place = self.place(hour);
        let next = if on { (place + 1).min(MINUTES - 1) } else { place.saturating_sub(1) };
        if let Some(minute) = hour.get(next).and_then(Option::as_ref) {
            self.minute = (next + 1 < MINUTES).then(|| minute.begin());
        }
    }
}
