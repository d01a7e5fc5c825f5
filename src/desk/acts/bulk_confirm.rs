//! An act on many people: one confirm that names them all, and those it leaves out with the reason.

use crate::desk::vocab::{ActTarget, Denied, Motion};
use crate::floor::Ticket;
use crate::graph::GraphAction;

/// What a confirm of many people lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkConfirm {
    /// Who is acted on when the answer is yes, in this order.
    pub items: Vec<BulkItem>,
    /// Who is not, and why; untrusted text.
    pub left_out: Vec<(String, Denied)>,
    /// How many names are above the first shown.
    pub scroll: usize,
}

/// One act of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    /// What is asked of Graph.
    pub action: GraphAction,
    /// Its mark.
    pub ticket: Ticket,
    /// Who, by name, id and call; untrusted text.
    pub name: String,
    /// The name alone; untrusted text.
    pub called: String,
    pub(in crate::desk) target: ActTarget,
}

impl BulkConfirm {
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
