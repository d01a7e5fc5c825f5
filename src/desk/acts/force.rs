//! Forcing: an act that is refused only because the board may be wrong is asked all the same, through the palette.
//!
//! It passes over two rules, a line that is down and a hold that is not known, and says so in its confirm. The other
//! rules, the gate's and Graph's stand as ever.

use super::rules::{ActTarget, Denied};
use crate::desk::command::Command;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::link::LinkState;
use crate::desk::{Desk, called};
use crate::floor::{Act, HoldSource};

impl Desk {
    /// Opens the confirm of an act by the name of its key, although the board may be wrong.
    ///
    /// # Errors
    /// What can be forced, when that cannot be.
    pub(in crate::desk) fn force(&mut self, name: &str) -> Result<(), String> {
        let Some(act) = KeyBinding::named(name).and_then(|it| self.act_of(it.command)) else {
            let acts: Vec<&str> =
                KEYS.iter().filter(|it| self.act_of(it.command).is_some()).map(|it| it.name).collect();
            return Err(format!("force takes one of {}", acts.join(", ")));
        };
        if self.marked() > 0 {
            return Err("force is for one person, and some are marked: \\ clears the marks".to_owned());
        }
        match self.target(act) {
            Ok(target) => self.ask_forced(act, target),
            Err(reason) => self.warn(format!("force {act}: {reason}")),
        }
        Ok(())
    }

    fn ask_forced(&mut self, act: Act, target: ActTarget) {
        match self.may_forced(act, &target) {
            Ok(()) => {
                let forced = self.passed_over(act, &target);
                self.open_confirm(act, target, forced);
            }
            Err(reason) => self.refuse(act, &target, &reason),
        }
    }

    /// Whether anything can be forced: everything that no act is without, and a call.
    pub(in crate::desk) fn may_force(&self) -> Result<(), Denied> {
        self.may_act_at_all(true)?;
        self.call().map(|_| ()).ok_or_else(|| Denied::of("no call is selected"))
    }

    /// What stands against an act that is asked all the same, a line each; none when nothing does.
    fn passed_over(&self, act: Act, target: &ActTarget) -> Vec<String> {
        let mut passed = Vec::new();
        if self.link().state != LinkState::Live {
            let age = self.link().stale(self.now()).unwrap_or_default();
            passed.push(format!(
                "FORCED: the line has been down for {age}; the board shows what was so then, and may be wrong. \
                 The proof shows when the line is back."
            ));
        }
        let hold = self.person_of(target).and_then(|it| Some((it, &it.hold.as_ref()?.source)));
        if let (Act::Release, Some((person, HoldSource::Unknown))) = (act, hold) {
            let name = called(person);
            passed.push(format!("FORCED: whether {name} is on hold is not known; Graph may refuse this."));
        }
        passed
    }

    /// The act that a command asks for.
    fn act_of(&self, command: Command) -> Option<Act> {
        let acts = [
            (Command::Mute, Act::Mute),
            (Command::Release, Act::Release),
            (Command::Hold, Act::Hold),
            (Command::Remove, Act::Remove),
            (Command::ToggleSelf, self.own_toggle()),
            (Command::HangUp, Act::HangUp),
        ];
        acts.into_iter().find(|(it, _)| *it == command).map(|(_, act)| act)
    }
}
