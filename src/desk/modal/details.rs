//! The subject of the details overlay. Its lines are read from the floor at each frame, so they stay current.

use crate::desk::modal::operation_trace::OperationTrace;
use crate::desk::modal::scroll::ScrollOffset;
use crate::desk::vocab::{ParticipantRef, RowId};
use crate::floor::OperationNumber;
use crate::graph::CallId;

/// The details of one thing, with the scroll position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsView {
    of: DetailsSubject,
    scroll: ScrollOffset,
    trace: Option<Box<OperationTrace>>,
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
    pub(in crate::desk) fn of_call(call: CallId) -> Self {
        Self::of(DetailsSubject::Call(call))
    }

    pub(in crate::desk) fn of_who(call: CallId, who: ParticipantRef) -> Self {
        Self::of(DetailsSubject::Who(call, who))
    }

    pub(in crate::desk) fn of_row(row: RowId) -> Self {
        Self::of(DetailsSubject::Row(row))
    }

    /// Makes the details of an operation, with the journal's entries where they may be shown.
    pub(in crate::desk) fn of_operation(number: OperationNumber, trace: Option<OperationTrace>) -> Self {
        Self { trace: trace.map(Box::new), ..Self::of_row(RowId::Operation(number)) }
    }

    fn of(of: DetailsSubject) -> Self {
        Self { of, scroll: ScrollOffset::default(), trace: None }
    }

    /// Returns the subject of the details.
    #[must_use]
    pub const fn subject(&self) -> &DetailsSubject {
        &self.of
    }

    /// Returns whether they are about a row of the operations pane.
    pub(in crate::desk) const fn is_of_row(&self) -> bool {
        matches!(self.of, DetailsSubject::Row(_))
    }

    /// Returns the journal's entries of an operation, for the details of one.
    #[must_use]
    pub fn trace(&self) -> Option<&OperationTrace> {
        self.trace.as_deref()
    }

    pub(in crate::desk) fn trace_mut(&mut self) -> Option<&mut OperationTrace> {
        self.trace.as_deref_mut()
    }

    /// Returns how many lines are scrolled out above.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll.lines()
    }

    pub(in crate::desk) const fn offset(&self) -> &ScrollOffset {
        &self.scroll
    }

    pub(in crate::desk) const fn offset_mut(&mut self) -> &mut ScrollOffset {
        &mut self.scroll
    }
}
