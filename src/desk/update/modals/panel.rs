//! Handles keys in the panel of the simulator's settings.

use crossterm::event::KeyEvent;

use crate::desk::command::{Command, ModalCommand};
use crate::desk::modal::ModalOutcome;
use crate::desk::presenter::sim_settings::{SimSettingKind, SimSettingsPanel};
use crate::desk::update::presenter::{ask_simulator, change_setting};
use crate::desk::vocab::ControlRequest;
use crate::desk::{Desk, Effect};
use serde_json::json;

/// Moves, changes the selected setting, or closes the panel.
pub(in crate::desk) fn press_panel(
    desk: &mut Desk,
    panel: &mut SimSettingsPanel,
    (key, meant): (KeyEvent, Option<Command>),
) -> ModalOutcome {
    panel.clear_refusal();
    let outcome = press_listed(desk, panel, (key, meant));
    if let Some(control) = &mut desk.control {
        control.remember_panel(panel);
    }
    outcome
}

fn press_listed(
    desk: &mut Desk,
    panel: &mut SimSettingsPanel,
    (key, meant): (KeyEvent, Option<Command>),
) -> ModalOutcome {
    match meant {
        Some(Command::Back) if panel.search().is_typing() => panel.search_mut().clear(),
        Some(Command::InModal(ModalCommand::Accept)) if panel.search().is_typing() => {
            panel.search_mut().keep();
            if let Some(name) = desk.control.as_ref().and_then(|it| it.selected(panel)).map(|it| it.name.clone()) {
                panel.stay_at(&name);
            }
        }
        Some(Command::Move(motion)) => {
            if let Some(control) = &desk.control {
                panel.travel(control.settings(), motion);
            }
        }
        _ if panel.search().is_typing() => panel.search_mut().press(key),
        Some(Command::Filter) => panel.search_mut().begin(),
        Some(Command::Back | Command::SimSettings | Command::Quit) => return ModalOutcome::CLOSE,
        Some(Command::InModal(ModalCommand::Default)) => {
            return ModalOutcome::Stay(change_setting(desk, panel, |it| Ok(it.default.clone())));
        }
        Some(Command::InModal(ModalCommand::Take)) => {
            return ModalOutcome::Stay(take_selected(desk, panel));
        }
        Some(Command::InModal(ModalCommand::Next)) => return ModalOutcome::Stay(step_selected(desk, panel, true)),
        Some(Command::InModal(ModalCommand::Previous)) => return ModalOutcome::Stay(step_selected(desk, panel, false)),
        Some(_) | None => {}
    }
    ModalOutcome::STAY
}

/// Runs an action, adds or removes a word of a list, or changes any other setting to its next value.
fn take_selected(desk: &mut Desk, panel: &mut SimSettingsPanel) -> Vec<Effect> {
    let selected = desk.control.as_ref().and_then(|it| it.selected(panel));
    let Some(selected) = selected else { return Vec::new() };
    match selected.kind {
        SimSettingKind::List => {
            let chosen = panel.clone();
            change_setting(desk, panel, |it| it.toggled(&chosen))
        }
        SimSettingKind::Action => {
            if let Some(path) = selected.act().map(str::to_owned) {
                return ask_simulator(desk, ControlRequest::Do { path });
            }
            panel.refuse(format!("{}: the simulator names no path for this action", selected.name));
            Vec::new()
        }
        SimSettingKind::Preset => change_setting(desk, panel, |it| Ok(json!(it.value != json!(true)))),
        SimSettingKind::Choice | SimSettingKind::Number | SimSettingKind::Share | SimSettingKind::Other => {
            change_setting(desk, panel, |it| it.stepped(true))
        }
    }
}

/// Changes a setting to its next or previous value; in a list, selects another word.
fn step_selected(desk: &mut Desk, panel: &mut SimSettingsPanel, up: bool) -> Vec<Effect> {
    let selected = desk.control.as_ref().and_then(|it| it.selected(panel));
    let words = selected.filter(|it| it.kind == SimSettingKind::List).map_or(0, |it| it.choices.len());
    if words == 0 {
        return change_setting(desk, panel, |it| it.stepped(up));
    }
    panel.step_word(words, up);
    Vec::new()
}
