//! From a key to its command, and from a command to its effect.

use crossterm::event::KeyEvent;

use crate::desk::acts::question::QuestionKind;
use crate::desk::acts::rules::{act_of, offered};
use crate::desk::command::Command;
use crate::desk::export::clip::ExportFormat;
use crate::desk::input::key_press::KeyPress;
use crate::desk::input::key_table::{KEYS, KeyBinding, KeyContext};
use crate::desk::link::LinkState;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;
use crate::desk::modal::palette::Palette;
use crate::desk::update::acts::ask::{ask, toggle_fast};
use crate::desk::update::acts::go_ahead::go_ahead;
use crate::desk::update::acts::marks::{clear_marks, mark_filtered, mark_range, toggle_mark};
use crate::desk::update::acts::questions::{ask_question, do_or_ask};
use crate::desk::update::acts::undo::{retry, undo};
use crate::desk::update::export::{copy_request, copy_row, export};
use crate::desk::update::journal_read::ask_evidence;
use crate::desk::update::navigate::{back, go_in, go_out, open_details};
use crate::desk::update::presenter::{open_faults, step_presentation, toggle_notes};
use crate::desk::update::privacy::begin_privacy_mode;
use crate::desk::update::select::{acknowledge, focus_waiting, next_alert, step_call, travel};
use crate::desk::update::view::{ask_filter, filter_by, follow, resize_pane, sort_next, sort_reverse};
use crate::desk::vocab::{Motion, Pane, StepDirection};
use crate::desk::{Desk, Effect, Modal, Risk};
use crate::floor::CallKind;

/// Runs a key's command, if it is possible now. Acts check the rule again and keep a refusal in the operations pane.
pub(in crate::desk) fn invoke(desk: &mut Desk, key: &'static KeyBinding) -> Vec<Effect> {
    match offered(desk, key.command) {
        Err(reason) if key.risk == Risk::Safe => {
            desk.warn(format!("{}: {reason}", key.name));
            Vec::new()
        }
        Ok(()) | Err(_) => perform(desk, key.command),
    }
}

/// Focuses a pane, if this terminal has room for it.
fn focus(desk: &mut Desk, pane: Pane) {
    if desk.board.sizes.has_pane(pane) {
        return desk.board.selection.focus(pane);
    }
    let columns = Desk::WIDE;
    desk.say(format!("the {} pane needs a terminal of {columns} columns", pane.name()));
}

/// Focuses the next pane in a direction that this terminal has room for.
fn focus_next(desk: &mut Desk, next: impl Fn(Pane) -> Pane) {
    let from = next(desk.pane());
    let pane = if desk.board.sizes.has_pane(from) { from } else { next(from) };
    desk.board.selection.focus(pane);
}

/// Opens the palette; for a command that needs words after its name, with the name already typed.
fn ask_palette(desk: &mut Desk, command: Command) {
    let name = KEYS.iter().find(|it| it.command == command).map_or("", |it| it.name);
    let begun = if command == Command::Palette { String::new() } else { format!("{name} ") };
    desk.modal = Modal::Palette(Palette::begun(&begun));
}

/// Asks for the act of a command.
fn ask_command(desk: &mut Desk, command: Command) {
    if let Some(act) = act_of(desk, command) {
        ask(desk, act);
    }
}

fn open_timeline(desk: &mut Desk) {
    match desk.timeline_of_selection() {
        Some(view) => desk.modal = Modal::Timeline(view),
        None => desk.say("no call is selected"),
    }
}

pub(in crate::desk) fn perform(desk: &mut Desk, command: Command) -> Vec<Effect> {
    match command {
        Command::Move(motion) => travel(desk, motion),
        Command::Focus(pane) => focus(desk, pane),
        Command::NextPane => focus_next(desk, Pane::next),
        Command::PreviousPane => focus_next(desk, Pane::previous),
        Command::GoIn => return go_in(desk),
        Command::GoOut => go_out(desk),
        Command::Open => return open_details(desk),
        Command::Back => back(desk),
        Command::Help => desk.modal = Modal::Help(HelpView::default()),
        Command::OtherKeys => tell_other_keys(desk),
        Command::Mark => toggle_mark(desk),
        Command::MarkRange => mark_range(desk),
        Command::MarkFiltered => mark_filtered(desk),
        Command::ClearMarks => clear_marks(desk),
        Command::Evidence => return ask_evidence(desk),
        Command::Copy => return copy_row(desk),
        Command::CopyRequest => return copy_request(desk),
        Command::Export => return export(desk, ExportFormat::default()),
        Command::Undo => undo(desk),
        Command::Retry => retry(desk),
        Command::NextAlert => next_alert(desk),
        Command::Acknowledge => acknowledge(desk),
        Command::Waiting => focus_waiting(desk),
        Command::Timeline => open_timeline(desk),
        Command::LastHour => desk.modal = Modal::LastHour(LastHour::default()),
        Command::Filter => ask_filter(desk),
        Command::ClearFilter => clear_filter(desk),
        Command::NextCall => step_call(desk, Motion::Down),
        Command::PreviousCall => step_call(desk, Motion::Up),
        Command::Sort => sort_next(desk),
        Command::SortReverse => sort_reverse(desk),
        Command::Follow => follow(desk),
        Command::Reread => return reread(desk),
        Command::Pause => pause(desk),
        Command::ReadOnly => toggle_read_only(desk),
        Command::PrivacyMode => return toggle_privacy(desk),
        Command::Fast => toggle_fast(desk),
        Command::Grow => resize_pane(desk, true),
        Command::Shrink => resize_pane(desk, false),
        Command::StepPresentation(way) => return step_presentation(desk, way),
        Command::Notes => return toggle_notes(desk),
        Command::Restart => ask_question(desk, QuestionKind::Restart),
        Command::SimSettings => return open_faults(desk),
        Command::Reload => return vec![Effect::Reload],
        Command::Redraw => return vec![Effect::Redraw],
        Command::Suspend => return vec![Effect::Suspend],
        Command::Quit => return quit(desk),
        Command::Interrupt => return interrupt(desk),
        Command::Palette | Command::Columns | Command::Force | Command::GoToCall | Command::GoToOperation => {
            ask_palette(desk, command);
        }
        Command::Mute | Command::Release | Command::Hold | Command::ToggleSelf | Command::Remove | Command::HangUp => {
            ask_command(desk, command);
        }
        Command::InModal(_) => {}
    }
    Vec::new()
}

