//! One console's connection: its requests, the frames sent to it, and its end. It has a wake-up and no queue of
//! entries: it sends from the shared tail, or from the journal for older entries.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::quotas::FeedWork;
use super::slots::{ConsoleSlot, ConsoleSlots};
use super::socket::{ConsoleSocket, SendError};
use super::websocket::{frame, is_breach};
use crate::floor::{Cursor, Sum};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::protocol::{CloseCode, ConnectedOperator, ConsoleFrame, FeedFrame, HelloFrame, PROTOCOL, ResetReason, Role};
use crate::relay::gate::relay_time::RelayTime;
use crate::relay::live::projection::{LiveFloor, TailBatch};
use crate::relay::operators::{OperatorRegistry, OperatorToken};
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::record::journal_writer::JournalWriter;

/// The state of the feed's router, which every connection shares.
pub(in crate::relay) struct FeedState {
    pub(in crate::relay) journal: Arc<dyn Journal>,
    pub(in crate::relay) live: Arc<LiveFloor>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
    pub(in crate::relay) operators: Arc<OperatorRegistry>,
    pub(in crate::relay) consoles: Arc<ConsoleSlots>,
    pub(in crate::relay) metrics: Arc<RelayMetrics>,
    pub(in crate::relay) time: RelayTime,
    /// The first line on each console: "SIMULATOR" or the tenant's label.
    pub(in crate::relay) label: String,
    /// The origins of web pages that may open the feed.
    pub(in crate::relay) origins: Vec<String>,
    /// The lag in entries beyond which a console receives a snapshot, after a reconnect or while it is slow.
    pub(in crate::relay) lag_limit: u64,
    pub(in crate::relay) stop: CancellationToken,
    /// A stopping relay waits for these tasks.
    pub(in crate::relay) tasks: TaskTracker,
}

/// The number of entries in one read of the journal, which bounds the memory for a console that stops reading.
pub(super) const READ_ENTRIES: usize = 128;
/// The approximate number of bytes sent before the connection handles its other events.
const BATCH_BYTES: usize = 256 * 1_024;
/// The time for closing a connection whose console still reads.
const CLOSE_WAIT: Duration = Duration::from_secs(1);
/// The longest call id in `looking`, in bytes; Graph's own are a few dozen bytes.
const MAX_CALL_ID: usize = 512;

/// Serves a console until its connection ends.
pub(super) async fn serve(feed: Arc<FeedState>, slot: ConsoleSlot, socket: ConsoleSocket, operator: OperatorToken) {
    let number = slot.number;
    let (changes, who) = (feed.operators.changes(), Arc::clone(&slot.operator));
    let presence = ConnectedOperator { operator: operator.name.clone(), role: operator.role, looking: None };
    let mut console = ConsoleConnection {
        feed,
        socket,
        operator,
        presence,
        number,
        position: None,
        is_caught_up: false,
        changes,
        who,
    };
    let end = console.run().await;
    drop(slot);
    if let Err(Some(code)) = end {
        console.close(code).await;
    }
}

pub(super) struct ConsoleConnection {
    pub(super) feed: Arc<FeedState>,
    socket: ConsoleSocket,
    operator: OperatorToken,
    presence: ConnectedOperator,
    pub(super) number: u64,
    /// The last sent entry; `None` until the console's `start` or `resume`.
    position: Option<Cursor>,
    /// Whether `caughtUp` was sent after the last `start`, `resume` or reset.
    is_caught_up: bool,
    /// Changes when a token may have been revoked or have expired.
    changes: watch::Receiver<()>,
    /// The operator, by whom the work is limited.
    pub(super) who: Arc<str>,
}

/// The end of a connection: the code to close it with, or `None` if it is closed already.
pub(super) type FeedEnd = Option<CloseCode>;

