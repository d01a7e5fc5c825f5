//! The only way from an event to the effects it asks for.
//!
//! The files below implement each event and each command. They may change several of the desk's states at once; nothing
//! else may, and nothing outside `update` calls them.

mod acts;
mod export;
mod feed;
mod journal_read;
mod modals;
mod navigate;
mod palette;
mod perform;
mod presenter;
mod privacy;
mod select;
mod settings;
mod settle;
mod timeline;
mod view;
mod watch;

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};

use crate::desk::command::Command;
use crate::desk::event::{Effect, Event, InputTime, Stamped};
use crate::desk::input::paste_guard::KeyOrigin;
use crate::desk::input::typing::KeyMeaning;
use crate::desk::update::acts::ask::ask;
use crate::desk::update::acts::go_ahead::go_ahead;
use crate::desk::update::acts::questions::{ask_anew, ask_instead, question_drawn, wake_for_question};
use crate::desk::update::acts::send::{answered, drop_if_stalled, send_next, unfollow};
use crate::desk::update::export::exported;
use crate::desk::update::feed::{fed, reread_answered};
use crate::desk::update::journal_read::evidence_found;
use crate::desk::update::modals::{overlay_drawn, pasted, pressed_over, wheeled};
use crate::desk::update::perform::perform;
use crate::desk::update::presenter::{select_for_step, simulator_answered};
use crate::desk::update::select::{pointed, select};
use crate::desk::update::settings::apply_settings;
use crate::desk::update::settle::{hold_rows, settle};
use crate::desk::update::view::resized;
use crate::desk::update::watch::{ticked, wake_for_progress};
use crate::desk::{Desk, Modal};

/// Handles an event, and returns the effects it asks for.
///
/// Invariant: a `Send` follows only from a yes to an open confirm that named its target and had been on the screen for
/// a moment without a key; from the confirm key after the right word was typed; or, in FAST, from an act on the
/// selected row, after a moment without another key. A bulk act sends some of its requests later.
pub fn update(desk: &mut Desk, stamped: Stamped<Event>) -> Vec<Effect> {
    let ahead = desk.link.ahead();
    let read = stamped.read.map(|it| InputTime { at: it.at + ahead, ..it });
    if desk.clock.set(stamped.at + ahead, stamped.wall, read) {
        ask_anew(desk);
    }
    drop_if_stalled(desk);
    // No row moves under a question.
    if desk.modal.frozen_order().is_none() {
        desk.board.hold.expire(desk.clock.wall());
    }
    // Nothing goes ahead without a question once one of these events has disturbed the screen; keys are checked where
    // they are handled.
    if matches!(
        stamped.event,
        Event::Pasted(_) | Event::Clicked(..) | Event::Wheeled(..) | Event::TerminalWarned(_) | Event::Resized(..)
    ) {
        ask_instead(desk);
    }
    let mut effects = happen(desk, stamped);
    effects.extend(send_next(desk));
    select_for_step(desk);
    settle(desk);
    if desk.board.selection.begin_report() {
        effects.push(Effect::ReportSelection(desk.board.selection.call().cloned()));
    }
    effects.extend(wake_for_progress(desk));
    desk.privacy.deanonymise(effects)
}

