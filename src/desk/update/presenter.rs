//! Asking a simulator's control, and taking its answers.

use serde_json::Value;

use crate::desk::event::GateAnswer;
use crate::desk::presenter::sim_control::{PollKind, SimControl, body};
use crate::desk::presenter::sim_settings::{SimSetting, SimSettingsPanel};
use crate::desk::vocab::{ControlRequest, StepDirection};
use crate::desk::{Desk, Effect, Modal};

/// Shows the notes, or takes them away.
pub(in crate::desk) fn toggle_notes(desk: &mut Desk) -> Vec<Effect> {
    let shown = desk.notes_are_shown();
    if let Some(control) = &mut desk.control {
        control.show_notes(!shown);
    }
    poll_simulator(desk)
}

/// Goes one step on, or back.
pub(in crate::desk) fn step_presentation(desk: &mut Desk, way: StepDirection) -> Vec<Effect> {
    ask_simulator(desk, ControlRequest::Step(way))
}

/// Asks whether to begin again.
pub(in crate::desk) fn ask_restart(desk: &mut Desk) {
    desk.modal = Modal::Restart;
}

/// Begins again.
pub(in crate::desk) fn restart(desk: &mut Desk) -> Vec<Effect> {
    desk.say("every call ends, and the scenario begins again…");
    ask_simulator(desk, ControlRequest::Restart)
}

/// Looks at the simulator: at the steps while they are shown, else now and then, for the header names what is
/// played; at the settings now and then.
pub(in crate::desk) fn poll_simulator(desk: &mut Desk) -> Vec<Effect> {
    let (shown, wall) = (desk.notes_are_shown(), desk.clock.wall());
    let panel = matches!(desk.modal, Modal::SimSettings(_));
    desk.control.as_mut().map(|it| it.poll((shown, panel), wall)).unwrap_or_default()
}

/// Asks for a change.
pub(in crate::desk) fn ask_simulator(desk: &mut Desk, wish: ControlRequest) -> Vec<Effect> {
    desk.control.as_mut().map(|it| it.change(wish)).into_iter().collect()
}

/// Takes what the control answered.
pub(in crate::desk) fn simulator_answered(desk: &mut Desk, wish: &ControlRequest, answer: &GateAnswer) -> Vec<Effect> {
    let Some(control) = &mut desk.control else { return Vec::new() };
    match wish {
        ControlRequest::Stage => control.was_read(PollKind::Stage, answer),
        ControlRequest::Settings => control.was_read(PollKind::Settings, answer),
        ControlRequest::Step(_) | ControlRequest::Restart => match control.stepped(answer) {
            Ok(()) => say_step(desk, *wish == ControlRequest::Restart),
            Err(error) => desk.warn(format!("the simulator says: {error}")),
        },
        ControlRequest::Set { .. } | ControlRequest::Do { .. } => {
            // Read in either case: the panel shows again what is.
            let read = control.changed();
            if let Err(error) = body(answer) {
                change_refused(desk, error);
            }
            return read.into_iter().collect();
        }
    }
    Vec::new()
}

/// Says where the presentation is now.
fn say_step(desk: &mut Desk, restarted: bool) {
    let Some(programme) = desk.control.as_ref().and_then(SimControl::presentation) else { return };
    let place = programme.place();
    let note = programme.note.clone();
    if restarted {
        begin_anew(desk);
        desk.say(format!("begun again, with new calls; {place}"));
    } else if let Some(note) = note {
        desk.warn(format!("{place}; but {note}"));
    } else {
        desk.say(place);
    }
}

/// The old calls have ended: the selection goes to the first of the new ones.
fn begin_anew(desk: &mut Desk) {
    let first = desk.calls().next().map(|it| it.id.clone());
    desk.board.selection.choose_call(first);
}

/// Opens the panel.
pub(in crate::desk) fn open_faults(desk: &mut Desk) -> Vec<Effect> {
    desk.modal = Modal::SimSettings(SimSettingsPanel::default());
    poll_simulator(desk)
}

/// Asks for another value of the selected setting; the panel shows it until the simulator says otherwise.
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

/// Says why a change was not made: in the panel, where it is open.
fn change_refused(desk: &mut Desk, error: String) {
    if let Modal::SimSettings(panel) = &mut desk.modal {
        panel.refuse(error);
    } else {
        desk.warn(error);
    }
}
