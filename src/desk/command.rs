//! What a key can mean, and doing it. Knows no key codes: those are the key table's.

use crate::desk::vocab::{Motion, Pane, StepDirection};
use crate::time::Millis;

/// A command of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Command {
    /// Move the selection.
    Move(Motion),
    /// Give the keys to a pane.
    Focus(Pane),
    /// Give the keys to the next pane.
    NextPane,
    /// Give the keys to the pane before.
    PreviousPane,
    /// Show everything about what is selected.
    Open,
    /// Leave what lies over the panes.
    Back,
    /// Show the keys.
    Help,
    /// Mute the selected participant.
    Mute,
    /// Bring the selected participant back from hold.
    Release,
    /// Put the selected participant on hold.
    Hold,
    /// Mute or unmute the application itself in the selected call.
    ToggleSelf,
    /// Remove the selected participant.
    Remove,
    /// End the application's own leg of the selected call.
    HangUp,
    /// Ask for an act although the board may be wrong.
    Force,
    /// Take back what was done.
    Undo,
    /// Try again what failed.
    Retry,
    /// Mark the selected participant, or take the mark away.
    Mark,
    /// Mark everyone from the last mark to here.
    MarkRange,
    /// Mark everyone whom the filter lets through.
    MarkFiltered,
    /// Take every mark away.
    ClearMarks,
    /// Show the journal's record of what is selected.
    Evidence,
    /// Copy the selected row.
    Copy,
    /// Copy a request.
    CopyRequest,
    /// Write what the pane shows to a file.
    Export,
    /// Type a command.
    Palette,
    /// Choose the columns of the pane.
    Columns,
    /// Go to the next alert.
    NextAlert,
    /// Acknowledge the alert of what is selected.
    Acknowledge,
    /// List everyone who waits.
    Waiting,
    /// Show the story of the selected call.
    Timeline,
    /// Show the floor's last hour.
    LastHour,
    /// Type a filter for the pane.
    Filter,
    /// Clear the pane's filter.
    ClearFilter,
    /// Select the next call that the filter lets through.
    NextCall,
    /// Select the one before.
    PreviousCall,
    /// Sort the pane by its next column.
    Sort,
    /// Turn the pane's sort round.
    SortReverse,
    /// Follow the newest, or stop.
    Follow,
    /// Read the selected call from Graph.
    Reread,
    /// Pause the display, or go on.
    Pause,
    /// Acts off, or on.
    ReadOnly,
    /// Privacy mode on, or off.
    PrivacyMode,
    /// Single acts without a confirm, or with one again.
    Fast,
    /// Give the pane more room.
    Grow,
    /// Give the pane less room.
    Shrink,
    /// Go one step of the presentation on, or back.
    StepPresentation(StepDirection),
    /// Show the presenter's notes, or take them away.
    Notes,
    /// Begin the scenario again.
    Restart,
    /// Show the simulator's settings.
    SimSettings,
    /// Look at the settings anew.
    Reload,
    /// Draw the whole screen again.
    Redraw,
    /// Stop the console until its shell continues it.
    Suspend,
    /// Quit; asks while an operation has no proof.
    Quit,
    /// Quit when asked twice.
    Interrupt,
    /// What only the modal that is open gives a meaning to.
    InModal(ModalCommand),
}

/// A command of a modal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModalCommand {
    /// Answer the question with yes.
    Yes,
    /// Answer the question with no.
    No,
    /// Go to the moment, minute or value before.
    Previous,
    /// Go to the moment, minute or value after.
    Next,
    /// Change how far back the timeline goes.
    Zoom,
    /// Do the selected action, or take the selected word into its list or out.
    Take,
    /// Give the selected setting its default.
    Default,
}

/// Within this wall time a second ctrl-c quits.
pub(in crate::desk) const TWICE: Millis = Millis::seconds(2);
