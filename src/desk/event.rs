//! The closed lists of all that can happen at a desk and all that a desk can want.
//!
//! Knows no socket and no terminal: shells turn what they hear into events and perform the effects.

use crossterm::event::KeyEvent;

use crate::desk::board::notices::NoticeMethod;
use crate::desk::export::clip::{ClipboardItem, ExportFormat};
use crate::desk::settings_update::SettingsUpdate;
use crate::desk::vocab::{ClickedRow, ControlRequest, Motion, Pane, ParticipantRef};
use crate::floor::{Act, Cursor, Ticket};
use crate::graph::{CallId, GraphAction};
use crate::protocol::FeedEvent;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Pressed(KeyEvent),
    /// Text was pasted into the terminal.
    Pasted(String),
    /// Somebody without a keyboard selected a call, and perhaps a person in it. An identity that is not on the floor
    /// selects nothing.
    Selected(CallId, Option<ParticipantRef>),
    /// Somebody without a keyboard asked for an act on what is selected.
    ActRequested(Act),
    /// The mouse was clicked in a pane, perhaps on a row.
    Clicked(Pane, Option<ClickedRow>),
    /// The mouse's wheel was turned over a pane.
    Wheeled(Pane, Motion),
    /// The operator's settings were looked at.
    SettingsChanged(SettingsUpdate),
    /// The terminal has this many columns and rows now.
    Resized(u16, u16),
    /// The line to the relay said something.
    Fed(FeedEvent),
    /// The gate answered an act.
    Answered(Ticket, GateAnswer),
    /// The gate answered a re-read of a call.
    Reread(CallId, GateAnswer),
    /// The simulator's control answered.
    SimulatorAnswered(ControlRequest, GateAnswer),
    /// An export was written, to the file of this name; or not, for this reason.
    Exported(Result<String, String>),
    /// What was to be copied was not, for this reason.
    NotCopied(String),
    /// The terminal does something that the operator should know: this sentence.
    TerminalWarned(String),
    /// A second went by.
    Ticked,
}

/// What came back of an exchange with the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateAnswer {
    /// An HTTP answer.
    Replied {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// None came.
    Lost {
        /// Whether the request may have reached the gate.
        sent: bool,
        /// What went wrong, as a sentence.
        error: String,
    },
}

/// An event and when it happened.
#[derive(Debug)]
pub struct Stamped<T> {
    /// In floor time.
    pub at: Timestamp,
    /// In wall time.
    pub wall: Timestamp,
    /// What happened.
    pub event: T,
}

/// Something that the desk wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send an act through the gate.
    Send(Box<ActToSend>),
    /// Read a call from Graph, through the gate.
    Reread {
        /// Which.
        call: CallId,
        /// Whether it has a roster to read too.
        roster: bool,
    },
    /// Ask the simulator's control.
    AskSimulator(ControlRequest),
    /// Tell the relay which call is selected here.
    ReportSelection(Option<CallId>),
    /// Look at the operator's settings anew.
    Reload,
    /// Read entries of the journal; they come as [`FeedEvent::History`].
    Read {
        /// After this one.
        after: Cursor,
        /// How many at most.
        count: u32,
    },
    /// Put something on the clipboard.
    Copy(ClipboardItem),
    /// Tell somebody who does not look at the screen; untrusted text.
    Notify(NoticeMethod, String),
    /// Write what a pane shows to a file; what became of it comes as [`Event::Exported`].
    Export(Pane, ExportFormat),
    /// Draw the whole screen again.
    Redraw,
    /// Stop the console until its shell continues it.
    Suspend,
    /// Have a [`Event::Ticked`] within some 25 ms of wall time.
    Wake,
    /// End the console.
    Quit,
}

/// An act to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActToSend {
    /// Its mark.
    pub ticket: Ticket,
    /// What is asked of Graph.
    pub action: GraphAction,
    /// When the key was pressed, in floor time by this console's own clock.
    pub pressed: Timestamp,
}
