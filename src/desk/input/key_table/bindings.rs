//! The rows of the key table, and for each the rule that says whether it can be used now.

use crossterm::event::KeyCode;

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_binding::{KeyBinding, KeyContext, ModalKind, Risk};
use crate::desk::input::key_press::{KeyPress, ctrl, key, named};
use crate::desk::vocab::{Motion, Pane, StepDirection};

const fn safe(press: &'static [KeyPress], command: Command, texts: [&'static str; 3]) -> KeyBinding {
    let [name, hint, help] = texts;
    KeyBinding { name, on: KeyContext::Everywhere, press, command, risk: Risk::Safe, hint, help }
}

const fn to(press: &'static [KeyPress], motion: Motion, texts: [&'static str; 2]) -> KeyBinding {
    let [name, help] = texts;
    safe(press, Command::Move(motion), [name, "", help])
}

const fn live(press: &'static [KeyPress], command: Command, texts: [&'static str; 3]) -> KeyBinding {
    let [name, hint, help] = texts;
    KeyBinding { name, on: KeyContext::Pane(Pane::Participants), press, command, risk: Risk::Live, hint, help }
}

/// A key that only a simulator gives a meaning to.
const fn staged(press: &'static [KeyPress], command: Command, texts: [&'static str; 2]) -> KeyBinding {
    let [name, help] = texts;
    safe(press, command, [name, "", help])
}