/// Passes an event to its handler.
fn happen(desk: &mut Desk, stamped: Stamped<Event>) -> Vec<Effect> {
    match stamped.event {
        Event::Pressed(key) if key.kind != KeyEventKind::Release => key_pressed(desk, key),
        Event::Ticked => ticked(desk),
        Event::Drawn => question_drawn(desk),
        Event::InputHandled => go_ahead(desk),
        Event::OverlayDrawn(extent) => overlay_drawn(desk, extent),
        Event::Pressed(_) => Vec::new(),
        Event::Pasted(text) => {
            pasted(desk, &text);
            Vec::new()
        }
        Event::Selected(call, who) => {
            select(desk, call, who);
            Vec::new()
        }
        Event::ActRequested(act) => {
            ask(desk, act);
            Vec::new()
        }
        Event::Clicked(pane, picked) => {
            pointed(desk, pane, picked);
            Vec::new()
        }
        Event::Wheeled(pane, motion) => {
            wheeled(desk, pane, motion);
            Vec::new()
        }
        Event::SettingsChanged(news) => {
            apply_settings(desk, news);
            Vec::new()
        }
        Event::Resized(columns, rows) => {
            resized(desk, columns, rows);
            Vec::new()
        }
        Event::Fed(feed) => {
            let feed = desk.privacy.anonymise_feed(feed);
            fed(desk, feed, stamped.at)
        }
        Event::Answered(ticket, answer) => {
            let answer = desk.privacy.anonymise_answer(answer);
            answered(desk, &ticket, &answer);
            Vec::new()
        }
        Event::Reread(call, answer) => {
            let call = desk.privacy.anonymise_call(&call);
            reread_answered(desk, &call, &answer);
            Vec::new()
        }
        Event::EvidenceFound(found) => evidence_found(desk, *found),
        Event::Exported(written) => {
            exported(desk, written);
            Vec::new()
        }
        Event::NotCopied(why) | Event::TerminalWarned(why) => {
            desk.warn(why);
            Vec::new()
        }
        Event::SimulatorAnswered(wish, answer) => simulator_answered(desk, &wish, &answer),
    }
}

fn key_pressed(desk: &mut Desk, key: KeyEvent) -> Vec<Effect> {
    desk.board.selection.touch();
    desk.board.display.key_pressed(desk.clock.wall());
    hold_rows(desk);
    desk.floors.read_gap();
    desk.acts.idle.touch(desk.clock.wall());
    if let Some(control) = &mut desk.control {
        control.drop_selection();
    }
    let meaning = meaning_of(desk, key);
    let read = desk.clock.key_times().read();
    desk.input.typing.record(key, meaning, read);
    if !desk.modal.is_typed_in() {
        match desk.input.paste_guard.check(key, read) {
            KeyOrigin::Hand => {}
            KeyOrigin::PasteGoesOn => return Vec::new(),
            KeyOrigin::PasteBegins => {
                if desk.modal.arming().is_some() {
                    desk.modal = Modal::None;
                }
                desk.warn("letters came faster than anyone types, so they were ignored as a paste");
                return Vec::new();
            }
        }
    }
    // Commands about the terminal alone change nothing at the desk, so they work under any overlay. A letter that the
    // settings give to one of them is still a letter where text is typed.
    let is_command = key.modifiers.contains(KeyModifiers::CONTROL) || !desk.modal.is_typed_in();
    let command = desk.input.keymap.find_any(key).filter(|_| is_command).map(|it| it.command);
    if let Some(command @ (Command::Redraw | Command::Suspend)) = command {
        ask_instead(desk);
        return perform(desk, command);
    }
    desk.message = None;
    unfollow(desk);
    if desk.input.keymap.find_any(key).is_some_and(|it| it.command == Command::Interrupt) {
        desk.modal = Modal::None;
        return perform(desk, Command::Interrupt);
    }
    let over = std::mem::take(&mut desk.modal);
    let mut effects = pressed_over(desk, over, key);
    if desk.input.typing.means_nothing() {
        let [filter, palette] = [Command::Filter, Command::Palette].map(|it| desk.input.keymap.shortcut_for(it));
        desk.say(format!("typing? {filter} filters, {palette} runs a command"));
    }
    effects.extend(wake_for_question(desk));
    effects
}

/// Returns what a key does where it was pressed.
fn meaning_of(desk: &Desk, key: KeyEvent) -> KeyMeaning {
    let keymap = &desk.input.keymap;
    let binding = match desk.modal.kind() {
        Some(kind) if kind.is_typed() => return KeyMeaning::Works,
        Some(kind) => keymap.find_in(kind, key),
        None => keymap.find(desk.board.selection.pane(), key),
    };
    match binding.map(|it| it.command) {
        None => KeyMeaning::Nothing,
        Some(command) if command.moves() => KeyMeaning::Moves,
        Some(_) => KeyMeaning::Works,
    }
}
