//! What a key can mean, and doing it. Knows no key codes: those are the key table's.

use super::board::{Pane, Who};
use super::control::Way;
use super::inspect::Details;
use super::{Desk, Effect, Message, Overlay, Paused};
use crate::floor::{Act, Alert, CallKind, Standing};
use crate::graph::CallId;
use crate::moment::{Moment, Span};

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
    /// Go to the next alert.
    NextAlert,
    /// Read the selected call from Graph.
    Reread,
    /// Pause the display, or go on.
    Pause,
    /// Acts off, or on.
    ReadOnly,
    /// Go one step of the presentation on, or back.
    Turn(Way),
    /// Show the presenter's notes, or take them away.
    Notes,
    /// Begin the scenario again.
    Restart,
    /// Show the simulator's settings.
    Faults,
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
const TWICE: Span = Span::seconds(2);

impl Desk {
    pub(super) fn perform(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Move(motion) => self.travel(motion),
            Command::Focus(pane) => self.pane = pane,
            Command::NextPane => self.pane = self.pane.next(),
            Command::PreviousPane => self.pane = self.pane.next().next(),
            Command::Open => self.open(),
            Command::Back => {}
            Command::Help => self.overlay = Overlay::Help(0),
            Command::Mute => self.ask(Act::Mute),
            Command::Release => self.ask(Act::Release),
            Command::Hold => self.ask(Act::Hold),
            Command::ToggleSelf => self.ask(self.own_toggle()),
            Command::Remove => self.ask(Act::Remove),
            Command::NextAlert => self.next_alert(),
            Command::Reread => return self.reread(),
            Command::Pause => self.pause(),
            Command::ReadOnly => {
                self.read_only = !self.read_only;
                self.say(if self.read_only { "read only: acts are off" } else { "acts are on" });
            }
            Command::Turn(way) => return self.turn(way),
            Command::Notes => return self.toggle_notes(),
            Command::Restart => self.ask_restart(),
            Command::Faults => return self.open_faults(),
            Command::Quit => return self.quit(),
            Command::Interrupt => return self.interrupt(),
        }
        Vec::new()
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), warning: false });
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), warning: true });
    }

    fn open(&mut self) {
        let details = match self.pane {
            Pane::Calls => self.call.clone().map(Details::of_call),
            Pane::Participants => self.call.clone().zip(self.who.clone()).map(|(call, who)| Details::of_who(call, who)),
            Pane::Operations => self.row.clone().map(Details::of_row),
        };
        match details {
            Some(details) => self.overlay = Overlay::Details(details),
            None => self.say("nothing is selected here"),
        }
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
            self.paused = Some(Paused { floor: self.floor.clone(), at, behind: 0 });
        }
        self.settle();
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.unproven() {
            self.overlay = Overlay::Quit;
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
        let open = |standing| matches!(standing, Standing::Asked | Standing::Sent | Standing::Accepted);
        self.slips.sending(&self.floor).next().is_some()
            || self.floor.operations().rev().take(200).any(|it| ours(&it.by) && open(it.standing(self.now)))
    }

    /// Goes to the next of: people who wait too long, worst first; then quiet calls.
    fn next_alert(&mut self) {
        let alerts = self.alerts();
        let here = alerts.iter().position(|it| match it {
            Place::Person(call, who) => {
                let selected = self.call.as_ref() == Some(call) && self.who.as_ref() == Some(who);
                selected && self.pane == Pane::Participants
            }
            Place::Call(call) => self.call.as_ref() == Some(call) && self.pane == Pane::Calls,
        });
        let next = here.and_then(|at| alerts.get(at + 1)).or_else(|| alerts.first());
        match next {
            None => self.say("no alert"),
            Some(Place::Person(call, who)) => {
                let who = who.clone();
                self.select_call(Some(call.clone()));
                self.who = Some(who);
                self.pane = Pane::Participants;
            }
            Some(Place::Call(call)) => {
                self.select_call(Some(call.clone()));
                self.pane = Pane::Calls;
            }
        }
    }

    fn alerts(&self) -> Vec<Place> {
        let now = self.shown_at();
        let mut found: Vec<(Alert, Moment, Place)> = Vec::new();
        for call in self.floor().calls().filter(|it| it.is_live()) {
            for person in call.present() {
                let alert = self.limits.person(person, now);
                if alert > Alert::None {
                    let since = person.hold.as_ref().map(|it| it.since).or(person.lobby).unwrap_or(person.joined);
                    let who = Who::Person(person.id.clone());
                    found.push((alert, since.at, Place::Person(call.id.clone(), who)));
                }
            }
            if now.since(call.heard) >= self.limits.quiet {
                found.push((Alert::Quiet, call.heard, Place::Call(call.id.clone())));
            }
        }
        found.sort_by_key(|(alert, since, _)| (std::cmp::Reverse(*alert), *since));
        found.into_iter().map(|(_, _, place)| place).collect()
    }
}

/// Where an alert is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Person(CallId, Who),
    Call(CallId),
}
