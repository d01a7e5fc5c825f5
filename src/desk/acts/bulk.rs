//! An act on many people under way: sent one by one, a few at a time, with a stop. One row of the ledger, which opens
//! into a row for each.
//!
//! What becomes of each is the floor's to say; a batch only knows whose turn it is.

use std::collections::VecDeque;

use crate::desk::acts::bulk_confirm::BulkItem;
use crate::desk::acts::pending::{PendingAct, PendingState};
use crate::desk::vocab::RowId;
use crate::floor::{Act, Operation, OperationStatus, Ticket};
use crate::time::Timestamp;

/// The acts on many people, oldest first, and which of them the message line follows.
///
/// Bounded: past [`BulkActs::MOST`] the oldest is dropped, and its operations stand for themselves. Only the newest is
/// ever being sent.
#[derive(Debug, Default)]
pub(in crate::desk) struct BulkActs {
    pub(in crate::desk) rows: VecDeque<BulkAct>,
    pub(in crate::desk) last: u64,
    pub(in crate::desk) followed: Option<u64>,
}

/// An act on many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAct {
    /// Its place among the desk's.
    pub serial: u64,
    /// When the key was pressed.
    pub at: Timestamp,
    /// What was asked.
    pub act: Act,
    /// About whom.
    pub members: Vec<BulkMember>,
    /// Whether its rows are shown.
    pub open: bool,
}

/// One of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkMember {
    /// What the person was called when asked; untrusted text.
    pub name: String,
    /// Its mark.
    pub ticket: Ticket,
    pub(in crate::desk) item: BulkItem,
    pub(in crate::desk) state: SendState,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum SendState {
    Queued,
    Sent,
    Over,
    Stopped,
}

/// What became of one of many.
#[derive(Debug, Clone, Copy)]
pub enum BulkOutcome<'a> {
    /// Its turn has not come.
    Waiting,
    /// It was stopped before it was sent.
    Stopped,
    /// The desk knows it.
    Pending(&'a PendingAct),
    /// The journal has it.
    Operation(&'a Operation),
}

/// A row of the operations pane.
#[derive(Debug, Clone, Copy)]
pub enum LedgerRow<'a> {
    /// An operation of the journal.
    Operation(&'a Operation),
    /// A slip of the desk.
    Pending(&'a PendingAct),
    /// An act on many people; its own rows follow where it is open.
    Bulk(&'a BulkAct),
}

impl LedgerRow<'_> {
    /// Which row it is.
    #[must_use]
    pub const fn id(&self) -> RowId {
        match self {
            Self::Operation(operation) => RowId::Operation(operation.number),
            Self::Pending(slip) => RowId::Pending(slip.serial),
            Self::Bulk(batch) => RowId::Bulk(batch.serial),
        }
    }
}

impl BulkActs {
    /// Whether some of an act on many is not sent, or not answered yet.
    pub(in crate::desk) fn is_under_way(&self) -> bool {
        self.rows.iter().flat_map(|it| &it.members).any(|it| matches!(it.state, SendState::Queued | SendState::Sent))
    }

    pub(in crate::desk) const MOST: usize = 50;
    /// As many are under way at a time.
    const ABREAST: usize = 4;

    /// The newest, while some of it waits for its turn.
    pub(in crate::desk) fn under_way(&self) -> Option<&BulkAct> {
        self.rows.back().filter(|it| it.waiting() > 0)
    }

    pub(in crate::desk) const fn latest(&self) -> u64 {
        self.last
    }

    pub(in crate::desk) fn newest_first(&self) -> impl Iterator<Item = &BulkAct> {
        self.rows.iter().rev()
    }

    /// Whether a ticket is one of many.
    pub(in crate::desk) fn has(&self, ticket: &Ticket) -> bool {
        self.rows.iter().any(|it| it.members.iter().any(|it| it.ticket == *ticket))
    }

    /// The next whose turn it is.
    pub(in crate::desk) fn next(&mut self) -> Option<(Act, Timestamp, &mut BulkMember)> {
        let batch = self.rows.back_mut()?;
        if batch.members.iter().filter(|it| it.state == SendState::Sent).count() >= Self::ABREAST {
            return None;
        }
        let (act, at) = (batch.act, batch.at);
        batch.members.iter_mut().find(|it| it.state == SendState::Queued).map(|it| (act, at, it))
    }

    /// An answer came: the next may go. True when the ticket is one of many.
    pub(in crate::desk) fn answered(&mut self, ticket: &Ticket) -> bool {
        let mut members = self.rows.iter_mut().rev().flat_map(|it| it.members.iter_mut());
        let Some(member) = members.find(|it| it.ticket == *ticket) else { return false };
        member.state = SendState::Over;
        true
    }
}

impl BulkAct {
    /// What was asked of how many: `mute, 4 people`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}, {} people", self.act, self.members.len())
    }

    /// How many wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.members.iter().filter(|it| it.state == SendState::Queued).count()
    }
}

impl BulkOutcome<'_> {
    /// How it stands, in a word.
    #[must_use]
    pub fn word(&self, now: Timestamp) -> &'static str {
        match self {
            Self::Waiting => "to go",
            Self::Stopped => "not sent",
            Self::Operation(operation) => operation.standing(now).word(),
            Self::Pending(slip) => match slip.state {
                PendingState::Sending | PendingState::Accepted => "sent",
                PendingState::Refused(_) => "REFUSED",
                PendingState::Unknown(_) => "OUTCOME UNKNOWN",
            },
        }
    }

    /// Whether it came to nothing.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting | Self::Stopped => false,
            Self::Operation(operation) => matches!(
                operation.standing(now),
                OperationStatus::Failed
                    | OperationStatus::Refused
                    | OperationStatus::Expired
                    | OperationStatus::Unconfirmed
                    | OperationStatus::OutcomeUnknown
            ),
            Self::Pending(slip) => matches!(slip.state, PendingState::Refused(_) | PendingState::Unknown(_)),
        }
    }

    /// Whether more is to come of it.
    #[must_use]
    pub fn goes_on(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting => true,
            Self::Stopped => false,
            Self::Operation(operation) => {
                matches!(
                    operation.standing(now),
                    OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted
                )
            }
            Self::Pending(slip) => matches!(slip.state, PendingState::Sending | PendingState::Accepted),
        }
    }
}
