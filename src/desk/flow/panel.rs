//! What a key changes in the panel of the simulator's settings.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::command::Command;
use crate::desk::flow::presenter::{ask_simulator, change_setting};
use crate::desk::presenter::sim_settings::{PAGE, SimSettingKind, SimSettingsPanel};
use crate::desk::vocab::{ControlRequest, Motion};
use crate::desk::{Desk, Effect, Modal};

/// Takes a key in the open panel, which stays open unless the key closes it.
pub(in crate::desk) fn press_in_panel(desk: &mut Desk, mut panel: SimSettingsPanel, key: KeyEvent) -> Vec<Effect> {
    panel.refused = None;
    let command = desk.input.keymap.find_any(key).map(|it| it.command);
    if matches!(command, Some(Command::Back | Command::SimSettings | Command::Quit)) {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let Some(Command::Move(motion)) = command {
        move_in_panel(desk, &mut panel, motion);
    } else if key.code == KeyCode::Char('0') {
        effects = change_setting(desk, &mut panel, |it| Ok(it.default.clone()));
    } else if command == Some(Command::Open) || key.code == KeyCode::Char(' ') {
        effects = take_selected(desk, &mut panel);
    } else if [KeyCode::Char('l'), KeyCode::Right].contains(&key.code) {
        effects = step_selected(desk, &mut panel, true);
    } else if [KeyCode::Char('h'), KeyCode::Left].contains(&key.code) {
        effects = step_selected(desk, &mut panel, false);
    }
    desk.modal = Modal::SimSettings(panel);
    effects
}

/// Does an action, puts a word into a list or takes it out, and gives everything else its next value.
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
            panel.refused = Some(format!("{}: the simulator does not say how it is done", selected.name));
            Vec::new()
        }
        SimSettingKind::Choice | SimSettingKind::Number | SimSettingKind::Share | SimSettingKind::Other => {
            change_setting(desk, panel, |it| it.stepped(true))
        }
    }
}

/// Gives a setting the next value or the one before; of a list, chooses another word.
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
