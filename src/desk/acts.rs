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

use crate::desk::acts::arming::ActDelays;
use crate::desk::acts::bulk::BulkActs;
use crate::desk::acts::fast::FastMode;
use crate::desk::acts::idle_lock::IdleLock;
use crate::desk::acts::marks::MarkedPeople;
use crate::desk::acts::pending::PendingActs;
use crate::desk::acts::ticket::TicketSource;
use crate::desk::settings_update::DeskSetup;

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

impl Acts {
    pub(super) fn new(setup: &DeskSetup) -> Self {
        Self {
            pending: PendingActs::default(),
            bulk: BulkActs::default(),
            marks: MarkedPeople::default(),
            tickets: TicketSource::new(setup.seed),
            fast: FastMode::new(setup.pace),
            delays: setup.delays,
            idle: IdleLock::new(setup.read_only, setup.idle_lock),
        }
    }
}
