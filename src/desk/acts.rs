//! The acts that an operator asks for, from the key press to the request, and what blocks them.

pub(super) mod arming;
pub(super) mod bulk;
pub(super) mod bulk_confirm;
pub(super) mod confirm;
pub(super) mod fast;
pub(super) mod idle_lock;
pub(super) mod marks;
pub(super) mod pending;
pub(super) mod question;
pub(super) mod rules;
pub(super) mod ticket;

use crate::desk::acts::bulk::BulkActs;
use crate::desk::acts::fast::FastMode;
use crate::desk::acts::idle_lock::IdleLock;
use crate::desk::acts::marks::MarkedPeople;
use crate::desk::acts::pending::PendingActs;
use crate::desk::acts::ticket::TicketSource;
use crate::desk::settings_update::DeskSetup;
use crate::time::Millis;

/// The state of one operator's acts.
#[derive(Debug)]
pub(super) struct Acts {
    pub(super) pending: PendingActs,
    pub(super) bulk: BulkActs,
    pub(super) marks: MarkedPeople,
    pub(super) tickets: TicketSource,
    pub(super) fast: FastMode,
    pub(super) delays: ActDelays,
    pub(super) idle: IdleLock,
}

/// How long answers and acts wait for a quiet keyboard, in wall time.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActDelays {
    /// Until a question that was drawn takes its answer.
    pub(super) confirm: Millis,
    /// Until an act of FAST, or the quit key, goes ahead by itself.
    pub(super) fast: Millis,
}

impl ActDelays {
    pub(super) const fn of(setup: &DeskSetup) -> Self {
        Self { confirm: setup.confirm_delay, fast: setup.fast_delay }
    }
}

impl Acts {
    pub(super) fn new(setup: &DeskSetup) -> Self {
        Self {
            pending: PendingActs::default(),
            bulk: BulkActs::default(),
            marks: MarkedPeople::default(),
            tickets: TicketSource::new(setup.seed),
            fast: FastMode::new(setup.pace),
            delays: ActDelays::of(setup),
            idle: IdleLock::new(setup.read_only, setup.idle_lock),
        }
    }
}
