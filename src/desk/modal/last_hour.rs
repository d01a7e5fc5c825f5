//! The floor's last hour over the panes: which minute's figures are read. The figures are the floor's.

use crate::floor::MinuteSample;
use crate::time::Timestamp;

/// The floor's last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastHour {
    /// The minute that is read, by its begin; none for the one that goes on.
    pub minute: Option<Timestamp>,
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
}
