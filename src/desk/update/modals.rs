//! What a key, a paste or the wheel does while an overlay is open.

mod panel;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::desk::acts::confirm::{Confirm, ConfirmDecision};
use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_press::KeyPress;
use crate::desk::input::key_table::{KeyBinding, ModalKind};
use crate::desk::modal::ModalOutcome;
use crate::desk::modal::details::{DetailsSubject, DetailsView};
use crate::desk::modal::filter_prompt::FilterPrompt;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;
use crate::desk::modal::scroll::{ScrollExtent, ScrollOffset};
use crate::desk::update::acts::questions::{interrupt_going_ahead, press_question};
use crate::desk::update::acts::send::decide;
use crate::desk::update::modals::panel::press_panel;
use crate::desk::update::palette::press_palette;
use crate::desk::update::perform::{command_key, press_key};
use crate::desk::update::select::{go_to_row, travel};
use crate::desk::update::timeline::press_timeline;
use crate::desk::update::view::filter_by;
use crate::desk::vocab::{Motion, Pane};
use crate::desk::{Desk, Effect, Modal, Risk};
use crate::floor::MinuteSample;

/// Handles a key that was pressed while `over` was open; without an overlay the key runs a command of the pane.
pub(in crate::desk) fn pressed_over(desk: &mut Desk, mut over: Modal, key: KeyEvent) -> Vec<Effect> {
    if over.goes_ahead() {
        let stops = desk.input.keymap.find_any(key).is_some_and(|it| it.command == Command::Back);
        interrupt_going_ahead(desk, over, stops);
        return Vec::new();
    }
    if says_no_meaning(desk, &over, key) {
        if desk.modal == Modal::None {
            desk.modal = over;
        }
        return Vec::new();
    }
    let binding = over.kind().and_then(|it| desk.input.keymap.find_in(it, key));
    let meant = binding.map(|it| it.command);
    let outcome = match &mut over {
        Modal::None => return command_key(desk, key),
        Modal::Confirm(confirm) => press_confirm(desk, confirm, key, meant),
        Modal::Help(help) => press_help(help, key, meant),
        Modal::Details(details) => press_details(desk, details, binding),
        Modal::Evidence(evidence) if meant == Some(Command::Evidence) && evidence.is_part() => {
            evidence.toggle_whole();
            ModalOutcome::STAY
        }
        Modal::Evidence(evidence) => {
            let outcome = scroll(meant, evidence.offset_mut());
            desk.board.display.keep_evidence_place(evidence.place());
            outcome
        }
        Modal::Filter(prompt) => press_filter(desk, prompt, key, meant),
        Modal::Palette(palette) => press_palette(desk, palette, key, meant),
        Modal::Timeline(view) => press_timeline(desk, view, meant),
        Modal::LastHour(last) => press_last_hour(&desk.hour(), last, meant),
        Modal::SimSettings(panel) => press_panel(desk, panel, (key, meant)),
        Modal::Question(question) => press_question(desk, question, meant),
    };
    match outcome {
        ModalOutcome::Stay(effects) => {
            desk.modal = over;
            effects
        }
        ModalOutcome::Close(effects) => effects,
        ModalOutcome::Replace(next) => {
            desk.modal = *next;
            Vec::new()
        }
        ModalOutcome::Run(key) => press_key(desk, key),
    }
}

/// Scrolls by a motion; any other command closes the overlay.
fn scroll(meant: Option<Command>, offset: &mut ScrollOffset) -> ModalOutcome {
    let Some(Command::Move(motion)) = meant else { return ModalOutcome::CLOSE };
    offset.travel(motion);
    ModalOutcome::STAY
}

/// Handles a letter that has no meaning in this overlay. An act is said not to work in it. In a story, the last hour and
/// evidence the key for help opens the help, and any other letter is said to do nothing, but for the one that opened the
/// overlay, which closes it. Returns whether the letter was handled.
fn says_no_meaning(desk: &mut Desk, over: &Modal, key: KeyEvent) -> bool {
    let Some(kind) = over.kind() else { return false };
    let is_letter = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
    if !is_letter || kind.is_typed() || over.asks() || desk.input.keymap.find_in(kind, key).is_some() {
        return false;
    }
    let found = desk.input.keymap.find_any(key);
    let leave = desk.input.keymap.shortcut_in(kind, Command::Back);
    if let Some(act) = found.filter(|it| it.risk != Risk::Safe && !it.hint.is_empty()) {
        desk.say(format!("{} does not work in the {}; {leave} goes back to the board", act.hint, kind.name()));
        return true;
    }
    let own = match kind {
        ModalKind::Timeline => Command::Timeline,
        ModalKind::LastHour => Command::LastHour,
        ModalKind::Evidence => Command::Evidence,
        // In these, every other key closes.
        ModalKind::Help
        | ModalKind::ListSearch
        | ModalKind::Filter
        | ModalKind::Palette
        | ModalKind::Question
        | ModalKind::TypedQuestion
        | ModalKind::Details
        | ModalKind::OperationDetails
        | ModalKind::SimSettings => return false,
    };
    let command = found.map(|it| it.command);
    if command == Some(own) || command == Some(Command::Quit) {
        return false;
    }
    if command == Some(Command::Help) {
        desk.modal = Modal::Help(HelpView::default());
        return true;
    }
    let press = KeyPress::of(key).map(|it| it.to_string()).unwrap_or_default();
    desk.say_as_it_is(format!("{press} does nothing here; {leave} goes back to the board"));
    true
}

