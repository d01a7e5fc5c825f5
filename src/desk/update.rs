//! The only way from what happened to what is wanted.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::acts::confirm::ConfirmDecision;
use super::acts::request::sentence;
use super::command::Command;
use super::event::{Effect, Event, FeedUpdate, GateAnswer, Stamped};
use super::input::key_table::{KeyBinding, KeyContext};
use super::input::paste_guard::{BURST, KeyOrigin};
use super::presenter::sim_control::StepDirection;
use super::{Desk, DeskMessage, Modal, Pane};
use crate::floor::{Applied, Entry, Floor, FloorCall};
use crate::graph::CallId;

/// Takes an event, and says what is wanted.
///
/// Invariant: a `Send` comes only of a `y` on an open confirm that named its target, or of Enter on one whose word was
/// typed; in FAST of a confirm about the selected row that answers itself; of a confirm that named many, some come later, when it is their turn. A `y` as fast as a paste counts only when nothing follows it as fast.
pub fn update(desk: &mut Desk, stamped: Stamped<Event>) -> Vec<Effect> {
    desk.wall = stamped.wall;
    desk.now = stamped.at + desk.link.ahead;
    let mut effects = desk.confirm_early_yes();
    effects.extend(match stamped.event {
        Event::Pressed(key) if key.kind != KeyEventKind::Release => desk.pressed(key),
        Event::Ticked => desk.ticked(),
        Event::Pressed(_) => Vec::new(),
        Event::Pasted(text) => {
            desk.pasted(&text);
            Vec::new()
        }
        Event::Clicked(pane, picked) => {
            desk.pointed(pane, picked);
            Vec::new()
        }
        Event::Wheeled(pane, motion) => {
            desk.wheeled(pane, motion);
            Vec::new()
        }
        Event::SettingsChanged(news) => {
            desk.apply_settings(news);
            Vec::new()
        }
        Event::Resized(columns, rows) => {
            desk.resized(columns, rows);
            Vec::new()
        }
        Event::Fed(feed) => {
            let feed = desk.anonymise_feed(feed);
            desk.fed(feed, stamped.at);
            Vec::new()
        }
        Event::Answered(ticket, answer) => {
            let answer = desk.anonymise_answer(answer);
            desk.answered(&ticket, &answer);
            Vec::new()
        }
        Event::Reread(call, answer) => {
            let call = desk.anonymise_call(&call);
            desk.reread_answered(&call, &answer);
            Vec::new()
        }
        Event::Exported(written) => {
            desk.exported(written);
            Vec::new()
        }
        Event::NotCopied(why) => {
            desk.warn(why);
            Vec::new()
        }
        Event::SimulatorAnswered(wish, answer) => desk.simulator_answered(&wish, &answer),
    });
    effects.extend(desk.send_next());
    if desk.reported_call != desk.call {
        desk.reported_call.clone_from(&desk.call);
        effects.push(Effect::ReportSelection(desk.call.clone()));
    }
    desk.deanonymise(effects)
}

impl Desk {
    fn ticked(&mut self) -> Vec<Effect> {
        self.message.take_if(|it| self.wall.since(it.at) >= DeskMessage::STAYS);
        // Filters and sorts may speak of ages.
        self.settle_view();
        self.watch_evidence();
        self.watch_trace();
        self.watch_idle();
        let mut effects = self.poll_simulator();
        effects.extend(self.watch_critical());
        effects
    }

    /// Lets a `y` count that came fast and was followed by nothing as fast.
    fn confirm_early_yes(&mut self) -> Vec<Effect> {
        let Modal::Confirm(confirm) = &self.modal else { return Vec::new() };
        if confirm.early.is_none_or(|at| self.wall.since(at) <= BURST) {
            return Vec::new();
        }
        let Modal::Confirm(confirm) = std::mem::take(&mut self.modal) else { return Vec::new() };
        self.decide(*confirm, ConfirmDecision::Yes)
    }

    fn pressed(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.user_selected = true;
        self.touch_idle();
        if !self.modal.is_typed_in() {
            match self.paste_guard.check(key, self.wall) {
                KeyOrigin::Hand => {}
                KeyOrigin::PasteGoesOn => return Vec::new(),
                KeyOrigin::PasteBegins => {
                    if matches!(self.modal, Modal::Confirm(_)) {
                        self.modal = Modal::None;
                        self.thaw();
                    }
                    self.warn("letters came faster than a hand types: they were dropped as a paste");
                    return Vec::new();
                }
            }
        }
        self.message = None;
        self.unfollow();
        if self.keymap.find_any(key).is_some_and(|it| it.command == Command::Interrupt) {
            self.modal = Modal::None;
            self.thaw();
            return self.perform(Command::Interrupt);
        }
        let over = std::mem::take(&mut self.modal);
        self.pressed_over(over, key)
    }

