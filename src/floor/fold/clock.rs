//! Moves of the relay's clock. Time that went by unseen counts: ages simply grow. Where time was set back, the
//! beginnings of what is open move with it, so that ages stay as they were.

use super::stamp::FactStamp;
use super::{Floor, board_rank};
use crate::floor::call::FloorCall;
use crate::floor::event_log::LoggedEventKind;
use crate::floor::statistics::{CallFootprint, FloorTally};
use crate::time::{ClockMove, ClockMoveCause, Millis};

/// How many moves of wall time are kept; the oldest of more are added up.
const MOST_MOVES: usize = 64;

impl Floor {
    pub(super) fn clock_moved(&mut self, stamp: FactStamp, moved: ClockMove) {
        if moved.cause == ClockMoveCause::WallTime {
            self.wall_moves.push((stamp.cursor, moved.by));
            if self.wall_moves.len() > MOST_MOVES {
                let (_, oldest) = self.wall_moves.remove(0);
                if let Some((_, next)) = self.wall_moves.first_mut() {
                    *next = Millis(next.0.saturating_add(oldest.0));
                }
            }
        }
        if moved.is_back() {
            self.move_beginnings(moved.by);
        }
        self.log_event(stamp, None, LoggedEventKind::Noted(moved.to_string().into()));
    }

    /// Moves every time from which an age or a deadline is counted. What is only shown as a time of day stays: the
    /// event log, and the operations of ended calls.
    fn move_beginnings(&mut self, by: Millis) {
        for call in self.calls.values_mut() {
            call.move_times(by);
        }
        let calls = &self.calls;
        for operation in self.operations.values_mut() {
            if calls.get(&operation.call).is_some_and(FloorCall::is_live) {
                operation.move_times(by);
            }
        }
        for (at, _) in &mut self.endings {
            *at = *at + by;
        }
        for (at, ..) in &mut self.leavings {
            *at = *at + by;
        }
        for notice in &mut self.early {
            notice.at = notice.at + by;
        }
        self.hour.move_times(by);
        self.order = self.calls.values().map(board_rank).collect();
        self.tally = FloorTally::default();
        for call in self.calls.values() {
            self.tally.replace_footprint(&CallFootprint::default(), &CallFootprint::of(call));
        }
    }
}
