//! The feed's server: one task a console, each reading from its own cursor at its own pace. It holds a wake-up and
//! no queue of entries: what it sends comes from the shared tail, or from the journal behind that.

mod slots;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::Shared;
use super::edge::listener::StallTimer;
use super::gate::{operator, refusal};
use super::live::projection;
use super::live::projection::TailBatch;
use super::operators::OperatorToken;
use crate::floor::{Cursor, Sum};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::protocol::{
    CloseCode, ConnectedOperator, ConsoleFrame, FeedFrame, HelloFrame, PROTOCOL, ResetReason, SUBPROTOCOL,
    encode_history_entry,
};
use slots::ConsoleSlot;
pub(super) use slots::ConsoleSlots;
use socket::{ConsoleSocket, SendError};
pub(super) use socket::{frame, frame_into};

/// Entries that are read from the journal at once: whoever stops reading holds on to no more than that.
const BATCH: usize = 128;
/// A `read` is answered with at most so many.
const HISTORY: usize = 512;
/// About so many bytes are sent before it is looked whether something else is to be done.
const STRETCH: usize = 256 * 1_024;
const LARGEST_IN: usize = 64 * 1_024;
/// How long a console that listens has to hear a good-bye.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// A console further behind gets a snapshot, whether it comes back or is only slow.
const LAGGED: u64 = if cfg!(test) { 3_000 } else { 200_000 };
/// The longest id of a call that others are told of; Graph's own are a few dozen bytes.
const LONGEST_CALL: usize = 512;

