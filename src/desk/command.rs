//! What a key can mean, and doing it. Knows no key codes: those are the key table's.

use super::acts::pending::RowId;
use super::board::selection::Pane;
use super::export::clip::ExportFormat;
use super::modal::details::DetailsView;
use super::modal::help::HelpView;
use super::presenter::sim_control::StepDirection;
use super::{Desk, DeskMessage, Effect, Modal, PausedBoard};
use crate::floor::{Act, CallKind, OperationStatus};
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
    /// Stage mode on, or off.
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
    /// Quit.
    Quit,
    /// Quit when asked twice.
    Interrupt,
}

/// A way to move the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Motion {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
}

/// Within this wall time a second ctrl-c quits.
const TWICE: Millis = Millis::seconds(2);

impl Desk {
    pub(super) fn perform(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Move(motion) => self.travel(motion),
            Command::Focus(pane) => self.pane = pane,
            Command::NextPane => self.pane = self.pane.next(),
            Command::PreviousPane => self.pane = self.pane.next().next(),
            Command::Open => return self.open(),
            Command::Back => {
                self.stop_bulk();
            }
            Command::Help => self.modal = Modal::Help(HelpView::default()),
            Command::Mute => self.ask(Act::Mute),
            Command::Release => self.ask(Act::Release),
            Command::Hold => self.ask(Act::Hold),
            Command::ToggleSelf => self.ask(self.own_toggle()),
            Command::Remove => self.ask(Act::Remove),
            Command::HangUp => self.ask(Act::HangUp),
            Command::Mark => self.toggle_mark(),
            Command::MarkRange => self.mark_range(),
            Command::MarkFiltered => self.mark_filtered(),
            Command::ClearMarks => self.clear_marks(),
            Command::Evidence => return self.ask_evidence(),
            Command::Copy => return self.copy_row(),
            Command::CopyRequest => return self.copy_request(),
            Command::Export => return self.export(ExportFormat::default()),
            Command::Undo => self.undo(),
            Command::Retry => self.retry(),
            Command::Palette => self.ask_palette(""),
            Command::Columns => self.ask_palette("columns "),
            Command::Force => self.ask_palette("force "),
            Command::NextAlert => self.next_alert(),
            Command::Acknowledge => self.acknowledge(),
            Command::Waiting => self.show_waiting(),
            Command::Timeline => self.open_timeline(),
            Command::LastHour => self.modal = Modal::LastHour(super::LastHour::default()),
            Command::Filter => self.ask_filter(),
            Command::ClearFilter => self.filter_by(self.pane, None),
            Command::NextCall => self.step_call(Motion::Down),
            Command::PreviousCall => self.step_call(Motion::Up),
            Command::Sort => self.sort_next(),
            Command::SortReverse => self.sort_reverse(),
            Command::Follow => self.follow(),
            Command::Reread => return self.reread(),
            Command::Pause => self.pause(),
            Command::ReadOnly => self.toggle_read_only(),
            Command::PrivacyMode => self.toggle_privacy(),
            Command::Fast => self.toggle_fast(),
            Command::Grow => self.resize_pane(true),
            Command::Shrink => self.resize_pane(false),
            Command::StepPresentation(way) => return self.step_presentation(way),
            Command::Notes => return self.toggle_notes(),
            Command::Restart => self.ask_restart(),
            Command::SimSettings => return self.open_faults(),
            Command::Reload => return vec![Effect::Reload],
            Command::Quit => return self.quit(),
            Command::Interrupt => return self.interrupt(),
        }
        Vec::new()
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        let text = self.anonymise_text(text.into());
        self.message = Some(DeskMessage { text, warning: false, at: self.wall });
    }

    /// Says what names nobody, also in stage mode.
    pub(super) fn say_as_it_is(&mut self, text: String) {
        self.message = Some(DeskMessage { text, warning: false, at: self.wall });
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        let text = self.anonymise_text(text.into());
        self.message = Some(DeskMessage { text, warning: true, at: self.wall });
    }

    fn toggle_read_only(&mut self) {
        self.read_only = !self.read_only;
        self.unlock();
        self.say(if self.read_only { "read only: acts are off" } else { "acts are on" });
    }

    fn open(&mut self) -> Vec<Effect> {
        match (self.pane, &self.selected_row) {
            (Pane::Operations, Some(RowId::Bulk(serial))) => {
                self.toggle_bulk_rows(*serial);
                return Vec::new();
            }
            (Pane::Operations, Some(RowId::Operation(number))) => return self.open_operation(*number),
            (Pane::Operations, Some(RowId::Pending(_)) | None) | (Pane::Calls | Pane::Participants, _) => {}
        }
        let details = match self.pane {
            Pane::Calls => self.call.clone().map(DetailsView::of_call),
            Pane::Participants => self
                .call
                .clone()
                .zip(self.selected_participant.clone())
                .map(|(call, who)| DetailsView::of_who(call, who)),
            Pane::Operations => self.selected_row.clone().map(DetailsView::of_row),
        };
        match details {
            Some(details) => self.modal = Modal::Details(details),
            None => self.say("nothing is selected here"),
        }
        Vec::new()
    }

    fn reread(&mut self) -> Vec<Effect> {
        let Some(call) = self.call() else { return Vec::new() };
        let (number, roster, call) = (call.number.0, call.kind != CallKind::OneToOne, call.id.clone());
        self.say(format!("reading call {number} from Graph"));
        vec![Effect::Reread { call, roster }]
    }

    fn pause(&mut self) {
        if self.paused.take().is_none() {
            let at = self.shown_at();
            self.paused = Some(PausedBoard { floor: self.floor.clone(), at, behind: 0 });
        }
        self.settle();
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.unproven() {
            self.modal = Modal::Quit;
            return Vec::new();
        }
        vec![Effect::Quit]
    }

    fn interrupt(&mut self) -> Vec<Effect> {
        let again = self.interrupted.is_some_and(|at| self.wall.since(at) <= TWICE);
        self.interrupted = Some(self.wall);
        if again {
            return vec![Effect::Quit];
        }
        self.say("press ctrl-c once more to quit");
        Vec::new()
    }

    /// Whether an act of ours is still without proof.
    fn unproven(&self) -> bool {
        let ours = |by: &str| by == self.link.operator;
        let open =
            |standing| matches!(standing, OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted);
        self.bulk.under_way().is_some()
            || self.pending.sending(&self.floor).next().is_some()
            || self.floor.operations().rev().take(200).any(|it| ours(&it.by) && open(it.standing(self.now)))
    }
}