impl ConsoleConnection {
    async fn run(&mut self) -> Result<(), FeedEnd> {
        let mut head = self.feed.live.watch();
        let mut presence = self.feed.live.watch_presence();
        let mut heartbeat = tokio::time::interval(self.feed.consoles.heartbeat);
        // After a pause of the machine, one heartbeat is enough.
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.tick().await;
        let mut clock = self.feed.time.clock.watch_changes();
        let stop = self.feed.stop.clone();
        let mut refusing = self.feed.writer.watch_failing();
        self.send_frame(&self.hello()).await?;
        self.feed.live.set_operator(self.number, &self.presence);
        presence.mark_changed();
        if refusing.borrow().is_some() {
            refusing.mark_changed();
        }
        loop {
            head.mark_unchanged();
            self.send_entries().await?;
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Some(CloseCode::Restart)),
                message = self.socket.next() => match message {
                    // An answer may wait for its turn, or for a slow console. A stopping relay does not.
                    Some(Ok(message)) => tokio::select! {
                        biased;
                        () = stop.cancelled() => return Err(None),
                        handled = self.handle(message) => handled?,
                    },
                    Some(Err(error)) => {
                        if is_breach(&error) {
                            self.feed.metrics.refused("webSocket");
                        }
                        return Err(None);
                    }
                    None => return Err(None),
                },
                _ = self.changes.changed() => self.check_token()?,
                _ = heartbeat.tick() => self.send_heartbeat().await?,
                changed = clock.changed() => {
                    changed.map_err(|_closed| Some(CloseCode::Restart))?;
                    self.send_heartbeat().await?;
                }
                changed = refusing.changed() => {
                    changed.map_err(|_closed| Some(CloseCode::Restart))?;
                    self.send_heartbeat().await?;
                }
                changed = presence.changed() => {
                    changed.map_err(|_closed| Some(CloseCode::Restart))?;
                    let frame = presence.borrow_and_update().clone();
                    self.send_pieces(&[frame]).await?;
                }
                changed = head.changed() => changed.map_err(|_closed| Some(CloseCode::Restart))?,
            }
        }
    }

    fn hello(&self) -> FeedFrame {
        let journal = &self.feed.journal;
        FeedFrame::Hello(HelloFrame {
            protocol: PROTOCOL,
            label: self.feed.label.clone(),
            operator: self.operator.name.clone(),
            role: self.operator.role,
            epoch: journal.epoch().to_string(),
            oldest: journal.oldest(),
            head: journal.head().cursor,
            heartbeat_seconds: u32::try_from(self.feed.consoles.heartbeat.as_secs()).unwrap_or(u32::MAX),
            now: self.feed.time.clock.now(),
            act_expires_seconds: u32::try_from(self.feed.consoles.act_lifetime.as_secs()).ok(),
        })
    }

    async fn handle(&mut self, message: Message) -> Result<(), FeedEnd> {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(None),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        self.feed.consoles.quotas.wait(&self.who, FeedWork::Frame).await;
        let Ok(frame) = ConsoleFrame::decode(&text) else {
            self.feed.metrics.refused("frame");
            tracing::debug!(console = self.number, "skipped an unreadable frame");
            return Ok(());
        };
        match frame {
            ConsoleFrame::Start => self.reset(ResetReason::New).await,
            ConsoleFrame::Resume { epoch, after, sum } => self.resume(&epoch, after, sum).await,
            ConsoleFrame::Read { after, count } => self.send_history(after, count).await,
            ConsoleFrame::Looking { call } => {
                self.presence.looking = call.filter(|it| it.to_string().len() <= MAX_CALL_ID);
                self.feed.live.set_operator(self.number, &self.presence);
                Ok(())
            }
            ConsoleFrame::FloorAt { cursor } => self.send_past_floor(cursor).await,
            ConsoleFrame::Ack { .. } | ConsoleFrame::Unknown => Ok(()),
        }
    }

    async fn resume(&mut self, epoch: &str, after: Cursor, sum: Sum) -> Result<(), FeedEnd> {
        let journal = Arc::clone(&self.feed.journal);
        if *epoch != *journal.epoch() {
            return self.reset(ResetReason::Epoch).await;
        }
        if after.0.saturating_add(1) < journal.oldest().0 {
            return self.reset(ResetReason::TooOld).await;
        }
        if sum_at(&*journal, after).await? != Some(sum) {
            // The epoch is the same and the history is not: this journal lost its tail, or was restored from a backup.
            let console = self.number;
            tracing::error!(console, %after, "a console resumes from another history of this journal");
            // Only a token that may act is believed: a new epoch costs every console a snapshot.
            if self.operator.role != Role::Viewer && self.feed.consoles.claim_epoch_renewal() {
                journal.renew_epoch().await.map_err(|error| {
                    tracing::error!(%error, "could not renew the journal's epoch");
                    Some(CloseCode::Restart)
                })?;
            }
            return self.reset(ResetReason::Epoch).await;
        }
        if journal.head().cursor.0.saturating_sub(after.0) > self.feed.lag_limit {
            return self.reset(ResetReason::Lagged).await;
        }
        self.position = Some(after);
        self.is_caught_up = false;
        Ok(())
    }

    async fn reset(&mut self, reason: ResetReason) -> Result<(), FeedEnd> {
        if reason == ResetReason::Epoch {
            // The first hello may have contained the old epoch.
            self.send_frame(&self.hello()).await?;
        }
        self.feed.consoles.quotas.wait(&self.who, FeedWork::Snapshot).await;
        let snapshot = self.feed.live.snapshot(self.feed.lag_limit).await.map_err(|error| {
            tracing::error!(%error, "no floor can be sent to a console");
            Some(CloseCode::Restart)
        })?;
        self.send_frame(&FeedFrame::Reset { reason, cursor: snapshot.cursor }).await?;
        self.send_snapshot(&snapshot).await?;
        self.position = Some(snapshot.cursor);
        self.is_caught_up = false;
        Ok(())
    }

    /// Sends the entries after the console's position, and once `caughtUp` after the last.
    async fn send_entries(&mut self) -> Result<(), FeedEnd> {
        while let Some(position) = self.position {
            let head = self.feed.live.folded().cursor;
            if position >= head {
                break;
            }
            if head.0 - position.0 > self.feed.lag_limit {
                self.reset(ResetReason::Lagged).await?;
                continue;
            }
            let batch = match self.feed.live.after(position, BATCH_BYTES) {
                Some(batch) => batch,
                None => match self.feed.journal.read(position, READ_ENTRIES).await {
                    Ok(rows) => TailBatch::of(&rows),
                    Err(JournalError::TooOld { .. }) => {
                        self.reset(ResetReason::TooOld).await?;
                        continue;
                    }
                    Err(error) => return Err(Some(close_unreadable(&error))),
                },
            };
            let Some(last) = batch.last else { break };
            self.position = Some(last);
            self.send_pieces(&batch.pieces).await?;
        }
        if let (Some(cursor), false) = (self.position, self.is_caught_up) {
            self.is_caught_up = true;
            self.send_frame(&FeedFrame::CaughtUp { cursor }).await?;
        }
        Ok(())
    }

    /// Ends the connection if the operator's token is no longer valid.
    fn check_token(&self) -> Result<(), FeedEnd> {
        if self.feed.operators.still_lists(&self.operator) { Ok(()) } else { Err(Some(CloseCode::Forbidden)) }
    }

    async fn send_heartbeat(&mut self) -> Result<(), FeedEnd> {
        self.check_token()?;
        let cursor = self.feed.journal.head().cursor;
        if let Some(position) = self.position {
            self.feed.metrics.console_lag(cursor.0.saturating_sub(position.0));
        }
        let refusing_since = *self.feed.writer.watch_failing().borrow();
        let (now, sent) = (self.feed.time.clock.now(), Some(self.feed.time.start.stamp()));
        self.send_frame(&FeedFrame::Heartbeat { cursor, now, refusing_since, sent }).await
    }

    async fn send_frame(&mut self, message: &FeedFrame) -> Result<(), FeedEnd> {
        self.send_pieces(&[frame(&message.encode())]).await
    }

    /// Sends pieces that contain whole messages, unless the token is no longer valid. A connection whose token becomes
    /// invalid while it waits for its console is cut without a farewell.
    pub(super) async fn send_pieces(&mut self, pieces: &[Bytes]) -> Result<(), FeedEnd> {
        if self.changes.has_changed().unwrap_or(true) {
            self.changes.mark_unchanged();
            self.check_token()?;
        }
        let (operators, operator) = (&self.feed.operators, &self.operator);
        let changes = &mut self.changes;
        let revoked = async {
            while operators.still_lists(operator) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            sent = self.socket.send(pieces) => sent.map_err(|error| match error {
                SendError::Broken => None,
                SendError::Stalled => Some(CloseCode::TooSlow),
            }),
            () = revoked => Err(None),
        }
    }

    /// Sends `bye` and closes the connection, within a short time.
    async fn close(&mut self, code: CloseCode) {
        let (retry_after_ms, wait) = match code {
            CloseCode::Restart => (500, CLOSE_WAIT),
            // A console that was disconnected as too slow reconnects later.
            CloseCode::TooSlow => (1_000, self.feed.consoles.goodbye),
            CloseCode::Unauthenticated | CloseCode::Forbidden | CloseCode::Gone | CloseCode::TooMany => (0, CLOSE_WAIT),
        };
        let stalled = code == CloseCode::TooSlow;
        if stalled {
            self.feed.metrics.refused("slowConsole");
            tracing::info!(console = self.number, "a console does not read its frames; disconnecting it");
        }
        let bye = FeedFrame::Bye { code: code.number(), resumable: code.resumable(), retry_after_ms };
        let close = CloseFrame { code: code.number().into(), reason: code.sentence().into() };
        let closing = self.socket.close(frame(&bye.encode()), close);
        let is_closed = tokio::select! {
            closed = tokio::time::timeout(wait, closing) => closed.is_ok_and(|it| it.is_ok()),
            // A stopping relay does not wait for a console that may not read again.
            () = self.feed.stop.cancelled(), if stalled => false,
        };
        if stalled && !is_closed {
            self.feed.metrics.refused("deafConsole");
            tracing::info!(console = self.number, "a disconnected console did not read the close frame either");
        }
    }
}

/// Returns the checksum of this journal's entry at a cursor.
async fn sum_at(journal: &dyn Journal, cursor: Cursor) -> Result<Option<Sum>, FeedEnd> {
    if cursor == Cursor(0) {
        return Ok(Some(Sum(0)));
    }
    let ChainMark { cursor: head, sum } = journal.head();
    if cursor == head {
        return Ok(Some(sum));
    }
    journal.sum_at(cursor).await.map_err(|error| Some(close_unreadable(&error)))
}

/// Logs that the journal cannot be read for a console, and returns the code with which the console starts again.
pub(super) fn close_unreadable(error: &JournalError) -> CloseCode {
    tracing::error!(%error, "the journal cannot be read for a console");
    CloseCode::Gone
}
