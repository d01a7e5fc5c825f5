//! The floor's last hour over the panes: which minute's figures are read. The figures are the floor's.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::command::Command;
use crate::desk::{Desk, Modal};
use crate::floor::{MINUTES, MinuteSample};
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

impl Desk {
    /// The floor's last hour, as it is shown: oldest minute first.
    #[must_use]
    pub fn hour(&self) -> Vec<Option<MinuteSample>> {
        self.floor().hour(self.shown_at())
    }

    /// Takes a key that was pressed while the last hour is open.
    pub(in crate::desk) fn pressed_hour(&mut self, mut last: LastHour, key: KeyEvent) {
        let on = match (self.keymap.find_any(key).map(|it| it.command), key.code) {
            (Some(Command::Move(_)), _) => return self.modal = Modal::LastHour(last),
            (None, KeyCode::Left | KeyCode::Char('h')) => false,
            (None, KeyCode::Right | KeyCode::Char('l')) => true,
            (Some(_) | None, _) => return,
        };
        let hour = self.hour();
        let place = last.place(&hour);
        let next = if on { (place + 1).min(MINUTES - 1) } else { place.saturating_sub(1) };
        let minute = hour.get(next).and_then(Option::as_ref);
        last.minute = match minute {
            // Of what is before nothing is known.
            None => last.minute,
            Some(_) if next + 1 == MINUTES => None,
            Some(minute) => Some(minute.begin()),
        };
        self.modal = Modal::LastHour(last);
    }
}
