//! An act on many people: one confirm that names them all, and those it leaves out with the reason.

use crate::desk::vocab::{ActTarget, Denied, Motion};
use crate::floor::Ticket;
use crate::graph::GraphAction;

/// What a confirm of many people lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkConfirm {
    items: Vec<BulkItem>,
    left_out: Vec<(String, Denied)>,
    scroll: usize,
}

/// One act of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    action: GraphAction,
    ticket: Ticket,
    name: String,
    called: String,
    target: ActTarget,
}

impl BulkItem {
    /// One act of many; the names are the long one and the name alone.
    pub(in crate::desk) fn new(
        action: GraphAction,
        ticket: Ticket,
        (name, called): (String, String),
        target: ActTarget,
    ) -> Self {
        Self { action, ticket, name, called, target }
    }

    /// What is asked of Graph.
    #[must_use]
    pub const fn action(&self) -> &GraphAction {
        &self.action
    }

    /// The ticket of this one's act.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Who, by name, id and call; untrusted text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name alone; untrusted text.
    #[must_use]
    pub fn called(&self) -> &str {
        &self.called
    }

    pub(in crate::desk) const fn target(&self) -> &ActTarget {
        &self.target
    }
}

impl BulkConfirm {
    /// Names one more who is acted on when the answer is yes.
    pub(in crate::desk) fn include(&mut self, item: BulkItem) {
        self.items.push(item);
    }

    /// Names one more who is not acted on, and why.
    pub(in crate::desk) fn leave_out(&mut self, name: String, reason: Denied) {
        self.left_out.push((name, reason));
    }

    /// Who is acted on when the answer is yes, in this order.
    #[must_use]
    pub fn items(&self) -> &[BulkItem] {
        &self.items
    }

    /// Who is not acted on, and why; untrusted text.
    #[must_use]
    pub fn left_out(&self) -> &[(String, Denied)] {
        &self.left_out
    }

    /// How many names are above the first shown.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll
    }

    /// Moves the list.
    pub(in crate::desk) fn scroll_by(&mut self, motion: Motion) {
        // Reasons may take more than one line.
        let last = (self.items.len() + self.left_out.len() * 4).saturating_sub(1);
        let to = match motion {
            Motion::Down => self.scroll + 1,
            Motion::Up => self.scroll.saturating_sub(1),
            Motion::First => 0,
            Motion::Last => last,
            Motion::PageDown | Motion::HalfDown => self.scroll + 5,
            Motion::PageUp | Motion::HalfUp => self.scroll.saturating_sub(5),
        };
        self.scroll = to.min(last);
    }
}