fn toggle_read_only(desk: &mut Desk) {
    let is_read_only = desk.acts.idle.toggle();
    desk.say(if is_read_only { "read only: acts are off" } else { "acts are on" });
}

fn reread(desk: &mut Desk) -> Vec<Effect> {
    match desk.link.state() {
        LinkState::Live => {}
        LinkState::Down { .. } => {
            desk.say("connecting to the relay now");
            return vec![Effect::Reconnect];
        }
        LinkState::Connecting | LinkState::Filling => {
            desk.say("already connecting to the relay");
            return Vec::new();
        }
        LinkState::Refused(_) => {
            desk.warn(
                "the relay refuses this console, which does not try again; fix the cause and start the console again",
            );
            return Vec::new();
        }
    }
    let Some(call) = desk.call() else { return Vec::new() };
    let (number, roster, call) = (call.number.0, call.kind != CallKind::OneToOne, call.id.clone());
    desk.say(format!("reading call {number} from Graph"));
    vec![Effect::Reread { call, roster }]
}

fn pause(desk: &mut Desk) {
    let at = desk.shown_at();
    desk.floors.toggle_pause(at);
    desk.board.view.renew();
}

/// Begins privacy mode, or ends it; asks before the end if the key may be part of a text.
fn toggle_privacy(desk: &mut Desk) -> Vec<Effect> {
    if desk.is_private() {
        return do_or_ask(desk, QuestionKind::EndPrivacy);
    }
    begin_privacy_mode(desk);
    Vec::new()
}

fn quit(desk: &mut Desk) -> Vec<Effect> {
    if desk.unproven() {
        ask_question(desk, QuestionKind::Quit);
        return Vec::new();
    }
    do_or_ask(desk, QuestionKind::Quit)
}

fn interrupt(desk: &mut Desk) -> Vec<Effect> {
    if desk.input.interrupt.press(desk.clock.key_times().read()) {
        return vec![Effect::Quit];
    }
    let press = desk.input.keymap.shortcut_for(Command::Interrupt);
    desk.say(format!("press {press} once more to quit"));
    Vec::new()
}

pub(in crate::desk) fn command_key(desk: &mut Desk, event: KeyEvent) -> Vec<Effect> {
    if let Some(way) = desk.control().filter(|it| it.audience()).and_then(|_| StepDirection::clicked(event)) {
        return perform(desk, Command::StepPresentation(way));
    }
    let Some(key) = desk.input.keymap.find(desk.board.selection.pane(), event) else {
        if let Some(KeyBinding { on: KeyContext::Pane(pane), hint, .. }) = desk.input.keymap.find_any(event) {
            desk.say(format!("{hint} works in the {} pane", pane.name()));
        } else {
            say_no_command(desk, event);
        }
        return Vec::new();
    };
    press_key(desk, key)
}

/// Says that a key runs no command here. A key that types nothing and has no name is ignored.
fn say_no_command(desk: &mut Desk, event: KeyEvent) {
    let Some(press) = KeyPress::of(event) else { return };
    let text = match press.code.as_char() {
        Some(letter) if !letter.is_ascii() && letter.is_alphabetic() => {
            let keys = desk.input.keymap.shortcut_for(Command::OtherKeys);
            format!("{press}: the keys are Latin letters; {keys} says how to use others")
        }
        Some(_) | None => {
            let help = desk.input.keymap.shortcut_for(Command::Help);
            format!("{press} is not a command here; {help} shows the keys")
        }
    };
    desk.say_as_it_is(text);
}

/// Says how to give commands other keys.
fn tell_other_keys(desk: &mut Desk) {
    let reload = desk.input.keymap.shortcut_for(Command::Reload);
    desk.say_as_it_is(format!(
        "[keys] in the settings file, as in mute = [\"m\", \"\u{44c}\"], then {reload}; callboard guide settings explains it"
    ));
}

/// Runs a key's command as a key press.
pub(in crate::desk) fn press_key(desk: &mut Desk, key: &'static KeyBinding) -> Vec<Effect> {
    // In FAST, only a key press is sent without a confirmation.
    desk.acts.fast.begin_key();
    let mut effects = invoke(desk, key);
    desk.acts.fast.end_key();
    // Without a delay it goes ahead at once.
    effects.extend(go_ahead(desk));
    effects
}

fn clear_filter(desk: &mut Desk) {
    let pane = desk.pane();
    filter_by(desk, pane, None);
}