fn press_confirm(desk: &mut Desk, confirm: &mut Confirm, key: KeyEvent, meant: Option<Command>) -> ModalOutcome {
    match confirm.press((key, meant), desk.clock.key_times(), &desk.input.keymap) {
        ConfirmDecision::Open => ModalOutcome::STAY,
        decision @ (ConfirmDecision::Yes | ConfirmDecision::No) => ModalOutcome::Close(decide(desk, confirm, decision)),
    }
}

/// Runs a key of an operation's details as in the operations pane, with the row of that operation selected.
fn press_details(desk: &mut Desk, details: &mut DetailsView, key: Option<&'static KeyBinding>) -> ModalOutcome {
    match (key, details.subject()) {
        (Some(KeyBinding { command: Command::Help, .. }), _) => {
            ModalOutcome::Replace(Box::new(Modal::Help(HelpView::over(details.clone()))))
        }
        (Some(key), DetailsSubject::Row(row)) if !matches!(key.command, Command::Move(_) | Command::Back) => {
            go_to_row(desk, row);
            ModalOutcome::Run(key)
        }
        (key, _) => scroll(key.map(|it| it.command), details.offset_mut()),
    }
}

/// Keeps the offset of the open overlay within what the drawing can show.
pub(in crate::desk) fn overlay_drawn(desk: &mut Desk, extent: ScrollExtent) -> Vec<Effect> {
    if let Some(offset) = desk.modal.offset_mut() {
        offset.fit(extent);
    }
    Vec::new()
}

/// Focuses the pane and moves its selection; or scrolls the open overlay, if it scrolls.
pub(in crate::desk) fn wheeled(desk: &mut Desk, pane: Pane, motion: Motion) {
    desk.acts.idle.touch(desk.clock.wall());
    match &mut desk.modal {
        Modal::None => {
            desk.board.selection.touch();
            desk.board.selection.focus(pane);
            travel(desk, motion);
        }
        Modal::Help(help) => help.offset_mut().travel(motion),
        Modal::Details(details) => details.offset_mut().travel(motion),
        Modal::Evidence(evidence) => evidence.offset_mut().travel(motion),
        Modal::Confirm(_)
        | Modal::Filter(_)
        | Modal::Palette(_)
        | Modal::Timeline(_)
        | Modal::LastHour(_)
        | Modal::SimSettings(_)
        | Modal::Question(_) => {}
    }
}

/// Keeps the typed filter or restores the previous one; a key without a command is text.
fn press_filter(desk: &mut Desk, prompt: &mut FilterPrompt, key: KeyEvent, meant: Option<Command>) -> ModalOutcome {
    match meant {
        Some(Command::Back) => {
            let before = prompt.before().cloned();
            desk.say(before.as_ref().map_or_else(|| "no filter".to_owned(), |it| format!("filter: {}", it.text())));
            filter_by(desk, prompt.pane(), before);
            return ModalOutcome::CLOSE;
        }
        Some(Command::InModal(ModalCommand::Accept)) => {}
        Some(_) | None => {
            if let Ok(filter) = prompt.press(key) {
                filter_by(desk, prompt.pane(), filter);
            }
            return ModalOutcome::STAY;
        }
    }
    match (prompt.error(), prompt.line().text().trim()) {
        (Some(_), _) => {
            prompt.refuse();
            return ModalOutcome::STAY;
        }
        (None, "") => desk.say("no filter"),
        (None, text) => {
            let press = desk.input.keymap.shortcut_for(Command::Filter);
            let clear = desk.input.keymap.shortcut_for(Command::Back);
            desk.say(format!("filter: {text}; {press} changes it, {clear} clears it"));
        }
    }
    ModalOutcome::CLOSE
}

/// Scrolls or searches the help; when it closes, the details under it come back.
fn press_help(help: &mut HelpView, key: KeyEvent, meant: Option<Command>) -> ModalOutcome {
    match meant {
        Some(Command::Move(_)) => return scroll(meant, help.offset_mut()),
        Some(Command::Back) if help.search().is_typing() => help.drop_search(),
        Some(Command::InModal(ModalCommand::Accept)) if help.search().is_typing() => help.keep_search(),
        _ if help.search().is_typing() => help.press(key),
        Some(Command::Filter) => help.begin_search(),
        Some(_) | None => {
            let details = help.uncover().map(|it| Box::new(Modal::Details(it)));
            return details.map_or(ModalOutcome::CLOSE, ModalOutcome::Replace);
        }
    }
    ModalOutcome::STAY
}

fn press_last_hour(hour: &[Option<MinuteSample>], last: &mut LastHour, meant: Option<Command>) -> ModalOutcome {
    match meant {
        Some(Command::Move(_)) => {}
        Some(Command::InModal(ModalCommand::Previous)) => last.step(hour, false),
        Some(Command::InModal(ModalCommand::Next)) => last.step(hour, true),
        Some(_) | None => return ModalOutcome::CLOSE,
    }
    ModalOutcome::STAY
}

/// Inserts pasted text into the filter line; everywhere else it could run a command, and is dropped.
pub(in crate::desk) fn pasted(desk: &mut Desk, text: &str) {
    let Modal::Filter(prompt) = &desk.modal else {
        return desk.warn("pasted text was ignored: only the filter line takes it");
    };
    let mut prompt = prompt.clone();
    if let Ok(filter) = prompt.paste(text) {
        filter_by(desk, prompt.pane(), filter);
    }
    desk.modal = Modal::Filter(prompt);
}
