//! Moves of the relay's clock. After a move ahead, ages include the time that has passed. After a move back, the start
//! times of everything open move back too, so that ages do not change.

use super::stamp::FactStamp;
use super::{Floor, board_rank};
use crate::floor::call::FloorCall;
use crate::floor::event_log::LoggedEventKind;
use crate::floor::statistics::FloorTally;
use crate::time::{ClockMove, ClockMoveCause, Millis};

/// The maximum number of moves of wall time. If there are more, the two oldest become one.
const MAX_WALL_MOVES: usize = 64;

impl Floor {
    /// Folds a move of the clock.
    pub(super) fn clock_moved(&mut self, stamp: FactStamp, moved: ClockMove) {
        if moved.cause == ClockMoveCause::WallTime {
            self.wall_moves.push((stamp.cursor, moved.by));
            if self.wall_moves.len() > MAX_WALL_MOVES {
                let (_, oldest) = self.wall_moves.remove(0);
                if let Some((_, next)) = self.wall_moves.first_mut() {
                    *next = Millis(next.0.saturating_add(oldest.0));
                }
            }
        }
        if moved.is_back() {
            self.move_start_times(moved.by);
        }
        self.log_event(stamp, None, LoggedEventKind::Noted(moved.to_string().into()));
    }

    /// Moves every time from which an age or a deadline is counted. The event log and the operations of ended calls
    /// keep their times, because the board shows them only as times of day.
    fn move_start_times(&mut self, by: Millis) {
        for call in self.calls.iter_mut() {
            call.move_times(by);
        }
        self.changed.add_all();
        let calls = &self.calls;
        for operation in self.operations.values_mut() {
            if calls.get(&operation.call).is_some_and(FloorCall::is_live) {
                operation.move_times(by);
            }
        }
        for (at, _) in &mut self.calls_to_drop {
            *at = *at + by;
        }
        for (at, ..) in &mut self.people_to_drop {
            *at = *at + by;
        }
        for notice in &mut self.early {
            notice.at = notice.at + by;
        }
        self.hour.move_times(by);
        self.order = self.calls.iter().map(board_rank).collect();
        self.tally = FloorTally::of(self.calls.iter());
    }
}