    /// Text is welcome where text is typed, but not where it would confirm.
    fn pasted(&mut self, text: &str) {
        let Modal::Filter(prompt) = &self.modal else {
            return self.warn("a paste is not a command: it was dropped");
        };
        let mut prompt = prompt.clone();
        prompt.line.paste(text);
        self.filter_typed(prompt);
    }

    pub(super) fn command(&mut self, event: KeyEvent) -> Vec<Effect> {
        if let Some(way) = self.control().filter(|it| it.audience()).and_then(|_| StepDirection::clicked(event)) {
            return self.perform(Command::StepPresentation(way));
        }
        let Some(key) = self.keymap.find(self.pane, event) else {
            if let Some(KeyBinding { on: KeyContext::Pane(pane), hint, .. }) = self.keymap.find_any(event) {
                self.say(format!("{hint} works in the {} pane", pane.name()));
            }
            return Vec::new();
        };
        self.press_key(key)
    }

    /// Does what a key means, as its press.
    pub(super) fn press_key(&mut self, key: &'static KeyBinding) -> Vec<Effect> {
        // In FAST only what is pressed as a key goes without a confirm.
        self.fast.by_key = true;
        let mut effects = self.invoke(key);
        self.fast.by_key = false;
        effects.extend(self.wake_fast());
        effects
    }

    fn fed(&mut self, feed: FeedUpdate, at: crate::time::Timestamp) {
        let theirs = self.now;
        let call = self.call.clone().filter(|it| self.floor.call(it).is_some_and(FloorCall::is_live));
        self.link.hear(&feed, theirs);
        self.hear(feed, at);
        if let Some(call) = call {
            self.say_ended(&call);
        }
    }

    /// Says that the selected call, which was live, is so no longer; the selection stays, it is an identity.
    fn say_ended(&mut self, call: &CallId) {
        let Some(call) = self.floor.call(call).filter(|it| !it.is_live()) else { return };
        let (number, pane) = (call.number.0, self.pane);
        let how = if pane == Pane::Calls { "g goes to the first row" } else { "1 and g go to the first call" };
        self.say(format!("call {number} has ended; {how}"));
    }

    fn hear(&mut self, feed: FeedUpdate, at: crate::time::Timestamp) {
        match feed {
            FeedUpdate::Snapshot(floor) => {
                self.on_true_floor(|it| *it = *floor);
                self.settle_marks();
                self.settle_view();
            }
            FeedUpdate::Entries(entries) => self.take(&entries),
            FeedUpdate::History(entries) => {
                self.read_evidence(&entries);
                self.extend_trace(&entries, true);
            }
            // The first board is not news; one that takes the place of another is.
            FeedUpdate::Reset(reason) if self.link.frozen_at.is_some() => {
                self.say(format!("the relay sends the board anew: {reason}"));
            }
            FeedUpdate::CaughtUp if !self.user_selected => {
                let first = self.calls().next().map(|it| it.id.clone());
                self.select_call(first);
            }
            FeedUpdate::Refusing(Some(_)) => {
                self.warn("the relay's journal takes nothing: notifications are lost and acts are refused");
            }
            FeedUpdate::Refusing(None) => self.say("the relay's journal takes entries again"),
            FeedUpdate::Hello(_) | FeedUpdate::Heartbeat(_) => self.now = at + self.link.ahead,
            FeedUpdate::Connecting
            | FeedUpdate::Reset(_)
            | FeedUpdate::CaughtUp
            | FeedUpdate::Presence(_)
            | FeedUpdate::Down { .. }
            | FeedUpdate::Refused(_) => {}
        }
    }

    fn take(&mut self, entries: &[Entry]) {
        let apply = |floor: &mut Floor| entries.iter().filter(|it| floor.apply(it) == Applied::Changed).count();
        let changed = self.on_true_floor(apply);
        if let Some(paused) = &mut self.paused {
            paused.behind += changed;
        }
        self.settle_marks();
        self.hear_others(entries);
        self.extend_trace(entries, false);
        self.settle_view();
    }

    fn reread_answered(&mut self, call: &CallId, answer: &GateAnswer) {
        let number = self.floor.call(call).map_or(0, |it| it.number.0);
        match answer {
            GateAnswer::Replied { status, .. } if (200..300).contains(status) => {
                self.say(format!("call {number} was read from Graph"));
            }
            GateAnswer::Replied { status, body } => {
                self.warn(format!("call {number} could not be read: {}", sentence(*status, body)));
            }
            GateAnswer::Lost { error, .. } => self.warn(format!("call {number} could not be read: {error}")),
        }
    }
}
