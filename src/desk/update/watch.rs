//! What happens by time alone: timeouts, announcements of critical waits, the idle lock, and the wake-ups that let the
//! bar of a running operation grow between two seconds.

use crate::desk::acts::idle_lock::minutes;
use crate::desk::command::Command;
use crate::desk::update::journal_read::{watch_evidence, watch_trace};
use crate::desk::update::presenter::poll_simulator;
use crate::desk::{Desk, DeskMessage, Effect, Modal};
use crate::time::Millis;

/// How often a running operation is drawn again.
const EVERY: Millis = Millis(250);
/// After this time an operation without an outcome moves by the second only: its bar has long been full.
const LONGEST: Millis = Millis::seconds(15);

/// Announces a wait that has become critical, once; several at once make one announcement.
///
/// Decided on the live floor, also while the display is paused; never while the line is down.
fn watch_critical(desk: &mut Desk) -> Vec<Effect> {
    if !desk.link.is_live() || !desk.board.notifier.begin_look(desk.clock.wall()) {
        return Vec::new();
    }
    let waits = desk.critical();
    let fresh = desk.board.notifier.take_fresh(waits, &desk.board.acknowledged);
    fresh.map(|(method, text)| Effect::Notify(method, text)).into_iter().collect()
}

/// Turns acts off if nobody has used the desk for the limit; not while a bulk act is being sent.
fn watch_idle(desk: &mut Desk) {
    let is_busy = desk.acts.bulk.is_under_way();
    let Some(limit) = desk.acts.idle.lock_if_idle(desk.clock.wall(), is_busy) else { return };
    if desk.modal.arming().is_some() {
        desk.modal = Modal::None;
    }
    let press = desk.input.keymap.shortcut_for(Command::ReadOnly);
    desk.warn(format!("no key pressed for {} min: acts are off; {press} turns them on", minutes(limit)));
}

pub(in crate::desk) fn ticked(desk: &mut Desk) -> Vec<Effect> {
    desk.message.take_if(|it| desk.clock.wall().since(it.at) >= DeskMessage::STAYS);
    // Filters and sorts may depend on ages.
    if desk.is_private() {
        desk.board.view.renew();
    } else {
        desk.board.view.outdate();
    }
    watch_evidence(desk);
    watch_trace(desk);
    watch_idle(desk);
    let mut effects = poll_simulator(desk);
    effects.extend(watch_critical(desk));
    effects
}

/// Wakes the desk soon while an operation on the screen is running. Without one nothing is requested, so that an idle
/// board writes nothing between two seconds.
pub(in crate::desk) fn wake_for_progress(desk: &mut Desk) -> Option<Effect> {
    (shows_progress(desk) && desk.clock.begin_wake(EVERY)).then_some(Effect::Wake(EVERY))
}

/// Returns whether the screen shows an operation whose time goes on; while the line is down or the display
/// is paused, none does.
fn shows_progress(desk: &Desk) -> bool {
    let now = desk.clock.now();
    let stands_still = desk.link.frozen_at().is_some() || desk.floors.paused_at().is_some();
    let newest = desk.floor().recent_operations().take_while(|it| now.since(it.pressed) < LONGEST);
    !stands_still && newest.into_iter().any(|it| it.standing(now).is_in_progress())
}
