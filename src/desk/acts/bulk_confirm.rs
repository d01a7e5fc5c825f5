//! The confirm of a bulk act: everyone it names, and everyone it leaves out, with the reason.

use crate::desk::vocab::{ActTarget, Denied, Motion};
use crate::floor::Ticket;
use crate::graph::GraphAction;

/// The lists in the confirm of a bulk act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkConfirm {
    /// The people for whom the act is sent after a yes, in this order.
    pub items: Vec<BulkItem>,
    /// The people whom it leaves out, each with the reason; untrusted text.
    pub left_out: Vec<(String, Denied)>,
    /// How many names are scrolled out above.
    pub scroll: usize,
}

/// One person of a bulk act that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    /// The action that Graph is asked to perform.
    pub action: GraphAction,
    /// The ticket of this person's act.
    pub ticket: Ticket,
    /// The person with id and call; untrusted text.
    pub name: String,
    /// The person's name alone; untrusted text.
    pub called: String,
    pub(in crate::desk) target: ActTarget,
}

impl BulkConfirm {
    /// Scrolls the list.
    pub(in crate::desk) fn scroll_by(&mut self, motion: Motion) {
        // A reason may take several lines; four per person are enough to reach the end.
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