/// A key of a modal.
const fn modal(
    kind: ModalKind,
    press: &'static [KeyPress],
    command: ModalCommand,
    texts: [&'static str; 3],
) -> KeyBinding {
    KeyBinding { on: KeyContext::Modal(kind), ..safe(press, Command::InModal(command), texts) }
}

/// Every key, in the order of the help and the footer.
pub const KEYS: &[KeyBinding] = &[
    live(&[key('m')], Command::Mute, ["mute", "mute", "Mute the participant. One-way: only they can unmute."]),
    live(&[key('r')], Command::Release, ["release", "release", "Bring the participant back from hold."]),
    live(&[key('H')], Command::Hold, ["hold", "hold", "Put the participant on hold; one at a time in a call."]),
    KeyBinding {
        risk: Risk::Destructive,
        ..live(
            &[key('X')],
            Command::Remove,
            ["remove", "remove", "Remove the participant; type the name as shown, or REMOVE, to confirm."],
        )
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        ..live(
            &[key('s')],
            Command::ToggleSelf,
            ["mute-self", "self", "Mute or unmute the application itself in this call."],
        )
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        risk: Risk::Destructive,
        ..live(
            &[],
            Command::HangUp,
            ["hang-up", "hang up", "End the application's own leg of this call; type HANG UP to confirm."],
        )
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        ..live(
            &[],
            Command::Force,
            ["force", "", "Ask although the line is down or a hold is not known: force mute, force release."],
        )
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        ..live(&[key('u')], Command::Undo, ["undo", "undo", "Take back your last operation, or say why not."])
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        ..live(&[key('R')], Command::Retry, ["retry", "retry", "Ask again for what failed; with a confirm."])
    },
    safe(&[key(':')], Command::Palette, ["palette", "command", "Type a command: every key is one, by its name."]),
    safe(&[], Command::Columns, ["columns", "", "Choose this pane's columns: columns NAME, NAME:WIDTH, …"]),
    safe(
        &[],
        Command::Reload,
        ["reload", "", "Read the settings file again; it is looked at every two seconds anyway."],
    ),
    safe(&[key('!')], Command::NextAlert, ["next-alert", "alert", "Go to the next who waits too long, worst first."]),
    safe(&[key('a')], Command::Acknowledge, ["acknowledge", "ack", "Acknowledge the alert of what is selected."]),
    safe(&[key('w')], Command::Waiting, ["waiting", "", "List everyone on hold or in a lobby, longest first."]),
    safe(&[key('S')], Command::Timeline, ["story", "", "Show this call's story: a lane a person, over time."]),
    safe(&[key('V')], Command::LastHour, ["floor", "", "Show the floor's last hour: calls, held, muted, proofs."]),
    safe(
        &[key('/')],
        Command::Filter,
        ["filter", "filter", "Filter this pane; !text inverts, field:value looks closer."],
    ),
    safe(&[], Command::ClearFilter, ["clear-filter", "", "Clear the filter of this pane."]),
    safe(&[key('n')], Command::NextCall, ["next-call", "", "Select the next call that is shown, from any pane."]),
    safe(&[key('N')], Command::PreviousCall, ["previous-call", "", "Select the call before, from any pane."]),
    safe(&[key('o')], Command::Sort, ["sort", "", "Sort this pane by its next column."]),
    safe(&[key('O')], Command::SortReverse, ["sort-reverse", "", "Turn the sort of this pane round."]),
    safe(&[key('A')], Command::Follow, ["follow", "", "Let the selection follow the newest call."]),
    KeyBinding {
        on: KeyContext::Pane(Pane::Participants),
        ..safe(
            &[key(' ')],
            Command::Mark,
            ["mark", "mark", "Mark the participant, or take the mark away; m, r and X are about the marked."],
        )
    },
    KeyBinding {
        on: KeyContext::Pane(Pane::Participants),
        ..safe(&[key('v')], Command::MarkRange, ["mark-range", "", "Mark everyone from the last mark to here."])
    },
    safe(&[key('\\')], Command::ClearMarks, ["clear-marks", "", "Take every mark away."]),
    safe(&[key('i')], Command::Evidence, ["evidence", "evidence", "Show the journal's record of what is selected."]),
    safe(&[key('y')], Command::Copy, ["copy", "", "Copy the selected row."]),
    safe(
        &[key('Y')],
        Command::CopyRequest,
        ["copy-request", "", "Copy the request as curl, with $TOKEN for the token."],
    ),
    safe(
        &[ctrl('s')],
        Command::Export,
        ["export", "", "Write what the pane shows to a new file: export csv, markdown."],
    ),
    safe(
        &[],
        Command::MarkFiltered,
        ["mark-filtered", "", "Mark everyone in this call whom the pane's filter lets through."],
    ),
    safe(&[key('?')], Command::Help, ["help", "help", "Show the keys; / searches them."]),
    safe(&[key('q')], Command::Quit, ["quit", "quit", "Quit; asks while an operation of yours has no proof yet."]),
    safe(&[named(KeyCode::Enter)], Command::Open, ["open", "details", "Show everything about what is selected."]),
    safe(&[ctrl('r')], Command::Reread, ["re-read", "re-read", "Read this call from Graph again."]),
    safe(
        &[key('p')],
        Command::Pause,
        ["pause", "pause", "Pause the display, or go on; changes are counted meanwhile."],
    ),
    safe(&[key('W')], Command::ReadOnly, ["read-only", "read only", "Acts off, or on."]),
    safe(
        &[key('P')],
        Command::PrivacyMode,
        [
            "private",
            "",
            "Privacy mode: names, numbers, subjects, tenants and ids are others on this screen; acts are not.",
        ],
    ),
    safe(
        &[],
        Command::Fast,
        [
            "fast",
            "",
            "FAST: mute, release, hold and self act at once on who is selected; others are confirmed. Again: off.",
        ],
    ),
    safe(&[key('+')], Command::Grow, ["grow", "", "Give this pane more room."]),
    safe(&[key('_')], Command::Shrink, ["shrink", "", "Give this pane less room."]),
    safe(&[ctrl('l')], Command::Redraw, ["redraw", "", "Draw the whole screen again."]),
    safe(&[ctrl('z')], Command::Suspend, ["suspend", "", "Suspend callboard; the shell's fg brings it back."]),
    safe(&[ctrl('c')], Command::Interrupt, ["interrupt", "", "Quit, when pressed twice within 2 seconds."]),
    safe(&[named(KeyCode::Esc)], Command::Back, ["back", "", "Back; never quits."]),
    safe(&[named(KeyCode::Tab)], Command::NextPane, ["next-pane", "", "Next pane."]),
    safe(&[named(KeyCode::BackTab)], Command::PreviousPane, ["previous-pane", "", "Pane before."]),
    safe(&[key('1')], Command::Focus(Pane::Calls), ["calls", "", "Calls."]),
    safe(&[key('2')], Command::Focus(Pane::Participants), ["participants", "", "Participants."]),
    safe(&[key('3')], Command::Focus(Pane::Operations), ["operations", "", "Operations."]),
    to(&[key('j'), named(KeyCode::Down)], Motion::Down, ["down", "One row down."]),
    to(&[key('k'), named(KeyCode::Up)], Motion::Up, ["up", "One row up."]),
    to(&[key('g'), named(KeyCode::Home)], Motion::First, ["first", "First row."]),
    to(&[key('G'), named(KeyCode::End)], Motion::Last, ["last", "Last row."]),
    to(&[named(KeyCode::PageDown)], Motion::PageDown, ["page-down", "A page down; with --audience the next step."]),
    to(&[named(KeyCode::PageUp)], Motion::PageUp, ["page-up", "A page up; with --audience the step before."]),
    to(&[ctrl('d')], Motion::HalfDown, ["half-page-down", "Half a page down."]),
    to(&[ctrl('u')], Motion::HalfUp, ["half-page-up", "Half a page up."]),
    staged(
        &[key('.')],
        Command::StepPresentation(StepDirection::Next),
        ["next-step", "Next step of the presentation; with --audience PgDn too."],
    ),
    staged(
        &[key(',')],
        Command::StepPresentation(StepDirection::Previous),
        ["previous-step", "Step before; with --audience PgUp too."],
    ),
    staged(&[key('D')], Command::Notes, ["notes", "Show the presenter's notes, or take them away."]),
    staged(&[key('F')], Command::SimSettings, ["faults", "Show and change the simulator's settings and faults."]),
    staged(&[key('B')], Command::Restart, ["restart", "Begin the scenario again, with new calls; asks first."]),
    modal(
        ModalKind::Question,
        &[key('y')],
        ModalCommand::Yes,
        ["yes", "yes", "Answer yes; as fast as a paste it waits."],
    ),
    modal(ModalKind::Question, &[key('n')], ModalCommand::No, ["no", "no", "Answer no."]),
    modal(
        ModalKind::Timeline,
        &[named(KeyCode::Left), key('h')],
        ModalCommand::Previous,
        ["moment-before", "moment before", "Select the moment before on this lane."],
    ),
    modal(
        ModalKind::Timeline,
        &[named(KeyCode::Right), key('l')],
        ModalCommand::Next,
        ["moment-after", "moment after", "Select the moment after on this lane."],
    ),
    modal(
        ModalKind::Timeline,
        &[key('z')],
        ModalCommand::Zoom,
        ["zoom", "zoom", "Show the whole call, or less of it."],
    ),
    modal(
        ModalKind::LastHour,
        &[named(KeyCode::Left), key('h')],
        ModalCommand::Previous,
        ["minute-before", "minute before", "Read the minute before."],
    ),
    modal(
        ModalKind::LastHour,
        &[named(KeyCode::Right), key('l')],
        ModalCommand::Next,
        ["minute-after", "minute after", "Read the minute after."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key('h'), named(KeyCode::Left)],
        ModalCommand::Previous,
        ["value-before", "before", "Give the setting the value before; in a list, select the word before."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key('l'), named(KeyCode::Right)],
        ModalCommand::Next,
        ["value-after", "next", "Give the setting the next value; in a list, select the next word."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key(' ')],
        ModalCommand::Take,
        ["value-take", "", "Do the action, change the value, or take the word into the list or out."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key('0')],
        ModalCommand::Default,
        ["value-default", "default", "Give the setting its default."],
    ),
];
