//! An act on many people: one confirm that names them all, and those it leaves out with the reason.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::vocab::{ActTarget, Denied};
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
    /// Moves the list by a key; false when the key does not move it. Letters move it only where none are typed.
    pub(in crate::desk) fn scrolled(&mut self, key: KeyEvent, typed: bool) -> bool {
        // Reasons may take more than one line.
        let last = (self.items.len() + self.left_out.len() * 4).saturating_sub(1);
        #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is for the answer")]
        let to = match key.code {
            KeyCode::Down => self.scroll + 1,
            KeyCode::Up => self.scroll.saturating_sub(1),
            KeyCode::PageDown => self.scroll + 5,
            KeyCode::PageUp => self.scroll.saturating_sub(5),
            KeyCode::Char('j') if !typed => self.scroll + 1,
            KeyCode::Char('k') if !typed => self.scroll.saturating_sub(1),
            _ => return false,
        };
        self.scroll = to.min(last);
        true
    }
}
