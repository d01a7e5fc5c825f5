//! The floor's last hour over the panes: which minute's figures are read. The figures are the floor's.

use crate::floor::{MINUTES, MinuteSample};
use crate::time::Timestamp;

/// The floor's last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastHour {
    /// The minute that is read, by its begin; none for the one that goes on.
    minute: Option<Timestamp>,
}

impl LastHour {
    /// Where the minute that is read stands in an hour: the last place where none is chosen, or where it is gone.
    #[must_use]
    pub fn place(&self, hour: &[Option<MinuteSample>]) -> usize {
        let chosen = self
            .minute
            .and_then(|begin| hour.iter().position(|it| it.as_ref().is_some_and(|minute| minute.begin() == begin)));
        chosen.unwrap_or_else(|| hour.len().saturating_sub(1))
    }

    /// Reads the minute after, or the one before; stays where nothing is known of that one.
    pub(in crate::desk) fn step(&mut self, hour: &[Option<MinuteSample>], on: bool) {
        let place = self.place(hour);
        let next = if on { (place + 1).min(MINUTES - 1) } else { place.saturating_sub(1) };
        if let Some(minute) = hour.get(next).and_then(Option::as_ref) {
            self.minute = (next + 1 < MINUTES).then(|| minute.begin());
        }
    }
}
