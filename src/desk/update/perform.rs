//! From a key to its command, and from a command to its effect.

use crossterm::event::KeyEvent;

use crate::desk::acts::question::QuestionKind;
use crate::desk::acts::rules::offered;
use crate::desk::command::Command;
use crate::desk::export::clip::ExportFormat;
use crate::desk::input::key_table::{KeyBinding, KeyContext};
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;
use crate::desk::modal::palette::Palette;
use crate::desk::update::acts::ask::{ask, toggle_fast};
use crate::desk::update::acts::go_ahead::go_ahead;
use crate::desk::update::acts::marks::{clear_marks, mark_filtered, mark_range, toggle_mark};
use crate::desk::update::acts::questions::{ask_question, do_or_ask};
use crate::desk::update::acts::send::stop_bulk;
use crate::desk::update::acts::undo::{retry, undo};
use crate::desk::update::export::{copy_request, copy_row, export};
use crate::desk::update::journal_read::{ask_evidence, open_operation};
use crate::desk::update::presenter::{open_faults, step_presentation, toggle_notes};
use crate::desk::update::privacy::begin_privacy_mode;
use crate::desk::update::select::{acknowledge, focus_waiting, next_alert, step_call, travel};
use crate::desk::update::view::{ask_filter, filter_by, follow, resize_pane, sort_next, sort_reverse};
use crate::desk::vocab::{Motion, Pane, RowId, StepDirection};
use crate::desk::{Desk, Effect, Modal, Risk};
use crate::floor::{Act, CallKind};

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

/// Opens the palette with this text already typed.
fn ask_palette(desk: &mut Desk, begun: &str) {
    desk.modal = Modal::Palette(Palette::begun(begun));
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
        Command::Focus(pane) => desk.board.selection.focus(pane),
        Command::NextPane => desk.board.selection.focus(desk.pane().next()),
        Command::PreviousPane => desk.board.selection.focus(desk.pane().previous()),
        Command::Open => return open_details(desk),
        Command::Back => {
            stop_bulk(desk);
        }
        Command::Help => desk.modal = Modal::Help(HelpView::default()),
        Command::Mute => ask(desk, Act::Mute),
        Command::Release => ask(desk, Act::Release),
        Command::Hold => ask(desk, Act::Hold),
        Command::ToggleSelf => ask_own_toggle(desk),
        Command::Remove => ask(desk, Act::Remove),
        Command::HangUp => ask(desk, Act::HangUp),
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
        Command::Palette => ask_palette(desk, ""),
        Command::Columns => ask_palette(desk, "columns "),
        Command::Force => ask_palette(desk, "force "),
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
        Command::Quit => return quit(desk),
        Command::Interrupt => return interrupt(desk),
        Command::InModal(_) => {}
    }
    Vec::new()
}

fn toggle_read_only(desk: &mut Desk) {
    let is_read_only = desk.acts.idle.toggle();
    desk.say(if is_read_only { "read only: acts are off" } else { "acts are on" });
}

fn open_details(desk: &mut Desk) -> Vec<Effect> {
    match desk.board.selection.focused_row() {
        Some(RowId::Bulk(serial)) => {
            desk.acts.bulk.toggle_rows(*serial);
            return Vec::new();
        }
        Some(RowId::Operation(number)) => return open_operation(desk, *number),
        Some(RowId::Pending(_)) | None => {}
    }
    let selection = &desk.board.selection;
    let details = match selection.pane() {
        Pane::Calls => selection.call().cloned().map(DetailsView::of_call),
        Pane::Waiting | Pane::Participants => selection
            .call()
            .cloned()
            .zip(selection.participant().cloned())
            .map(|(call, who)| DetailsView::of_who(call, who)),
        Pane::Operations => selection.row().cloned().map(DetailsView::of_row),
        Pane::Events => None,
    };
    match details {
        Some(details) => desk.modal = Modal::Details(details),
        None => desk.say("nothing is selected here"),
    }
    Vec::new()
}

fn reread(desk: &mut Desk) -> Vec<Effect> {
    let Some(call) = desk.call() else { return Vec::new() };
    let (number, roster, call) = (call.number.0, call.kind != CallKind::OneToOne, call.id.clone());
    desk.say(format!("reading call {number} from Graph"));
    vec![Effect::Reread { call, roster }]
}

fn pause(desk: &mut Desk) {
    let at = desk.shown_at();
    desk.floors.toggle_pause(at);
}

/// Begins privacy mode; ends it, unless the key may be part of a text.
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
    if desk.input.interrupt.press(desk.clock.wall()) {
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
        }
        return Vec::new();
    };
    press_key(desk, key)
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

fn ask_own_toggle(desk: &mut Desk) {
    let act = desk.own_toggle();
    ask(desk, act);
}

fn clear_filter(desk: &mut Desk) {
    let pane = desk.pane();
    filter_by(desk, pane, None);
}
