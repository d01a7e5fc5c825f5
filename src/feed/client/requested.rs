//! What the console has asked a relay for and has not received yet. Anything else out of the feed's order ends the
//! connection, because nobody would bound it.

/// The requests of one connection.
#[derive(Debug, Default)]
pub(super) struct RequestedReads {
    /// The maximum number of earlier entries that the relay may still send.
    entries: u64,
    /// The number of past floors that it may still send.
    floors: u64,
}

/// An answer that was not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the relay sends {0} that this console did not ask for")]
pub(super) struct Unrequested(&'static str);

impl RequestedReads {
    /// Expects up to this many earlier entries.
    pub(super) fn expect_entries(&mut self, count: u32) {
        self.entries = self.entries.saturating_add(u64::from(count));
    }

    /// Expects one past floor.
    pub(super) fn expect_floor(&mut self) {
        self.floors = self.floors.saturating_add(1);
    }

    /// Counts an earlier entry that came.
    pub(super) fn receive_entry(&mut self) -> Result<(), Unrequested> {
        self.entries = self.entries.checked_sub(1).ok_or(Unrequested("earlier entries"))?;
        Ok(())
    }

    /// Checks that a piece of a past floor is expected.
    pub(super) const fn check_floor(&self) -> Result<(), Unrequested> {
        if self.floors > 0 { Ok(()) } else { Err(Unrequested("a past floor")) }
    }

    /// Counts a past floor that is complete.
    pub(super) const fn receive_floor(&mut self) {
        self.floors = self.floors.saturating_sub(1);
    }
}
