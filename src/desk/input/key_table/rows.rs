//! How the rows of the key table are written: a constructor for each kind of key.

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_binding::{KeyBinding, KeyContext, KeyGroup, ModalKind, Risk};
use crate::desk::input::key_press::KeyPress;
use crate::desk::vocab::{Motion, Pane};

pub(super) const fn safe(
    press: &'static [KeyPress],
    command: Command,
    [name, hint, help]: [&'static str; 3],
) -> KeyBinding {
    KeyBinding {
        name,
        on: KeyContext::Everywhere,
        press,
        command,
        risk: Risk::Safe,
        group: KeyGroup::Board,
        hint,
        help,
    }
}

/// A key that shows more.
pub(super) const fn look(press: &'static [KeyPress], command: Command, texts: [&'static str; 3]) -> KeyBinding {
    KeyBinding { group: KeyGroup::Look, ..safe(press, command, texts) }
}

/// A key that moves the selection.
pub(super) const fn go(press: &'static [KeyPress], command: Command, texts: [&'static str; 3]) -> KeyBinding {
    KeyBinding { group: KeyGroup::Move, ..safe(press, command, texts) }
}

/// A key that marks, or settles something about an act, and sends nothing.
pub(super) const fn mark(press: &'static [KeyPress], command: Command, texts: [&'static str; 3]) -> KeyBinding {
    KeyBinding { group: KeyGroup::Act, ..safe(press, command, texts) }
}

pub(super) const fn to(press: &'static [KeyPress], motion: Motion, [name, help]: [&'static str; 2]) -> KeyBinding {
    go(press, Command::Move(motion), [name, "", help])
}

pub(super) const fn live(
    press: &'static [KeyPress],
    command: Command,
    [name, hint, help]: [&'static str; 3],
) -> KeyBinding {
    let on = KeyContext::Pane(Pane::Participants);
    KeyBinding { name, on, press, command, risk: Risk::Live, group: KeyGroup::Act, hint, help }
}

/// A key that needs a simulator.
pub(super) const fn staged(
    press: &'static [KeyPress],
    command: Command,
    [name, help]: [&'static str; 2],
) -> KeyBinding {
    KeyBinding { group: KeyGroup::Demo, ..safe(press, command, [name, "", help]) }
}

/// A key that works in one kind of overlay only.
pub(super) const fn modal(
    kind: ModalKind,
    press: &'static [KeyPress],
    command: ModalCommand,
    texts: [&'static str; 3],
) -> KeyBinding {
    let key = safe(press, Command::InModal(command), texts);
    KeyBinding { on: KeyContext::Modal(kind), group: KeyGroup::Overlay, ..key }
}
