//! The one key table: dispatch, footer, help, read-only mode and the README's table all read it.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Desk;
use super::board::Pane;
use super::command::{Command, Motion};
use super::control::Way;
use super::rules::{Reason, offered};
use super::stage::{can_present, can_show_notes};
use crate::floor::Act;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Where it works.
    pub on: On,
    /// The presses that mean it; the first is the one that is shown in the footer.
    pub press: &'static [Press],
    /// What it means.
    pub command: Command,
    /// What it can do to people on a call.
    pub risk: Risk,
    /// A word for the footer; empty for keys that everybody knows.
    pub hint: &'static str,
    /// A sentence for the help.
    pub help: &'static str,
    /// Whether it can be used now; a key that is off says why.
    pub offered: fn(&Desk) -> Result<(), Reason>,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// In every pane.
    Everywhere,
    /// In this pane.
    Pane(Pane),
}

/// A key and the ctrl key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// The key.
    pub code: KeyCode,
    /// Whether ctrl is held.
    pub ctrl: bool,
}

/// What a key can do to people on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing.
    Safe,
    /// It changes what they hear or how they are heard.
    Live,
    /// It cannot be taken back.
    Destructive,
}

const fn key(letter: char) -> Press {
    Press { code: KeyCode::Char(letter), ctrl: false }
}

const fn ctrl(letter: char) -> Press {
    Press { code: KeyCode::Char(letter), ctrl: true }
}

const fn named(code: KeyCode) -> Press {
    Press { code, ctrl: false }
}

const fn safe(press: &'static [Press], command: Command, hint: &'static str, help: &'static str) -> Key {
    Key { on: On::Everywhere, press, command, risk: Risk::Safe, hint, help, offered: always }
}

const fn to(press: &'static [Press], motion: Motion, help: &'static str) -> Key {
    safe(press, Command::Move(motion), "", help)
}

const fn live(letter: &'static [Press], command: Command, texts: [&'static str; 2], offered: Offered) -> Key {
    let on = On::Pane(Pane::Participants);
    Key { on, press: letter, command, risk: Risk::Live, hint: texts[0], help: texts[1], offered }
}

/// A key that only a simulator gives a meaning to.
const fn staged(press: &'static [Press], command: Command, help: &'static str) -> Key {
    Key { offered: can_present, ..safe(press, command, "", help) }
}

type Offered = fn(&Desk) -> Result<(), Reason>;

/// Every key.
pub const KEYS: &[Key] = &[
    live(&[key('m')], Command::Mute, ["mute", "Mute the participant. One-way: only they can unmute."], can_mute),
    live(&[key('r')], Command::Release, ["release", "Bring the participant back from hold."], can_release),
    live(&[key('H')], Command::Hold, ["hold", "Put the participant on hold; one at a time in a call."], can_hold),
    Key {
        risk: Risk::Destructive,
        ..live(
            &[key('X')],
            Command::Remove,
            ["remove", "Remove the participant; type the name as shown, or REMOVE, to confirm."],
            can_remove,
        )
    },
    Key {
        on: On::Everywhere,
        ..live(
            &[key('s')],
            Command::ToggleSelf,
            ["self", "Mute or unmute the application itself in this call."],
            can_toggle_self,
        )
    },
    safe(&[key('!')], Command::NextAlert, "alert", "Go to the next who waits too long, worst first."),
    safe(&[key('?')], Command::Help, "help", "Show the keys."),
    safe(&[key('q')], Command::Quit, "quit", "Quit; asks while an operation of yours has no proof yet."),
    safe(&[named(KeyCode::Enter)], Command::Open, "details", "Show everything about what is selected."),
    Key { offered: has_call, ..safe(&[ctrl('r')], Command::Reread, "re-read", "Read this call from Graph again.") },
    safe(&[key('p')], Command::Pause, "pause", "Pause the display, or go on; changes are counted meanwhile."),
    safe(&[key('W')], Command::ReadOnly, "read only", "Acts off, or on."),
    safe(&[ctrl('c')], Command::Interrupt, "", "Quit, when pressed twice within 2 seconds."),
    safe(&[named(KeyCode::Esc)], Command::Back, "", "Back; never quits."),
    safe(&[named(KeyCode::Tab)], Command::NextPane, "", "Next pane."),
    safe(&[named(KeyCode::BackTab)], Command::PreviousPane, "", "Pane before."),
    safe(&[key('1')], Command::Focus(Pane::Calls), "", "Calls."),
    safe(&[key('2')], Command::Focus(Pane::Participants), "", "Participants."),
    safe(&[key('3')], Command::Focus(Pane::Operations), "", "Operations."),
    to(&[key('j'), named(KeyCode::Down)], Motion::Down, "One row down."),
    to(&[key('k'), named(KeyCode::Up)], Motion::Up, "One row up."),
    to(&[key('g'), named(KeyCode::Home)], Motion::First, "First row."),
    to(&[key('G'), named(KeyCode::End)], Motion::Last, "Last row."),
    to(&[named(KeyCode::PageDown)], Motion::PageDown, "A page down; with --audience the next step."),
    to(&[named(KeyCode::PageUp)], Motion::PageUp, "A page up; with --audience the step before."),
    to(&[ctrl('d')], Motion::HalfDown, "Half a page down."),
    to(&[ctrl('u')], Motion::HalfUp, "Half a page up."),
    staged(&[key('.')], Command::Turn(Way::Next), "Next step of the presentation; with --audience PgDn too."),
    staged(&[key(',')], Command::Turn(Way::Previous), "Step before; with --audience PgUp too."),
    Key {
        offered: can_show_notes,
        ..staged(&[key('D')], Command::Notes, "Show the presenter's notes, or take them away.")
    },
    staged(&[key('F')], Command::Faults, "Show and change the simulator's settings and faults."),
    staged(&[key('B')], Command::Restart, "Begin the scenario again, with new calls; asks first."),
];

