//! Sends requests to a simulator's control API, and handles its answers.

use serde_json::Value;

use crate::desk::event::GateAnswer;
use crate::desk::presenter::sim_control::{PollKind, SimControl, body};
use crate::desk::presenter::sim_settings::{SimSetting, SimSettingsPanel};
use crate::desk::update::select::select;
use crate::desk::vocab::{ControlRequest, Pane, ParticipantRef, StepDirection};
use crate::desk::{Desk, Effect, Modal};
use crate::floor::CallKind;
use crate::graph::IdentityKind;

/// Shows or hides the notes.
pub(in crate::desk) fn toggle_notes(desk: &mut Desk) -> Vec<Effect> {
    let shown = desk.notes_are_shown();
    if let Some(control) = &mut desk.control {
        control.show_notes(!shown);
    }
    poll_simulator(desk)
}

/// Goes one step forward or back.
pub(in crate::desk) fn step_presentation(desk: &mut Desk, way: StepDirection) -> Vec<Effect> {
    if let Some(control) = &mut desk.control {
        control.await_selection();
    }
    ask_simulator(desk, ControlRequest::Step(way))
}

/// Restarts the scenario.
pub(in crate::desk) fn restart(desk: &mut Desk) -> Vec<Effect> {
    desk.say("restarting the scenario: every call ends…");
    ask_simulator(desk, ControlRequest::Restart)
}

/// Reads the simulator's state: the steps often while they are shown and otherwise rarely, for the scenario's name in
/// the header; the settings rarely.
pub(in crate::desk) fn poll_simulator(desk: &mut Desk) -> Vec<Effect> {
    let (shown, wall) = (desk.notes_are_shown(), desk.clock.wall());
    let panel = matches!(desk.modal, Modal::SimSettings(_));
    desk.control.as_mut().map(|it| it.poll((shown, panel), wall)).unwrap_or_default()
}

/// Sends a change to the simulator.
pub(in crate::desk) fn ask_simulator(desk: &mut Desk, wish: ControlRequest) -> Vec<Effect> {
    desk.control.as_mut().map(|it| it.change(wish)).into_iter().collect()
}

/// Handles an answer of the control API.
pub(in crate::desk) fn simulator_answered(desk: &mut Desk, wish: &ControlRequest, answer: &GateAnswer) -> Vec<Effect> {
    let Some(control) = &mut desk.control else { return Vec::new() };
    match wish {
        ControlRequest::Stage => control.was_read(PollKind::Stage, answer),
        ControlRequest::Settings => control.was_read(PollKind::Settings, answer),
        ControlRequest::Step(_) | ControlRequest::Restart => match control.stepped(answer) {
            Ok(()) => {
                // A step sets its own faults, and puts back those of the step before.
                let read = control.read_settings();
                say_step(desk, *wish == ControlRequest::Restart);
                return read.into_iter().collect();
            }
            Err(error) => desk.warn(format!("the simulator says: {error}")),
        },
        ControlRequest::Set { .. } | ControlRequest::Do { .. } => {
            // Read after a refusal too, so that the panel shows the true values again.
            let read = control.changed();
            if let Err(error) = body(answer) {
                change_refused(desk, error);
            }
            return read.into_iter().collect();
        }
    }
    Vec::new()
}

/// Updates the position in the presentation.
fn say_step(desk: &mut Desk, restarted: bool) {
    let Some(presentation) = desk.control.as_ref().and_then(SimControl::presentation) else { return };
    let place = presentation.place();
    let note = presentation.note.clone();
    if restarted {
        begin_anew(desk);
        desk.say(format!("restarted with new calls; {place}"));
    } else if let Some(note) = note {
        desk.warn(format!("{place}; but {note}"));
    } else {
        desk.say(place);
    }
}

/// Selects the first new call, because the old calls have ended.
fn begin_anew(desk: &mut Desk) {
    let first = desk.calls().next().map(|it| it.id.clone());
    desk.board.selection.choose_call(first);
}

/// Selects the call and the person of the current step, as soon as the board has them. A filter that hides
/// them is named instead.
pub(in crate::desk) fn select_for_step(desk: &mut Desk) {
    let Some(wanted) = desk.control.as_ref().and_then(SimControl::wanted_selection) else { return };
    let id = desk.privacy.anonymise_call(&wanted.call_id);
    let person = wanted.participant_id.as_ref().map(|it| desk.privacy.anonymise_person(it));
    let Some(call) = desk.floor().call(&id) else { return };
    let who = match person {
        None => None,
        Some(person) if call.people.contains(&person) => Some(ParticipantRef::Person(person)),
        // A 1:1 call has no roster; whoever is not the application is the other party.
        Some(_) if call.kind == CallKind::OneToOne => {
            call.parties.iter().position(|it| it.kind != IdentityKind::Application).map(ParticipantRef::Party)
        }
        Some(_) => return,
    };
    if let Some(control) = &mut desk.control {
        control.drop_selection();
    }
    desk.board.view.stop_following();
    let pane = if who.is_some() { Pane::Participants } else { Pane::Calls };
    select(desk, id.clone(), who.clone());
    desk.board.selection.focus(pane);
    let is_hidden = match &who {
        _ if desk.calls().all(|it| it.id != id) => Some(Pane::Calls),
        Some(who) if desk.participants().iter().all(|it| it.id() != *who) => Some(Pane::Participants),
        Some(_) | None => None,
    };
    let filter = is_hidden.and_then(|pane| desk.filter(pane)).map(|it| it.text().to_owned());
    if let Some(text) = filter {
        desk.warn(format!("the filter {text} hides what this step is about"));
    }
}

/// Opens the panel of the simulator's settings.
pub(in crate::desk) fn open_faults(desk: &mut Desk) -> Vec<Effect> {
    let panel = desk.control.as_ref().map(SimControl::panel_as_left).unwrap_or_default();
    desk.modal = Modal::SimSettings(panel);
    poll_simulator(desk)
}

/// Requests another value of the selected setting; the panel shows it until the simulator reports a different one.
pub(in crate::desk) fn change_setting(
    desk: &mut Desk,
    panel: &mut SimSettingsPanel,
    value: impl FnOnce(&SimSetting) -> Result<Value, &'static str>,
) -> Vec<Effect> {
    let Some(control) = &mut desk.control else { return Vec::new() };
    let Some(setting) = control.selected(panel) else { return Vec::new() };
    let name = setting.name.clone();
    panel.stay_at(&name);
    match value(setting) {
        Err(why) => {
            panel.refuse(format!("{name}: {why}"));
            Vec::new()
        }
        Ok(value) if value == setting.value => Vec::new(),
        Ok(value) => {
            control.show_value(&name, &value);
            ask_simulator(desk, ControlRequest::Set { name, value })
        }
    }
}

/// Shows why a change failed: in the panel if it is open, otherwise as a message.
fn change_refused(desk: &mut Desk, error: String) {
    if let Modal::SimSettings(panel) = &mut desk.modal {
        panel.refuse(error);
    } else {
        desk.warn(error);
    }
}
