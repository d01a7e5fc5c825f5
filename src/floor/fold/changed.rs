//! Which calls an entry changes, for readers that follow the floor without looking over all of its calls.

use super::super::Floor;
use super::super::entry::{Entry, Fact};
use super::super::noted::Noted;
use super::super::ticket::Ticket;
use crate::graph::CallId;

/// The calls that an entry changes. Calls and people that the floor drops after their end do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedCalls {
    /// No call.
    None,
    /// At most this call and its operations.
    One(CallId),
    /// Possibly every call and operation.
    All,
}

impl ChangedCalls {
    /// Returns what an entry changes that `floor` has not folded yet.
    #[must_use]
    pub fn by(floor: &Floor, entry: &Entry) -> Self {
        if entry.cursor <= floor.head() {
            return Self::None;
        }
        if entry.after != floor.head() {
            // The gap before the entry makes every call doubtful.
            return Self::All;
        }
        match &entry.fact {
            Fact::Notification(received) => received.notification().map_or(Self::None, |it| Self::One(it.call.clone())),
            Fact::Asked(asked) => Self::One(asked.call.clone()),
            Fact::Answered(answered) => Self::with_ticket(floor, &answered.ticket),
            Fact::Observed(observed) => Self::One(observed.call.clone()),
            Fact::Rejected(_) => Self::None,
            Fact::Noted(noted) => match noted {
                Noted::RelayStarted | Noted::Gap { .. } | Noted::ClockMoved(_) => Self::All,
                Noted::AttemptStarted { ticket, .. } => Self::with_ticket(floor, ticket),
                Noted::Refused { .. }
                | Noted::ForwardFailed { .. }
                | Noted::Graph { .. }
                | Noted::CallersRefused { .. }
                | Noted::ReadFailed { .. } => Self::None,
            },
        }
    }

    /// Returns the call of the operation with this ticket.
    fn with_ticket(floor: &Floor, ticket: &Ticket) -> Self {
        floor.operation_by_ticket(ticket).map_or(Self::None, |it| Self::One(it.call.clone()))
    }
}