/// What a clicker sends, where an audience sees the screen.
const CLICKER: &[Key] = &[
    staged(&[named(KeyCode::PageDown)], Command::Turn(Way::Next), ""),
    staged(&[named(KeyCode::PageUp)], Command::Turn(Way::Previous), ""),
];

#[expect(clippy::unnecessary_wraps, reason = "it is the rule of keys that are never off")]
fn always(_: &Desk) -> Result<(), Reason> {
    Ok(())
}

fn has_call(desk: &Desk) -> Result<(), Reason> {
    desk.call().map(|_| ()).ok_or_else(|| Reason::of("no call is selected"))
}

fn can_mute(desk: &Desk) -> Result<(), Reason> {
    offered(desk, Act::Mute)
}

fn can_release(desk: &Desk) -> Result<(), Reason> {
    offered(desk, Act::Release)
}

fn can_hold(desk: &Desk) -> Result<(), Reason> {
    offered(desk, Act::Hold)
}

fn can_remove(desk: &Desk) -> Result<(), Reason> {
    offered(desk, Act::Remove)
}

fn can_toggle_self(desk: &Desk) -> Result<(), Reason> {
    offered(desk, desk.own_toggle())
}

impl Key {
    /// The key that a press means in a pane.
    #[must_use]
    pub fn find(pane: Pane, event: KeyEvent) -> Option<&'static Self> {
        KEYS.iter().find(|it| it.works_in(pane) && it.press.iter().any(|press| press.is(event)))
    }

    /// The key that a press means when it comes from a clicker.
    pub(super) fn clicked(event: KeyEvent) -> Option<&'static Self> {
        CLICKER.iter().find(|it| it.press.iter().any(|press| press.is(event)))
    }

    /// The key that a press would mean in another pane.
    #[must_use]
    pub fn elsewhere(event: KeyEvent) -> Option<&'static Self> {
        KEYS.iter().find(|it| it.press.iter().any(|press| press.is(event)))
    }

    /// Whether it works in a pane.
    #[must_use]
    pub fn works_in(&self, pane: Pane) -> bool {
        match self.on {
            On::Everywhere => true,
            On::Pane(on) => on == pane,
        }
    }

    /// Its presses as text: `j, Down`.
    #[must_use]
    pub fn presses(&self) -> String {
        self.press.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl Press {
    /// Whether an event is this press.
    #[must_use]
    pub fn is(&self, event: KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        !event.modifiers.contains(KeyModifiers::ALT) && event.code == self.code && ctrl == self.ctrl
    }
}

impl std::fmt::Display for Press {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other keys are shown by the name that they have")]
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ctrl {
            out.write_str("ctrl-")?;
        }
        match self.code {
            KeyCode::BackTab => out.write_str("shift-Tab"),
            KeyCode::PageDown => out.write_str("PgDn"),
            KeyCode::PageUp => out.write_str("PgUp"),
            code => write!(out, "{code}"),
        }
    }
}

/// The table as the README prints it.
#[must_use]
pub fn keys_markdown() -> String {
    let mut text = "| key | where | what it does |\n| --- | --- | --- |\n".to_owned();
    for key in KEYS {
        let on = match key.on {
            On::Everywhere => "everywhere",
            On::Pane(pane) => pane.name(),
        };
        let presses: Vec<String> = key.press.iter().map(|it| format!("`{it}`")).collect();
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| {} | {on} | {} |", presses.join(" "), key.help);
    }
    text
}
