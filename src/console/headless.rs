//! A desk without a screen: the same line, rules and effects, driven by presses in code.

use crossterm::event::KeyEvent;

use super::session::{ConsoleSession, RelayAccess, RelayAddressError};
use super::sim_control::ControlAccess;
use crate::clock::{Clock, wall};
use crate::desk::{Desk, DeskSetup, Event, ParticipantRef};
use crate::floor::Act;
use crate::graph::CallId;
use crate::time::{Millis, Timestamp};

/// A desk that nobody looks at.
pub struct HeadlessDesk {
    seat: ConsoleSession,
    hand: Timestamp,
}

/// What lies between two presses at least, in wall time: a desk takes faster letters for a paste.
const HAND: Millis = Millis(100);

impl HeadlessDesk {
    /// Takes a seat at a relay; [`Self::until`] lets it hear.
    ///
    /// # Errors
    /// When the relay's address cannot be used.
    pub fn connect(relay: RelayAccess, clock: Clock, setup: DeskSetup) -> Result<Self, RelayAddressError> {
        Self::on_stage(relay, None, clock, setup)
    }

    /// The same, with a simulator's control behind the board.
    ///
    /// # Errors
    /// When the relay's address cannot be used.
    pub fn on_stage(
        relay: RelayAccess,
        control: Option<ControlAccess>,
        clock: Clock,
        setup: DeskSetup,
    ) -> Result<Self, RelayAddressError> {
        ConsoleSession::take(relay, control, clock, setup).map(|(seat, _)| Self { seat, hand: wall() })
    }

    /// The desk.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.seat.desk
    }

    /// Hears what happens until the desk is as wanted; asks once more each second, because time alone changes it too.
    pub async fn until(&mut self, mut wanted: impl FnMut(&Desk) -> bool) {
        let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
        while !wanted(&self.seat.desk) {
            tokio::select! {
                _ = self.seat.turn() => {}
                _ = tick.tick() => {
                    self.seat.happens(Event::Ticked);
                }
            }
        }
    }

    /// Selects a call, and somebody in it.
    pub fn select(&mut self, call: CallId, who: Option<ParticipantRef>) {
        self.seat.happens(Event::Selected(call, who));
    }

    /// Asks for an act on what is selected, as its key does: a confirm opens, or the desk says why not.
    pub fn ask(&mut self, act: Act) {
        self.seat.happens(Event::ActRequested(act));
    }

    /// Presses a key, as if by a hand.
    pub fn press(&mut self, key: KeyEvent) {
        self.hand = wall().max(self.hand + HAND);
        self.seat.happens_at(self.hand, Event::Pressed(key));
    }
}
