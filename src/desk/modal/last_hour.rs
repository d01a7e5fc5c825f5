//! The charts of the last hour: which minute's figures are shown in words.

use crate::floor::MinuteSample;
use crate::time::Timestamp;

/// The charts of the last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastHour {
    /// The begin of the selected minute; `None` for the current one.
    pub minute: Option<Timestamp>,
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
}
