//! How much a console accepts of a relay. A relay that sends without end, or something that pretends to be one, must not
//! fill the console's memory. Pure.

/// The maximum number of bytes of a snapshot's text. A floor of 100,000 calls with four people each has a quarter of it.
pub(super) const MAX_SNAPSHOT_BYTES: usize = 1_024 * MIB;
/// The maximum number of pieces of a snapshot. The largest snapshot in pieces of 12 KiB has two thirds of them.
pub(super) const MAX_SNAPSHOT_PIECES: u32 = 131_072;
/// The maximum number of bytes of a message. The largest webhook and Graph's largest answer are 4 MiB; as text in JSON
/// they could become several times that.
pub const MAX_MESSAGE: usize = 32 * MIB;

/// The maximum number of bytes of one piece of a snapshot. An earlier relay sends pieces of 256 KiB.
pub(super) const MAX_PIECE: usize = MIB;
/// The maximum number of operators that are connected; a relay serves 2,000 consoles by default.
pub(super) const MAX_OPERATORS: usize = 20_000;
/// The maximum number of bytes of a name: a label, an operator, an epoch, the start of a relay.
pub(super) const MAX_NAME: usize = 4 * 1_024;

const MIB: usize = 1_024 * 1_024;

/// More than a console accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the relay sends {what}, and a console accepts at most {limit}")]
pub struct LimitExceeded {
    what: String,
    limit: String,
}

impl LimitExceeded {
    /// Makes the error of something that is beyond its limit.
    pub(crate) fn new(what: impl Into<String>, limit: impl Into<String>) -> Self {
        Self { what: what.into(), limit: limit.into() }
    }
}

/// Fails if a name is longer than a console accepts; `what` says whose it is.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), LimitExceeded> {
    if name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(LimitExceeded::new(format!("{what} of {} bytes", name.len()), format!("{MAX_NAME}")))
}
