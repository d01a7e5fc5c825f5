//! Mints tickets: `UUIDv7`s made of the time of the key press and a seeded generator. Reads no clock and no entropy.

use std::fmt;

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::floor::Ticket;
use crate::time::Timestamp;

/// The source of a desk's tickets.
pub(in crate::desk) struct TicketSource(ChaCha12Rng);

impl TicketSource {
    pub(in crate::desk) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// Returns a ticket for a key pressed at `pressed`.
    pub(in crate::desk) fn mint(&mut self, pressed: Timestamp) -> Ticket {
        let mut random = [0; 10];
        self.0.fill_bytes(&mut random);
        let millis = u64::try_from(pressed.0).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Ticket(id.to_string().into())
    }
}

impl fmt::Debug for TicketSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TicketSource")
    }
}
