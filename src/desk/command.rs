//! The commands that keys and the palette run. The key table says which key runs which command.

use crate::desk::vocab::{Motion, Pane, StepDirection};

/// A command of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Command {
    /// Move the selection.
    Move(Motion),
    /// Focus a pane.
    Focus(Pane),
    /// Focus the next pane.
    NextPane,
    /// Focus the previous pane.
    PreviousPane,
    /// Go into the selected row: from a call to its people, from an operation to its details.
    GoIn,
    /// Go back to the calls.
    GoOut,
    /// Go to a call by its number.
    GoToCall,
    /// Go to an operation by its number.
    GoToOperation,
    /// Show the details of the selected row.
    Open,
    /// Close the overlay, stop a bulk act, or clear the filter.
    Back,
    /// Open the help.
    Help,
    /// Say how to give commands other keys.
    OtherKeys,
    /// Mute the selected participant.
    Mute,
    /// Take the selected participant off hold.
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
    /// Undo the last operation.
    Undo,
    /// Retry a failed operation.
    Retry,
    /// Mark the selected participant, or remove the mark.
    Mark,
    /// Mark everyone from the last mark to here.
    MarkRange,
    /// Mark everyone who matches the filter.
    MarkFiltered,
    /// Remove every mark.
    ClearMarks,
    /// Show the journal's record of the selected row.
    Evidence,
    /// Copy the selected row.
    Copy,
    /// Copy a request.
    CopyRequest,
    /// Write the rows of the pane to a file.
    Export,
    /// Type a command.
    Palette,
    /// Choose the columns of the pane.
    Columns,
    /// Go to the next alert.
    NextAlert,
    /// Acknowledge the alert of the selected call or person.
    Acknowledge,
    /// List everyone on hold or in a lobby.
    Waiting,
    /// Show the timeline of the selected call.
    Timeline,
    /// Show the charts of the last hour.
    LastHour,
    /// Type a filter for the pane.
    Filter,
    /// Clear the pane's filter.
    ClearFilter,
    /// Select the next call of the list.
    NextCall,
    /// Select the previous call of the list.
    PreviousCall,
    /// Sort the pane by its next column.
    Sort,
    /// Reverse the pane's sort order.
    SortReverse,
    /// Keep the newest call selected, or stop.
    Follow,
    /// Read the selected call from Graph; without a line, connect again now.
    Reread,
    /// Pause the display, or resume.
    Pause,
    /// Turn acts off, or on.
    ReadOnly,
    /// Turn privacy mode on, or off.
    PrivacyMode,
    /// Switch between FAST and a confirmation for every act.
    Fast,
    /// Give the pane more room.
    Grow,
    /// Give the pane less room.
    Shrink,
    /// Go one step forward or back in the presentation.
    StepPresentation(StepDirection),
    /// Show or hide the presenter's notes.
    Notes,
    /// Restart the scenario.
    Restart,
    /// Show the simulator's settings.
    SimSettings,
    /// Read the settings file now.
    Reload,
    /// Draw the whole screen again.
    Redraw,
    /// Stop the console until its shell continues it.
    Suspend,
    /// Quit, with a question while an operation has no proof.
    Quit,
    /// Quit at the second press within 2 seconds.
    Interrupt,
    /// A command of the open overlay.
    InModal(ModalCommand),
}

impl Command {
    /// Returns whether it moves the selection or the focus within the panes.
    #[must_use]
    pub const fn moves(self) -> bool {
        matches!(self, Self::Move(_) | Self::Focus(_) | Self::NextPane | Self::PreviousPane | Self::NextAlert)
    }
}

/// A command that works only while an overlay is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModalCommand {
    /// Answer the question with yes.
    Yes,
    /// Answer the question with no.
    No,
    /// Keep the typed filter or search, run the selected command, or send what the typed word confirms.
    Accept,
    /// Complete the name of the selected command.
    Complete,
    /// Go to the previous moment, minute, value or command.
    Previous,
    /// Go to the next moment, minute, value or command.
    Next,
    /// Change how far back the timeline goes.
    Zoom,
    /// Run the selected action, or add the selected word to its list or remove it; in a timeline, open the operation.
    Take,
    /// Reset the selected setting to its default.
    Default,
}
