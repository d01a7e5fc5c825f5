//! The rows of the key table.

use crossterm::event::KeyCode;

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_binding::{KeyBinding, KeyContext, ModalKind, Risk};
use crate::desk::input::key_press::{ctrl, key, named};
use crate::desk::input::key_table::rows::{go, live, look, mark, modal, safe, staged, to};
use crate::desk::vocab::{Motion, Pane, StepDirection};

/// Every key, in the order of the help and the footer.
pub const KEYS: &[KeyBinding] = &[
    live(&[key('m')], Command::Mute, ["mute", "mute", "Mute the participant. One-way: only they can unmute."]),
    live(&[key('r')], Command::Release, ["release", "release", "Take the participant off hold."]),
    live(
        &[key('H')],
        Command::Hold,
        ["hold", "hold", "Put the participant on hold. A call can have one person on hold at a time."],
    ),
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
            ["force", "", "Ask for an act although the line is down or a hold is unknown, as in: force mute."],
        )
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        ..live(&[key('u')], Command::Undo, ["undo", "undo", "Undo your last operation, or say why that is impossible."])
    },
    KeyBinding {
        on: KeyContext::Everywhere,
        ..live(&[key('R')], Command::Retry, ["retry", "retry", "Try a failed operation again, after a confirmation."])
    },
    safe(&[key(':')], Command::Palette, ["palette", "command", "Type the name of a command; every key has one."]),
    safe(&[], Command::Columns, ["columns", "", "Choose the columns of this pane: columns NAME, NAME:WIDTH, …"]),
    safe(
        &[],
        Command::Reload,
        ["reload", "", "Read the settings file now; callboard checks it every two seconds anyway."],
    ),
    go(
        &[key('!')],
        Command::NextAlert,
        ["next-alert", "next", "Go down the alerts: people in Waiting from the top, then quiet calls."],
    ),
    mark(
        &[key('a')],
        Command::Acknowledge,
        ["acknowledge", "ack", "Acknowledge the alert of the selected call or person."],
    ),
    go(
        &[key('w')],
        Command::Waiting,
        ["waiting", "", "Go to everyone who waits, the most overdue first; again: on the whole board."],
    ),
    look(
        &[key('S')],
        Command::Timeline,
        ["story", "story", "Show the timeline of this call, with one lane per person."],
    ),
    look(
        &[key('V')],
        Command::LastHour,
        ["floor", "", "Show charts of the last hour: calls, holds, mutes and proofs."],
    ),
    safe(
        &[key('/')],
        Command::Filter,
        ["filter", "filter", "Filter this pane: text, !text for its absence, field:value for one field."],
    ),
    safe(&[], Command::ClearFilter, ["clear-filter", "", "Clear the filter of this pane."]),
    go(&[key('n')], Command::NextCall, ["next-call", "", "Select the next call in the list, from any pane."]),
    go(
        &[key('N')],
        Command::PreviousCall,
        ["previous-call", "", "Select the previous call in the list, from any pane."],
    ),
    safe(&[key('o')], Command::Sort, ["sort", "", "Sort this pane by its next column."]),
    safe(&[key('O')], Command::SortReverse, ["sort-reverse", "", "Reverse the sort order of this pane."]),
    go(&[key('A')], Command::Follow, ["follow", "", "Keep the newest call selected, or stop."]),
    KeyBinding {
        on: KeyContext::Pane(Pane::Participants),
        ..mark(
            &[key(' ')],
            Command::Mark,
            [
                "mark",
                "mark",
                "Mark the participant or remove the mark; mute, release and remove then act on everyone marked.",
            ],
        )
    },
    KeyBinding {
        on: KeyContext::Pane(Pane::Participants),
        ..mark(
            &[key('v')],
            Command::MarkRange,
            ["mark-range", "", "Mark everyone from the last mark to the selected row."],
        )
    },
    mark(&[key('\\')], Command::ClearMarks, ["clear-marks", "", "Remove every mark."]),
    look(&[key('i')], Command::Evidence, ["evidence", "evidence", "Show the journal's record of the selected row."]),
    look(&[key('y')], Command::Copy, ["copy", "", "Copy the selected row."]),
    look(
        &[key('Y')],
        Command::CopyRequest,
        ["copy-request", "", "Copy the request as curl, with $TOKEN for the token."],
    ),
    safe(
        &[ctrl('s')],
        Command::Export,
        ["export", "", "Write the rows of this pane to a new file: export csv, or export markdown."],
    ),
    mark(
        &[],
        Command::MarkFiltered,
        ["mark-filtered", "", "Mark everyone in this call who matches the filter of the pane."],
    ),
    look(&[key('?'), named(KeyCode::F(1))], Command::Help, ["help", "help", "Show the keys, and search them."]),
    safe(
        &[key('q')],
        Command::Quit,
        [
            "quit",
            "quit",
            "Quit a moment later, if no key follows; asks amid other letters, or while an operation has no proof.",
        ],
    ),
    look(&[key('d')], Command::Open, ["open", "details", "Show the details of the selected row."]),
    look(
        &[ctrl('r')],
        Command::Reread,
        ["re-read", "re-read", "Read this call from Graph again; without a line, connect again now."],
    ),
    safe(&[key('p')], Command::Pause, ["pause", "pause", "Pause the display and count the changes, or resume."]),
    safe(&[key('W')], Command::ReadOnly, ["read-only", "read only", "Turn acts off, or on again."]),
    safe(
        &[key('P')],
        Command::PrivacyMode,
        [
            "private",
            "",
            "Show invented names, numbers, subjects, tenants and ids (privacy mode); acts reach the real people.",
        ],
    ),
    safe(
        &[],
        Command::OtherKeys,
        ["keys", "", "Say how to give commands other keys, and where the guide explains it."],
    ),
    safe(
        &[],
        Command::Fast,
        [
            "fast",
            "",
            "Send mute, release and self for the selected row without a confirmation (FAST), or confirm all again.",
        ],
    ),
    safe(&[key('+')], Command::Grow, ["grow", "", "Give this pane more room."]),
    safe(&[key('_')], Command::Shrink, ["shrink", "", "Give this pane less room."]),
    safe(&[ctrl('l')], Command::Redraw, ["redraw", "", "Draw the whole screen again."]),
    safe(&[ctrl('z')], Command::Suspend, ["suspend", "", "Suspend callboard; the shell's fg brings it back."]),
    safe(&[ctrl('c')], Command::Interrupt, ["interrupt", "", "Quit, when pressed twice within 2 seconds."]),
    go(
        &[named(KeyCode::Esc)],
        Command::Back,
        [
            "back",
            "",
            "Close the overlay, stop a bulk act, clear the filter of this pane, or go back to the calls; never quits.",
        ],
    ),
    go(
        &[named(KeyCode::Enter), key('l'), named(KeyCode::Right)],
        Command::GoIn,
        ["go-in", "go in", "Go into the selected call; on a person or an operation, show the details."],
    ),
    go(&[key('h'), named(KeyCode::Left)], Command::GoOut, ["go-out", "", "Go back from the people to the calls."]),
    go(&[], Command::GoToCall, ["call", "", "Go to a call by its number: call 5, or just 5."]),
    go(&[], Command::GoToOperation, ["op", "", "Go to an operation by its number: op 12."]),
    go(&[named(KeyCode::Tab)], Command::NextPane, ["next-pane", "", "Go to the next pane."]),
    go(&[named(KeyCode::BackTab)], Command::PreviousPane, ["previous-pane", "", "Go to the previous pane."]),
    go(&[key('1')], Command::Focus(Pane::Calls), ["calls", "", "Go to the calls."]),
    go(&[key('2')], Command::Focus(Pane::Participants), ["participants", "", "Go to the participants."]),
    go(&[key('3')], Command::Focus(Pane::Operations), ["operations", "", "Go to the operations."]),
    go(&[key('4')], Command::Focus(Pane::Events), ["events", "", "Go to the floor's event log."]),
    to(&[key('j'), named(KeyCode::Down)], Motion::Down, ["down", "Move one row down."]),
    to(&[key('k'), named(KeyCode::Up)], Motion::Up, ["up", "Move one row up."]),
    to(&[key('g'), named(KeyCode::Home)], Motion::First, ["first", "Go to the first row."]),
    to(&[key('G'), named(KeyCode::End)], Motion::Last, ["last", "Go to the last row."]),
    to(
        &[named(KeyCode::PageDown)],
        Motion::PageDown,
        ["page-down", "Move one page down; with --audience, go to the next step."],
    ),
    to(
        &[named(KeyCode::PageUp)],
        Motion::PageUp,
        ["page-up", "Move one page up; with --audience, go to the previous step."],
    ),
    to(&[ctrl('d')], Motion::HalfDown, ["half-page-down", "Move half a page down."]),
    to(&[ctrl('u')], Motion::HalfUp, ["half-page-up", "Move half a page up."]),
    staged(
        &[key('.')],
        Command::StepPresentation(StepDirection::Next),
        ["next-step", "Go to the next step of the presentation."],
    ),
    staged(
        &[key(',')],
        Command::StepPresentation(StepDirection::Previous),
        ["previous-step", "Go to the previous step of the presentation."],
    ),
    staged(&[key('D')], Command::Notes, ["notes", "Show or hide the presenter's notes."]),
    staged(&[key('F')], Command::SimSettings, ["faults", "Show and change the simulator's settings and faults."]),
    staged(&[key('B')], Command::Restart, ["restart", "Restart the scenario with new calls; asks first."]),
    modal(
        ModalKind::Question,
        &[key('y')],
        ModalCommand::Yes,
        ["yes", "yes", "Answer yes. It counts when the question was on the screen and no key came for a moment."],
    ),
    modal(ModalKind::Question, &[key('n')], ModalCommand::No, ["no", "no", "Answer no."]),
    modal(
        ModalKind::TypedQuestion,
        &[named(KeyCode::Enter)],
        ModalCommand::Accept,
        ["confirm-typed", "confirm", "Send the act, if the typed word or name is right."],
    ),
    modal(
        ModalKind::Filter,
        &[named(KeyCode::Enter)],
        ModalCommand::Accept,
        ["keep-filter", "keep", "Keep the filter and go back to the pane."],
    ),
    modal(
        ModalKind::ListSearch,
        &[named(KeyCode::Enter)],
        ModalCommand::Accept,
        ["keep-search", "keep", "Keep the search and scroll through what it found."],
    ),
    modal(
        ModalKind::Palette,
        &[named(KeyCode::Enter)],
        ModalCommand::Accept,
        ["run-command", "run", "Run the selected command."],
    ),
    modal(
        ModalKind::Palette,
        &[named(KeyCode::Tab)],
        ModalCommand::Complete,
        ["complete-command", "complete", "Complete the selected command's name, to type words after it."],
    ),
    modal(
        ModalKind::Palette,
        &[named(KeyCode::Down)],
        ModalCommand::Next,
        ["command-below", "down", "Select the command below."],
    ),
    modal(
        ModalKind::Palette,
        &[named(KeyCode::Up)],
        ModalCommand::Previous,
        ["command-above", "up", "Select the command above."],
    ),
    modal(
        ModalKind::Timeline,
        &[named(KeyCode::Left), key('h')],
        ModalCommand::Previous,
        ["moment-before", "earlier", "Select the previous moment of this lane."],
    ),
    modal(
        ModalKind::Timeline,
        &[named(KeyCode::Right), key('l')],
        ModalCommand::Next,
        ["moment-after", "later", "Select the next moment of this lane."],
    ),
    modal(
        ModalKind::Timeline,
        &[named(KeyCode::Enter)],
        ModalCommand::Take,
        ["moment-open", "operation", "Show the details of the operation at the selected moment."],
    ),
    modal(
        ModalKind::Timeline,
        &[key('z')],
        ModalCommand::Zoom,
        ["zoom", "zoom", "Show the last 60, 15 or 5 minutes, or the whole call again."],
    ),
    modal(
        ModalKind::LastHour,
        &[named(KeyCode::Left), key('h')],
        ModalCommand::Previous,
        ["minute-before", "earlier", "Show the figures of the previous minute."],
    ),
    modal(
        ModalKind::LastHour,
        &[named(KeyCode::Right), key('l')],
        ModalCommand::Next,
        ["minute-after", "later", "Show the figures of the next minute."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key('h'), named(KeyCode::Left)],
        ModalCommand::Previous,
        ["value-before", "previous", "Change the setting to its previous value; in a list, select the previous word."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key('l'), named(KeyCode::Right)],
        ModalCommand::Next,
        ["value-after", "next", "Change the setting to its next value; in a list, select the next word."],
    ),
    modal(
        ModalKind::SimSettings,
        &[named(KeyCode::Enter), key(' ')],
        ModalCommand::Take,
        ["value-take", "do or change", "Run the action, change the value, or add the word to the list or remove it."],
    ),
    modal(
        ModalKind::SimSettings,
        &[key('0')],
        ModalCommand::Default,
        ["value-default", "default", "Reset the setting to its default."],
    ),
];
