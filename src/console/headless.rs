//! A desk without a screen, with the same connections, rules and effects, driven by code.

use crossterm::event::KeyEvent;

use super::relay_access::{RelayAccess, RelayAddressError};
use super::session::ConsoleSession;
use super::sim_control::ControlAccess;
use crate::desk::{Desk, DeskSetup, Event, ParticipantRef};
use crate::floor::Act;
use crate::graph::CallId;
use crate::time::clock::{Clock, wall};
use crate::time::{Millis, Timestamp};

/// A desk without a screen, for the demo's supervisors and for tests. A question counts as drawn when it opens.
pub struct HeadlessDesk {
    session: ConsoleSession,
    /// The wall time of the last key press.
    pressed: Timestamp,
}

/// The minimum wall time between two presses, because a desk treats faster letters as a paste.
const PRESS_INTERVAL: Millis = Millis(100);

impl HeadlessDesk {
    /// Connects to a relay; events are handled only during [`Self::until`].
    ///
    /// # Errors
    /// When the relay's address cannot be used.
    pub fn connect(relay: RelayAccess, clock: Clock, setup: DeskSetup) -> Result<Self, RelayAddressError> {
        Self::connect_with_control(relay, None, clock, setup)
    }

    /// Connects to a relay, with the control API of the simulator behind it.
    ///
    /// # Errors
    /// When the relay's address cannot be used.
    pub fn connect_with_control(
        relay: RelayAccess,
        control: Option<ControlAccess>,
        clock: Clock,
        setup: DeskSetup,
    ) -> Result<Self, RelayAddressError> {
        ConsoleSession::connect(relay, control, clock, setup).map(|session| Self { session, pressed: wall() })
    }

    /// The desk's state, to read.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.session.desk
    }

    /// Handles events until `wanted` holds; checks at least once a second, because time alone changes a desk too.
    pub async fn until(&mut self, mut wanted: impl FnMut(&Desk) -> bool) {
        let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
        while !wanted(&self.session.desk) {
            tokio::select! {
                _ = self.session.handle_next() => {}
                _ = tick.tick() => {
                    self.session.handle(Event::Ticked);
                }
            }
            self.settle();
        }
    }

    /// Reports that the desk was drawn, and that every key was handled: a key is handled when it is pressed.
    fn settle(&mut self) {
        self.session.report_drawn();
        self.session.report_input_handled();
    }

    /// Tells the desk the size of a terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.session.handle(Event::Resized(columns, rows));
    }

    /// Selects a call, and a participant in it.
    pub fn select(&mut self, call: CallId, who: Option<ParticipantRef>) {
        self.session.handle(Event::Selected(call, who));
    }

    /// Asks for an act on the selection, as its key does: a confirm opens, or the desk's message says why not.
    pub fn ask(&mut self, act: Act) {
        self.session.handle(Event::ActRequested(act));
        self.settle();
    }

    /// Presses a key, no faster than a hand would.
    pub fn press(&mut self, key: KeyEvent) {
        self.pressed = wall().max(self.pressed + PRESS_INTERVAL);
        self.session.handle_at(self.pressed, Event::Pressed(key));
        self.settle();
    }
}