/// `GET /feed`.
pub(super) async fn upgrade(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    if !origins.all(|it| shared.origins.iter().any(|listed| it == listed.as_str())) {
        shared.metrics.refused("origin");
        let why = "the feed is for consoles: a request of a web page that is not listed is refused";
        return refusal(StatusCode::FORBIDDEN, "accessDenied", why);
    }
    if !speaks(request.headers()) {
        shared.metrics.refused("subprotocol");
        let why = format!("the feed speaks {SUBPROTOCOL}, and this console something else: one of the two is too old");
        return refusal(StatusCode::BAD_REQUEST, "invalidRequest", &why);
    }
    let Some(operator) = operator(&shared, request.headers()) else {
        let why = "the relay does not know this token, or it has expired";
        return refusal(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", why);
    };
    let stall = request.extensions().get::<StallTimer>().cloned();
    let (answer, upgrade) = match socket::handshake(request) {
        Ok(shaken) => shaken,
        Err(error) => {
            shared.metrics.refused("noWebSocket");
            let why = format!("the feed is a WebSocket, and this request does not ask for one: {error}");
            return refusal(StatusCode::BAD_REQUEST, "invalidRequest", &why);
        }
    };
    // Taken before the line stands, so that those under way count too.
    let Some(place) = ConsoleSlot::take(&shared) else {
        shared.metrics.refused("tooManyConsoles");
        return refusal(StatusCode::TOO_MANY_REQUESTS, "tooManyConsoles", CloseCode::TooMany.words());
    };
    shared.tasks.spawn(async move {
        match upgrade.await {
            Ok(stream) => {
                let heed = stall.map(|it| it.watch()).unwrap_or_default();
                serve(place, ConsoleSocket::new(stream, LARGEST_IN, heed).await, operator).await;
            }
            Err(error) => tracing::debug!(%error, "a console was gone before its line stood"),
        }
    });
    answer.map(|()| Body::empty())
}

/// Whether a console speaks as we do; one that does not say is believed to.
fn speaks(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().peekable();
    let ours = |it: &HeaderValue| it.to_str().is_ok_and(|it| it.split(',').any(|name| name.trim() == SUBPROTOCOL));
    named.peek().is_none() || named.any(ours)
}

async fn serve(place: ConsoleSlot, line: ConsoleSocket, operator: OperatorToken) {
    let (shared, number) = (Arc::clone(&place.shared), place.number);
    let onlooker = ConnectedOperator { operator: operator.name.clone(), role: operator.role, looking: None };
    let mut console =
        ConsoleConnection { shared, socket: line, operator, onlooker, number, position: None, live: false };
    let end = console.run().await;
    drop(place);
    if let Err(Some(code)) = end {
        console.close(code).await;
    }
}

struct ConsoleConnection {
    shared: Arc<Shared>,
    socket: ConsoleSocket,
    operator: OperatorToken,
    onlooker: ConnectedOperator,
    number: u64,
    /// The last entry that was sent; none until the console has said how it begins.
    position: Option<Cursor>,
    live: bool,
}

/// Why a connection ends: with a code, or because it is gone already.
type FeedEnd = Option<CloseCode>;

impl ConsoleConnection {
    async fn run(&mut self) -> Result<(), FeedEnd> {
        let mut head = self.shared.hub.watch();
        let mut presence = self.shared.hub.presence();
        let mut operators = self.shared.operators.changes();
        let mut heartbeat = tokio::time::interval(self.shared.consoles.heartbeat);
        heartbeat.tick().await;
        let stop = self.shared.stop.clone();
        let mut refusing = self.shared.recorder.watch_failing();
        self.say(&self.hello()).await?;
        self.shared.hub.present(self.number, &self.onlooker);
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
                    Some(Ok(message)) => self.hear(message).await?,
                    Some(Err(error)) => {
                        if socket::is_breach(&error) {
                            self.shared.metrics.refused("webSocket");
                        }
                        return Err(None);
                    }
                    None => return Err(None),
                },
                _ = operators.changed() => self.may_stay()?,
                _ = heartbeat.tick() => self.beat().await?,
                changed = refusing.changed() => {
                    changed.map_err(|_gone| Some(CloseCode::Restart))?;
                    self.beat().await?;
                }
                changed = presence.changed() => {
                    changed.map_err(|_gone| Some(CloseCode::Restart))?;
                    let frame = presence.borrow_and_update().clone();
                    self.put(&[frame]).await?;
                }
                changed = head.changed() => changed.map_err(|_gone| Some(CloseCode::Restart))?,
            }
        }
    }

    fn hello(&self) -> FeedFrame {
        let journal = &self.shared.journal;
        FeedFrame::Hello(HelloFrame {
            protocol: PROTOCOL,
            label: self.shared.label.clone(),
            operator: self.operator.name.clone(),
            role: self.operator.role,
            epoch: journal.epoch().to_string(),
            oldest: journal.oldest(),
            head: journal.head().cursor,
            heartbeat_seconds: u32::try_from(self.shared.consoles.heartbeat.as_secs()).unwrap_or(u32::MAX),
            now: self.shared.clock.now(),
        })
    }

    async fn hear(&mut self, message: Message) -> Result<(), FeedEnd> {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(None),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        let Ok(frame) = ConsoleFrame::decode(&text) else {
            self.shared.metrics.refused("frame");
            tracing::debug!(console = self.number, "a frame that cannot be read was skipped");
            return Ok(());
        };
        match frame {
            ConsoleFrame::Start => self.reset(ResetReason::New).await,
            ConsoleFrame::Resume { epoch, after, sum } => self.resume(&epoch, after, sum).await,
            ConsoleFrame::Read { after, count } => self.history(after, count).await,
            ConsoleFrame::Looking { call } => {
                self.onlooker.looking = call.filter(|it| it.to_string().len() <= LONGEST_CALL);
                self.shared.hub.present(self.number, &self.onlooker);
                Ok(())
            }
            ConsoleFrame::FloorAt { cursor } => self.past(cursor).await,
            ConsoleFrame::Ack { .. } | ConsoleFrame::Unknown => Ok(()),
        }
    }

    async fn resume(&mut self, epoch: &str, after: Cursor, sum: Sum) -> Result<(), FeedEnd> {
        let journal = Arc::clone(&self.shared.journal);
        if *epoch != *journal.epoch() {
            return self.reset(ResetReason::Epoch).await;
        }
        if after.0.saturating_add(1) < journal.oldest().0 {
            return self.reset(ResetReason::TooOld).await;
        }
        if sum_at(&*journal, after).await? != Some(sum) {
            // The same epoch with another history: ours lost its tail, or came from a backup.
            tracing::error!(console = self.number, %after, "a console knows another history");
            if self.shared.consoles.may_renew_epoch() {
                journal.renew_epoch().await.map_err(|error| {
                    tracing::error!(%error, "the journal took no new epoch");
                    Some(CloseCode::Restart)
                })?;
            }
            return self.reset(ResetReason::Epoch).await;
        }
        if journal.head().cursor.0.saturating_sub(after.0) > LAGGED {
            return self.reset(ResetReason::Lagged).await;
        }
        self.position = Some(after);
        self.live = false;
        Ok(())
    }

    async fn reset(&mut self, reason: ResetReason) -> Result<(), FeedEnd> {
        if reason == ResetReason::Epoch {
            // The epoch that the first hello named may be the old one.
            self.say(&self.hello()).await?;
        }
        let snapshot = self.shared.hub.snapshot().await;
        self.say(&FeedFrame::Reset { reason, cursor: snapshot.cursor }).await?;
        self.put(&snapshot.frames).await?;
        self.position = Some(snapshot.cursor);
        self.live = false;
        Ok(())
    }

    /// Sends what is there after the console's position, and says when that was everything.
    async fn send_entries(&mut self) -> Result<(), FeedEnd> {
        while let Some(position) = self.position {
            let head = self.shared.hub.folded().cursor;
            if position >= head {
                break;
            }
            if head.0 - position.0 > LAGGED {
                self.reset(ResetReason::Lagged).await?;
                continue;
            }
            let stretch = match self.shared.hub.after(position, STRETCH) {
                Some(stretch) => stretch,
                None => match self.shared.journal.read(position, BATCH).await {
                    Ok(rows) => TailBatch::of(&rows),
                    Err(JournalError::TooOld { .. }) => {
                        self.reset(ResetReason::TooOld).await?;
                        continue;
                    }
                    Err(error) => return Err(Some(unread(&error))),
                },
            };
            let Some(last) = stretch.last else { break };
            self.position = Some(last);
            self.put(&stretch.pieces).await?;
        }
        if let (Some(cursor), false) = (self.position, self.live) {
            self.live = true;
            self.say(&FeedFrame::CaughtUp { cursor }).await?;
        }
        Ok(())
    }

    async fn history(&mut self, after: Cursor, count: u32) -> Result<(), FeedEnd> {
        let mut left = usize::try_from(count).unwrap_or(HISTORY).min(HISTORY);
        // What is no longer kept is not there to be read: it begins with the oldest, which moves.
        let before = |oldest: Cursor| Cursor(oldest.0.saturating_sub(1));
        let mut after = after.max(before(self.shared.journal.oldest()));
        while left > 0 {
            let rows = match self.shared.journal.read(after, left.min(BATCH)).await {
                Ok(rows) => rows,
                Err(JournalError::TooOld { oldest, .. }) if before(oldest) > after => {
                    after = before(oldest);
                    continue;
                }
                // What is good before it is there to be read; what is damaged never comes.
                Err(JournalError::Damaged { cursor, .. }) => {
                    let good = usize::try_from(cursor.0.saturating_sub(after.0).saturating_sub(1));
                    left = good.unwrap_or_default().min(left - 1);
                    continue;
                }
                Err(error) => return Err(Some(unread(&error))),
            };
            let Some(last) = rows.last() else { return Ok(()) };
            (after, left) = (last.cursor, left.saturating_sub(rows.len()));
            let mut whole = Vec::new();
            for row in rows {
                frame_into(&mut whole, &encode_history_entry(row.cursor, row.after, row.sum, &row.body));
            }
            self.put(&[whole.into()]).await?;
        }
        Ok(())
    }

    /// Answers `floorAt`.
    async fn past(&mut self, cursor: Cursor) -> Result<(), FeedEnd> {
        let pieces = self.shared.hub.past(cursor).await.map_err(|error| Some(unread(&error)))?;
        for frame in projection::frames_of(pieces, true) {
            self.put(&[frame]).await?;
        }
        Ok(())
    }

    /// Whether the operator's token is still good.
    fn may_stay(&self) -> Result<(), FeedEnd> {
        if self.shared.operators.still_lists(&self.operator) { Ok(()) } else { Err(Some(CloseCode::Forbidden)) }
    }

    async fn beat(&mut self) -> Result<(), FeedEnd> {
        self.may_stay()?;
        let cursor = self.shared.journal.head().cursor;
        if let Some(position) = self.position {
            self.shared.metrics.console_lag(cursor.0.saturating_sub(position.0));
        }
        let refusing_since = *self.shared.recorder.watch_failing().borrow();
        self.say(&FeedFrame::Heartbeat { cursor, now: self.shared.clock.now(), refusing_since }).await
    }

    async fn say(&mut self, frame: &FeedFrame) -> Result<(), FeedEnd> {
        self.put(&[socket::frame(&frame.encode())]).await
    }

    async fn put(&mut self, pieces: &[Bytes]) -> Result<(), FeedEnd> {
        self.socket.send(pieces).await.map_err(|unsent| match unsent {
            SendError::Broken => None,
            SendError::Stalled => Some(CloseCode::TooSlow),
        })
    }

    /// Says good-bye, if the console still hears; not for long.
    async fn close(&mut self, code: CloseCode) {
        let (retry_after_ms, wait) = match code {
            CloseCode::Restart => (500, LAST_WORDS),
            // Who was too slow a moment ago is given a breath.
            CloseCode::TooSlow => (1_000, self.shared.consoles.goodbye),
            CloseCode::Unauthenticated | CloseCode::Forbidden | CloseCode::Gone | CloseCode::TooMany => (0, LAST_WORDS),
        };
        let stalled = code == CloseCode::TooSlow;
        if stalled {
            self.shared.metrics.refused("slowConsole");
            tracing::info!(console = self.number, "a console takes nothing of what it is sent; it is sent away");
        }
        let bye = FeedFrame::Bye { code: code.number(), resumable: code.resumable(), retry_after_ms };
        let close = CloseFrame { code: code.number().into(), reason: code.words().into() };
        let parting = self.socket.close(frame(&bye.encode()), close);
        let heard = tokio::select! {
            heard = tokio::time::timeout(wait, parting) => heard.is_ok_and(|it| it.is_ok()),
            // Nobody else waits for a console that may never listen again.
            () = self.shared.stop.cancelled(), if stalled => false,
        };
        if stalled && !heard {
            self.shared.metrics.refused("deafConsole");
            tracing::info!(console = self.number, "it did not hear that either, and was cut off");
        }
    }
}

/// The checksum of our own entry at a cursor.
async fn sum_at(journal: &dyn Journal, cursor: Cursor) -> Result<Option<Sum>, FeedEnd> {
    if cursor == Cursor(0) {
        return Ok(Some(Sum(0)));
    }
    let ChainMark { cursor: head, sum } = journal.head();
    if cursor == head {
        return Ok(Some(sum));
    }
    journal.sum_at(cursor).await.map_err(|error| Some(unread(&error)))
}

/// The journal can't be read for a console: it starts again.
fn unread(error: &JournalError) -> CloseCode {
    tracing::error!(%error, "the journal cannot be read for a console");
    CloseCode::Gone
}
