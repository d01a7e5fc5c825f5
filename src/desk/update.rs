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

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::desk::command::Command;
use crate::desk::event::{Effect, Event, Stamped};
use crate::desk::input::paste_guard::KeyOrigin;
use crate::desk::update::acts::ask::ask;
use crate::desk::update::acts::send::{answered, confirm_early_yes, send_next, unfollow};
use crate::desk::update::export::exported;
use crate::desk::update::feed::{fed, reread_answered};
use crate::desk::update::modals::{pasted, pressed_over, wheeled};
use crate::desk::update::perform::perform;
use crate::desk::update::presenter::simulator_answered;
use crate::desk::update::select::{pointed, select};
use crate::desk::update::settings::apply_settings;
use crate::desk::update::settle::{hold_rows, settle};
use crate::desk::update::view::resized;
use crate::desk::update::watch::ticked;
use crate::desk::{Desk, Modal};

/// Handles an event, and returns the effects it asks for.
///
/// Invariant: a `Send` follows only from a yes to an open confirm that named its target, from the confirm key after the
/// right word was typed, or, in FAST, from a confirm about the selected row that answers itself. A bulk act sends some
/// of its requests later. A yes as fast as a paste counts only when no key follows as fast.
pub fn update(desk: &mut Desk, stamped: Stamped<Event>) -> Vec<Effect> {
    desk.clock.set(stamped.at + desk.link.ahead(), stamped.wall);
    // No row moves under a question.
    if desk.modal.frozen_order().is_none() {
        desk.board.hold.expire(desk.clock.wall());
    }
    let mut effects = confirm_early_yes(desk);
    effects.extend(happen(desk, stamped));
    effects.extend(send_next(desk));
    settle(desk);
    if desk.board.selection.begin_report() {
        effects.push(Effect::ReportSelection(desk.board.selection.call().cloned()));
    }
    desk.privacy.deanonymise(effects)
}

/// Passes an event to its handler.
fn happen(desk: &mut Desk, stamped: Stamped<Event>) -> Vec<Effect> {
    match stamped.event {
        Event::Pressed(key) if key.kind != KeyEventKind::Release => key_pressed(desk, key),
        Event::Ticked => ticked(desk),
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
            fed(desk, feed, stamped.at);
            Vec::new()
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
        Event::Exported(written) => {
            exported(desk, written);
            Vec::new()
        }
        Event::NotCopied(why) => {
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
    desk.acts.idle.touch(desk.clock.wall());
    if !desk.modal.is_typed_in() {
        match desk.input.paste_guard.check(key, desk.clock.wall()) {
            KeyOrigin::Hand => {}
            KeyOrigin::PasteGoesOn => return Vec::new(),
            KeyOrigin::PasteBegins => {
                if matches!(desk.modal, Modal::Confirm(_)) {
                    desk.modal = Modal::None;
                }
                desk.warn("letters came faster than anyone types, so they were ignored as a paste");
                return Vec::new();
            }
        }
    }
    desk.message = None;
    unfollow(desk);
    if desk.input.keymap.find_any(key).is_some_and(|it| it.command == Command::Interrupt) {
        desk.modal = Modal::None;
        return perform(desk, Command::Interrupt);
    }
    let over = std::mem::take(&mut desk.modal);
    pressed_over(desk, over, key)
}
