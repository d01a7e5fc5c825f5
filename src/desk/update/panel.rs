//! Handles keys in the panel of the simulator's settings.

use crate::desk::command::{Command, ModalCommand};
use crate::desk::modal::ModalOutcome;
use crate::desk::presenter::sim_settings::{PAGE, SimSettingKind, SimSettingsPanel};
use crate::desk::update::presenter::{ask_simulator, change_setting};
use crate::desk::vocab::{ControlRequest, Motion};
use crate::desk::{Desk, Effect};

/// Moves, changes the selected setting, or closes the panel.
pub(in crate::desk) fn press_panel(
    desk: &mut Desk,
    panel: &mut SimSettingsPanel,
    meant: Option<Command>,
) -> ModalOutcome {
    panel.refused = None;
    match meant {
        Some(Command::Back | Command::SimSettings | Command::Quit) => return ModalOutcome::CLOSE,
        Some(Command::Move(motion)) => move_in_panel(desk, panel, motion),
        Some(Command::InModal(ModalCommand::Default)) => {
            return ModalOutcome::Stay(change_setting(desk, panel, |it| Ok(it.default.clone())));
        }
        Some(Command::Open | Command::InModal(ModalCommand::Take)) => {
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
            let word = panel.word;
            change_setting(desk, panel, |it| it.toggled(&SimSettingsPanel { word, ..SimSettingsPanel::default() }))
        }
        SimSettingKind::Action => {
            if let Some(path) = selected.act().map(str::to_owned) {
                return ask_simulator(desk, ControlRequest::Do { path });
            }
            panel.refused = Some(format!("{}: the simulator names no path for this action", selected.name));
            Vec::new()
        }
        SimSettingKind::Choice | SimSettingKind::Number | SimSettingKind::Share | SimSettingKind::Other => {
            change_setting(desk, panel, |it| it.stepped(true))
        }
    }
}

/// Changes a setting to its next or previous value; in a list, selects another word.
fn step_selected(desk: &mut Desk, panel: &mut SimSettingsPanel, up: bool) -> Vec<Effect> {
    let selected = desk.control.as_ref().and_then(|it| it.selected(panel));
    let words = selected.filter(|it| it.kind == SimSettingKind::List).map_or(0, |it| it.choices.len());
    match words.checked_sub(1) {
        Some(last) => {
            panel.word = panel.word.saturating_add(if up { 1 } else { last }) % words;
            Vec::new()
        }
        None => change_setting(desk, panel, |it| it.stepped(up)),
    }
}

fn move_in_panel(desk: &Desk, panel: &mut SimSettingsPanel, motion: Motion) {
    let Some(control) = &desk.control else { return };
    let last = control.settings.len().saturating_sub(1);
    let at = control.settings.iter().position(|it| it.name == panel.selected).unwrap_or_default();
    let to = match motion {
        Motion::Down => at.saturating_add(1),
        Motion::Up => at.saturating_sub(1),
        Motion::First => 0,
        Motion::Last => last,
        Motion::PageDown | Motion::HalfDown => at.saturating_add(PAGE),
        Motion::PageUp | Motion::HalfUp => at.saturating_sub(PAGE),
    };
    if let Some(setting) = control.settings.get(to.min(last)) {
        panel.selected.clone_from(&setting.name);
        panel.word = 0;
    }
}
