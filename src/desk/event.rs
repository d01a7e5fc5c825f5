//! The closed lists of everything that can happen at a desk, and of every effect that it can request.
//!
//! They name no socket and no terminal: the console turns input into events and performs the effects.

use crossterm::event::KeyEvent;

use crate::desk::board::notices::NoticeMethod;
use crate::desk::export::clip::{ClipboardItem, ExportFormat};
use crate::desk::modal::evidence::search::{EvidenceFound, EvidenceSearch};
use crate::desk::modal::scroll::ScrollExtent;
use crate::desk::settings_update::SettingsUpdate;
use crate::desk::vocab::{ClickedRow, ControlRequest, Motion, Pane, ParticipantRef};
use crate::floor::{Act, Cursor, Ticket};
use crate::graph::{CallId, GraphAction};
use crate::protocol::FeedEvent;
use crate::time::{Millis, Timestamp};

/// An input of the desk.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Pressed(KeyEvent),
    /// Text was pasted into the terminal.
    Pasted(String),
    /// A caller without a keyboard selected a call, and perhaps a person in it. An identity that is not on
    /// the floor selects nothing.
    Selected(CallId, Option<ParticipantRef>),
    /// A caller without a keyboard asked for an act on the selection.
    ActRequested(Act),
    /// The mouse was clicked in a pane, perhaps on a row.
    Clicked(Pane, Option<ClickedRow>),
    /// The mouse's wheel was turned over a pane.
    Wheeled(Pane, Motion),
    /// The settings file was read.
    SettingsChanged(SettingsUpdate),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// The feed delivered something.
    Fed(FeedEvent),
    /// The gate answered an act.
    Answered(Ticket, GateAnswer),
    /// The gate answered a request to re-read a call.
    Reread(CallId, GateAnswer),
    /// The simulator's control API answered.
    SimulatorAnswered(ControlRequest, GateAnswer),
    /// A search for evidence has ended.
    EvidenceFound(Box<EvidenceFound>),
    /// An export was written to the file of this name, or failed for this reason.
    Exported(Result<String, String>),
    /// A copy failed for this reason.
    NotCopied(String),
    /// Something about the terminal that the operator should know, as a sentence.
    TerminalWarned(String),
    /// The open question was written to the screen.
    Drawn,
    /// Every input that came until now was handled, so what goes ahead unless a key comes may go ahead.
    InputHandled,
    /// The open overlay was drawn, with this much of its text.
    OverlayDrawn(ScrollExtent),
    /// A second passed, or a wake-up is due.
    Ticked,
}

/// The result of an exchange with the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateAnswer {
    /// An HTTP answer.
    Replied {
        /// The HTTP status code.
        status: u16,
        /// The response body; untrusted text.
        body: String,
    },
    /// No answer came.
    Lost {
        /// Whether the request may have reached the gate.
        sent: bool,
        /// The failure, as a sentence.
        error: String,
    },
    /// No answer came to an act with a stamp of its key press: the gate refuses the act if it arrives late.
    Unanswered,
}

/// An event with the time at which it happened.
#[derive(Debug)]
pub struct Stamped<T> {
    /// The time of the floor's clock.
    pub at: Timestamp,
    /// The wall time.
    pub wall: Timestamp,
    /// When an input was read, which may have waited since; `None` for an event that did not wait.
    pub read: Option<InputTime>,
    /// The event that is stamped.
    pub event: T,
}

/// When an input was read from the terminal, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InputTime {
    /// The time of the floor's clock.
    pub at: Timestamp,
    /// The wall time.
    pub wall: Timestamp,
}

/// Something that the desk wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send an act through the gate.
    Send(Box<ActToSend>),
    /// Read a call from Graph, through the gate.
    Reread {
        /// The id of the call.
        call: CallId,
        /// Whether to read its roster too.
        roster: bool,
    },
    /// Connect to the relay again now, instead of at the next attempt.
    Reconnect,
    /// Send a request to the simulator's control API.
    AskSimulator(ControlRequest),
    /// Report the selected call to the relay.
    ReportSelection(Option<CallId>),
    /// Read the settings file.
    Reload,
    /// Read entries of the journal; they arrive as [`FeedEvent::History`].
    Read {
        /// The cursor before the first entry.
        after: Cursor,
        /// The most entries.
        count: u32,
    },
    /// Put something on the clipboard.
    Copy(ClipboardItem),
    /// Announce something outside the screen; untrusted text.
    Notify(NoticeMethod, String),
    /// Write a pane's rows to a file; the result arrives as [`Event::Exported`].
    Export(Pane, ExportFormat),
    /// Search the entries of a read for evidence, which may take long; the result arrives as [`Event::EvidenceFound`].
    SearchEvidence(Box<EvidenceSearch>),
    /// Draw the whole screen again.
    Redraw,
    /// Stop the console until its shell continues it.
    Suspend,
    /// Send a [`Event::Ticked`] after this wall time.
    Wake(Millis),
    /// End the console.
    Quit,
}

/// An act to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActToSend {
    /// The act's idempotency key.
    pub ticket: Ticket,
    /// The action that Graph is asked to perform.
    pub action: GraphAction,
    /// When its key was pressed, in floor time by this console's own clock.
    pub pressed: Timestamp,
    /// When its turn to be sent came, by the same clock; the time until it expires counts from here. Later than
    /// `pressed` for a member of a bulk act, which waits at the desk, where it can still be stopped.
    pub turn: Timestamp,
}
