//! What a console receives besides the newest entries: whole floors and pages of history.

use super::connection::{ConsoleConnection, FeedEnd, READ_ENTRIES, close_unreadable};
use super::quotas::FeedWork;
use super::websocket::frame_into;
use crate::floor::Cursor;
use crate::journal::JournalError;
use crate::protocol::{CloseCode, encode_history_entry};
use crate::relay::live::shared_snapshot::SharedSnapshot;
use crate::time::clock;

/// The maximum number of entries in the answer to a `read`.
const MAX_HISTORY: usize = 512;

impl ConsoleConnection {
    /// Sends a whole floor, frame by frame. A console that takes too long is disconnected, because the floor stays in
    /// memory for it.
    pub(super) async fn send_snapshot(&mut self, snapshot: &SharedSnapshot) -> Result<(), FeedEnd> {
        let (began, limit) = (clock::instant(), self.feed.consoles.snapshot_time(snapshot.frames()));
        for number in 0..snapshot.frames() {
            if began.elapsed() >= limit {
                return Err(Some(CloseCode::TooSlow));
            }
            let frame = snapshot.frame(number).map_err(|error| {
                tracing::error!(%error, "a floor cannot be sent to a console");
                Some(CloseCode::Restart)
            })?;
            self.send_pieces(&[frame]).await?;
        }
        Ok(())
    }

    pub(super) async fn send_history(&mut self, after: Cursor, count: u32) -> Result<(), FeedEnd> {
        self.feed.consoles.quotas.wait(&self.who, FeedWork::HistoryPage).await;
        let mut left = usize::try_from(count).unwrap_or(MAX_HISTORY).min(MAX_HISTORY);
        // The answer begins with the oldest entry that is not trimmed yet.
        let before = |oldest: Cursor| Cursor(oldest.0.saturating_sub(1));
        let mut after = after.max(before(self.feed.journal.oldest()));
        while left > 0 {
            let turn = self.feed.consoles.quotas.turn(&self.who).await;
            let read = self.feed.journal.read(after, left.min(READ_ENTRIES)).await;
            drop(turn);
            let rows = match read {
                Ok(rows) => rows,
                Err(JournalError::TooOld { oldest, .. }) if before(oldest) > after => {
                    after = before(oldest);
                    continue;
                }
                // Only the entries before the damaged one can be read.
                Err(JournalError::Damaged { cursor, .. }) => {
                    let good = usize::try_from(cursor.0.saturating_sub(after.0).saturating_sub(1));
                    left = good.unwrap_or_default().min(left - 1);
                    continue;
                }
                Err(error) => return Err(Some(close_unreadable(&error))),
            };
            let Some(last) = rows.last() else { return Ok(()) };
            (after, left) = (last.cursor, left.saturating_sub(rows.len()));
            let mut whole = Vec::new();
            for row in rows {
                frame_into(&mut whole, &encode_history_entry(row.cursor, row.after, row.sum, &row.body));
            }
            self.send_pieces(&[whole.into()]).await?;
        }
        Ok(())
    }

    /// Answers `floorAt` with the floor at an earlier cursor.
    pub(super) async fn send_past_floor(&mut self, cursor: Cursor) -> Result<(), FeedEnd> {
        self.feed.consoles.quotas.wait(&self.who, FeedWork::PastFloor).await;
        // Held until it is sent, because the floor is in memory for this console alone.
        let _turn = self.feed.consoles.quotas.turn(&self.who).await;
        let floor = self.feed.live.past(cursor).await.map_err(|error| Some(close_unreadable(&error)))?;
        self.send_snapshot(&floor).await
    }
}
