//! The subject of the details overlay. Its lines are read from the floor at each frame, so they stay current.

use crate::desk::modal::operation_trace::OperationTrace;
use crate::desk::vocab::{ParticipantRef, RowId};
use crate::graph::CallId;

/// The details of one thing, with the scroll position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsView {
    /// The subject of the details.
    pub of: DetailsSubject,
    /// How many lines are scrolled out above.
    pub scroll: usize,
    /// The journal's entries of an operation, for the details of one.
    pub trace: Option<Box<OperationTrace>>,
}

/// The subject of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetailsSubject {
    /// The call of this id.
    Call(CallId),
    /// A person of a call.
    Who(CallId, ParticipantRef),
    /// A row of the operations pane.
    Row(RowId),
}

impl DetailsView {
    pub(in crate::desk) const fn of_call(call: CallId) -> Self {
        Self { of: DetailsSubject::Call(call), scroll: 0, trace: None }
    }

    pub(in crate::desk) const fn of_who(call: CallId, who: ParticipantRef) -> Self {
        Self { of: DetailsSubject::Who(call, who), scroll: 0, trace: None }
    }

    pub(in crate::desk) const fn of_row(row: RowId) -> Self {
        Self { of: DetailsSubject::Row(row), scroll: 0, trace: None }
    }
}
