//! What time alone brings: ends of waits, notices of critical waits, the idle lock.

use crate::desk::acts::idle_lock::minutes;
use crate::desk::board::alerts::AcknowledgedWaits;
use crate::desk::board::notices::{EVERY, NoticeMethod};
use crate::desk::command::Command;
use crate::desk::update::journal_read::{watch_evidence, watch_trace};
use crate::desk::update::presenter::poll_simulator;
use crate::desk::{Desk, DeskMessage, Effect, Modal};
use crate::floor::AlertLevel;

/// Wants a notice when a wait has become critical that nobody was told of; of several at once it is one notice.
///
/// Decided on the live floor, also while the display is paused; never while the line is down.
fn watch_critical(desk: &mut Desk) -> Vec<Effect> {
    let wall = desk.clock.wall;
    // Wall time that was set back is no reason to wait.
    let early = desk.board.notifier.looked.is_some_and(|at| wall >= at && wall.since(at) < EVERY);
    if desk.board.notifier.notice == NoticeMethod::Off || early || !desk.link.is_live() {
        return Vec::new();
    }
    desk.board.notifier.looked = Some(desk.clock.wall);
    let waits = desk.critical();
    let places: Vec<_> = waits.iter().map(|it| it.0.clone()).collect();
    desk.board.notifier.told.keep(&places);
    let mut fresh = Vec::new();
    for (place, since, told) in waits {
        let known = |waits: &AcknowledgedWaits| waits.has(&place, since, AlertLevel::Critical);
        if !known(&desk.board.notifier.told) && !known(&desk.board.acknowledged) {
            desk.board.notifier.told.add(place, since, AlertLevel::Critical);
            fresh.push(told);
        }
    }
    let Some(first) = fresh.first() else { return Vec::new() };
    let more = if fresh.len() > 1 { format!(", and {} more", fresh.len() - 1) } else { String::new() };
    vec![Effect::Notify(desk.board.notifier.notice, format!("callboard: {first}{more}"))]
}

/// Turns acts off where nobody has touched the desk for long; not while an act on many is being sent.
fn watch_idle(desk: &mut Desk) {
    // What nobody has touched yet is idle from its first moment on.
    let touched = *desk.acts.idle.touched.get_or_insert(desk.clock.wall);
    let Some(limit) = desk.acts.idle.limit.filter(|it| desk.clock.wall.since(touched) >= *it) else { return };
    if desk.acts.read_only || desk.acts.bulk.is_under_way() {
        return;
    }
    (desk.acts.read_only, desk.acts.idle.locked) = (true, true);
    if matches!(desk.modal, Modal::Confirm(_)) {
        desk.modal = Modal::None;
    }
    let press = desk.input.keymap.shortcut_for(Command::ReadOnly);
    desk.warn(format!("no key for {} min: acts are off, read only; {press} turns them on", minutes(limit)));
}

pub(in crate::desk) fn ticked(desk: &mut Desk) -> Vec<Effect> {
    desk.message.take_if(|it| desk.clock.wall.since(it.at) >= DeskMessage::STAYS);
    // Filters and sorts may speak of ages.
    desk.board.view.outdate();
    watch_evidence(desk);
    watch_trace(desk);
    watch_idle(desk);
    let mut effects = poll_simulator(desk);
    effects.extend(watch_critical(desk));
    effects
}
