//! Forcing an act, through the palette, that is refused only because the board may be wrong.
//!
//! It skips two rules, a line that is down and a hold that is unknown, and its confirm says so. Every other rule of the
//! desk, the gate and Graph still applies.

use crate::desk::Desk;
use crate::desk::acts::rules::{act_of, may_forced, target};
use crate::desk::command::Command;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::update::acts::confirm::{open_confirm, refuse};
use crate::desk::vocab::{ActTarget, called};
use crate::floor::{Act, HoldSource};

/// Opens the confirm of an act by its command's name, although the board may be wrong.
///
/// Names the acts that can be forced, if this is none of them.
pub(in crate::desk) fn force(desk: &mut Desk, name: &str) -> Result<(), String> {
    let Some(act) = KeyBinding::named(name).and_then(|it| act_of(desk, it.command)) else {
        let acts: Vec<&str> = KEYS.iter().filter(|it| act_of(desk, it.command).is_some()).map(|it| it.name).collect();
        return Err(format!("force takes one of {}", acts.join(", ")));
    };
    if !desk.marked_here().is_empty() {
        let press = desk.input.keymap.shortcut_for(Command::ClearMarks);
        return Err(format!("force acts on one person, and some are marked: {press} clears the marks"));
    }
    match target(desk, act) {
        Ok(target) => ask_forced(desk, act, target),
        Err(reason) => desk.warn(format!("force {act}: {reason}")),
    }
    Ok(())
}

fn ask_forced(desk: &mut Desk, act: Act, target: ActTarget) {
    match may_forced(desk, act, &target) {
        Ok(()) => {
            let forced = passed_over(desk, act, &target);
            open_confirm(desk, act, target, forced);
        }
        Err(reason) => refuse(desk, act, &target, &reason),
    }
}

/// The rules that a forced act skips, one line each; empty if it breaks none.
fn passed_over(desk: &Desk, act: Act, target: &ActTarget) -> Vec<String> {
    let mut passed = Vec::new();
    if !desk.link().is_live() {
        let age = desk.link().stale(desk.now()).unwrap_or_default();
        passed.push(format!(
            "FORCED: the line has been down for {age}; the board is that old and may be wrong. \
             The proof appears when the line is back."
        ));
    }
    let hold = desk.person_of(target).and_then(|it| Some((it, &it.hold.as_ref()?.source)));
    if let (Act::Release, Some((person, HoldSource::Unknown))) = (act, hold) {
        let name = called(person);
        passed.push(format!("FORCED: it is unknown whether {name} is on hold; Graph may refuse this."));
    }
    passed
}
