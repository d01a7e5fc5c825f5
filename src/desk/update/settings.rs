//! Applies changed settings to a running desk, except where the operator has changed something by hand.

use crate::desk::Desk;
use crate::desk::settings_update::{SettingsBaseline, SettingsUpdate};
use crate::desk::update::view::filter_by;
use crate::desk::vocab::Pane;

/// Applies the keys, limits, delays, zone, notices and idle lock; and the confirm mode, columns, sorts and filters where
/// the operator has not changed them.
pub(in crate::desk) fn apply_settings(desk: &mut Desk, update: SettingsUpdate) {
    if let Some(setup) = update.setup {
        let new = SettingsBaseline::of(&setup);
        let old = std::mem::replace(&mut desk.baseline, new.clone());
        desk.acts.delays = setup.delays;
        desk.board.set_limits(setup.limits);
        desk.board.display.set_zone(setup.zone);
        desk.input.keymap = setup.keymap;
        desk.board.notifier.set_method(setup.notice);
        desk.acts.idle.set_limit(setup.idle_lock, desk.clock.wall());
        desk.acts.fast.follow_settings(old.confirm_mode(), new.confirm_mode());
        for pane in Pane::TABLES {
            if desk.columns(pane) == old.columns().of(pane) {
                desk.board.view.copy_columns(pane, new.columns());
            }
            if desk.sort(pane) == old.sort(pane) {
                desk.board.view.set_sort(pane, new.sort(pane));
            }
            if desk.filter(pane) == old.filter(pane) {
                filter_by(desk, pane, new.filter(pane).cloned());
            }
        }
        desk.board.view.renew();
    }
    match (update.said, update.warning) {
        (message, _) if message.is_empty() => {}
        (message, true) => desk.warn(message),
        (message, false) => desk.say(message),
    }
}
