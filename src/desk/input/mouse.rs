//! What the mouse may do: select and move, and never act. Knows no place on the screen.

use crate::desk::command::Motion;
use crate::desk::{Desk, Modal, Pane, ParticipantRef, RowId};
use crate::graph::CallId;

/// The row that was clicked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClickedRow {
    /// A call.
    Call(CallId),
    /// Somebody in the selected call.
    Who(ParticipantRef),
    /// A row of the operations pane.
    Row(RowId),
}

impl Desk {
    /// Gives a pane the keys and selects the row; with anything over the panes a click means nothing.
    pub(in crate::desk) fn pointed(&mut self, pane: Pane, picked: Option<ClickedRow>) {
        self.touch_idle();
        if self.modal != Modal::None {
            return;
        }
        (self.user_selected, self.view.follows, self.pane) = (true, false, pane);
        match picked {
            Some(ClickedRow::Call(call)) => self.select_call(Some(call)),
            Some(ClickedRow::Who(who)) => self.selected_participant = Some(who),
            Some(ClickedRow::Row(row)) => self.selected_row = Some(row),
            None => {}
        }
        self.settle();
    }

    /// Moves in a pane, which gets the keys; or scrolls what lies over the panes and can be scrolled.
    pub(in crate::desk) fn wheeled(&mut self, pane: Pane, motion: Motion) {
        self.touch_idle();
        let scrolled = |at: usize| if motion == Motion::Up { at.saturating_sub(1) } else { at.saturating_add(1) };
        match &mut self.modal {
            Modal::None => {
                self.user_selected = true;
                self.pane = pane;
                self.travel(motion);
            }
            Modal::Help(help) => help.scroll = scrolled(help.scroll),
            Modal::Details(details) => details.scroll = scrolled(details.scroll),
            Modal::Evidence(exhibit) => exhibit.scroll = scrolled(exhibit.scroll),
            Modal::Confirm(_)
            | Modal::Filter(_)
            | Modal::Palette(_)
            | Modal::Waiting(_)
            | Modal::Timeline(_)
            | Modal::LastHour(_)
            | Modal::SimSettings(_)
            | Modal::Restart
            | Modal::Quit => {}
        }
    }
}
