//! The wake-ups that let the bar and the time of a running operation grow between two seconds.

use crate::desk::{Desk, Effect};
use crate::time::Millis;

/// How often a running operation is drawn again.
const EVERY: Millis = Millis(250);
/// After this time an operation without an outcome moves by the second only: its bar has long been full.
const LONGEST: Millis = Millis::seconds(15);
/// How many of the newest operations may be running.
const RECENT: usize = 200;

/// Wakes the desk soon while an operation on the screen is running. Without one nothing is requested, so that an idle
/// board writes nothing between two seconds.
pub(in crate::desk) fn wake_for_progress(desk: &mut Desk) -> Option<Effect> {
    (shows_progress(desk) && desk.clock.begin_wake(EVERY)).then_some(Effect::Wake(EVERY))
}

/// Returns whether the screen shows an operation whose time goes on; while the line is down or the display is paused,
/// none does.
fn shows_progress(desk: &Desk) -> bool {
    let now = desk.clock.now();
    let stands_still = desk.link.frozen_at().is_some() || desk.floors.paused_at().is_some();
    let newest = desk.floor().operations().rev().take(RECENT).take_while(|it| now.since(it.pressed) < LONGEST);
    !stands_still && newest.into_iter().any(|it| it.standing(now).is_in_progress())
}
