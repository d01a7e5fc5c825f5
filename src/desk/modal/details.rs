//! What the details overlay is about. Its lines are looked up when it is drawn, so they stay current.

use crate::desk::modal::operation_trace::OperationTrace;
use crate::desk::vocab::{ParticipantRef, RowId};
use crate::graph::CallId;

/// Details of one thing, scrolled down by so many lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsView {
    /// What the details are about.
    pub of: DetailsSubject,
    /// How many lines are above the first shown.
    pub scroll: usize,
    /// Of an operation, what the journal holds of it.
    pub trace: Option<Box<OperationTrace>>,
}

/// What details are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetailsSubject {
    /// The call of this id.
    Call(CallId),
    /// Somebody of a call.
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
