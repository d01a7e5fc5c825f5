//! Consecutive connections to a relay, and the state that outlives each: the resume point and the selected call.
//! Handles the frames; `client` decides when to retry.

use std::time::{Duration, Instant};

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{self, Message};
use url::Url;

use super::connection_end::ConnectionEnd;
use super::dial::{RelaySocket, dial};
use super::requested::RequestedReads;
use crate::feed::queue::{FeedQueue, LARGEST_LIGHT};
use crate::feed::{FeedCommand, FeedConfig, RelayClock, ResumePoint};
use crate::floor::{Entry, Floor};
use crate::graph::CallId;
use crate::protocol::{
    CloseCode, ConsoleFrame, FeedEvent, FeedFrame, FrameError, HEARTBEAT_SECONDS, HelloFrame, LimitExceeded,
    MAX_MESSAGE, PROTOCOL, PieceError, SUBPROTOCOL, SnapshotPiece, SnapshotPieces,
};
use crate::time::Timestamp;

/// The maximum number of entries in one event: the owner folds as many in a few milliseconds, and then looks after keys.
const MAX_BATCH: usize = 64;
/// A frame that cannot be sent for this long ends the connection.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// The time for sending the close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(200);

/// The state that outlives each connection.
pub(super) struct FeedConnection {
    resume_point: Option<ResumePoint>,
    /// The relay no longer has the entries after the resume point, so the next connection starts from a snapshot.
    resume_point_is_gone: bool,
    looking: Option<CallId>,
    events: FeedQueue,
    /// The relay's address, for the operator.
    relay: String,
    epoch: String,
    silence_limit: Duration,
    incoming: IncomingParts,
    /// Since when the relay has refused webhooks, as its last heartbeat reported.
    refusing: Option<Timestamp>,
    /// The estimate of the relay's own time; its heartbeats correct it.
    relay_clock: RelayClock,
    /// When the last message was read from the socket.
    read_at: Instant,
    /// The number of frames that this version does not know.
    skipped: u64,
}

/// What one connection has begun to send and not completed.
#[derive(Default)]
struct IncomingParts {
    board: SnapshotPieces,
    /// The pieces of a past floor, for `floorAt`.
    past: SnapshotPieces,
    requested: RequestedReads,
}

/// Entries that have arrived together, for one event of each kind.
#[derive(Default)]
struct EntryBatch {
    entries: Vec<Entry>,
    /// Those that answer a `read`.
    history: Vec<Entry>,
    /// The size of their messages.
    bytes: usize,
}

impl EntryBatch {
    const fn has_room(&self) -> bool {
        self.entries.len() + self.history.len() < MAX_BATCH && self.bytes < LARGEST_LIGHT
    }
}

impl FeedConnection {
    pub(super) fn new(relay: &Url, known: Option<ResumePoint>, events: FeedQueue, relay_clock: RelayClock) -> Self {
        Self {
            resume_point: known,
            resume_point_is_gone: false,
            looking: None,
            events,
            relay: relay.authority().to_owned(),
            epoch: String::new(),
            silence_limit: silence_limit(HEARTBEAT_SECONDS),
            incoming: IncomingParts::default(),
            refusing: None,
            relay_clock,
            read_at: crate::time::clock::instant(),
            skipped: 0,
        }
    }

    pub(super) fn set_looked_at_call(&mut self, call: Option<CallId>) {
        self.looking = call;
    }

    /// Connects, and reads frames until the connection ends.
    pub(super) async fn run_connection(
        &mut self,
        config: &FeedConfig,
        commands: &mut mpsc::Receiver<FeedCommand>,
    ) -> ConnectionEnd {
        let mut socket = match dial(config, Some(SUBPROTOCOL)).await {
            Ok(socket) => socket,
            Err(error) => return error.into(),
        };
        self.incoming = IncomingParts::default();
        if std::mem::take(&mut self.resume_point_is_gone) {
            self.resume_point = None;
        }
        let begin = self.resume_point.clone().map_or(ConsoleFrame::Start, |it| ConsoleFrame::Resume {
            epoch: it.epoch,
            after: it.after,
            sum: it.sum,
        });
        let mut first = vec![begin];
        if self.looking.is_some() {
            first.push(ConsoleFrame::Looking { call: self.looking.clone() });
        }
        for frame in first {
            if let Err(end) = send_frame(&mut socket, &frame).await {
                return end;
            }
        }
        let end = self.listen(&mut socket, commands).await;
        // A clean close lets the relay notice the end immediately.
        drop(tokio::time::timeout(CLOSE_TIMEOUT, socket.close(None)).await);
        end
    }

    async fn listen(&mut self, socket: &mut RelaySocket, commands: &mut mpsc::Receiver<FeedCommand>) -> ConnectionEnd {
        let mut heard_at = crate::time::clock::instant();
        loop {
            // Measured from the last received message, because sent frames do not prove that the relay lives.
            let silent_at = heard_at + self.silence_limit;
            let heard = tokio::select! {
                heard = tokio::time::timeout_at(silent_at.into(), socket.next()) => heard,
                command = commands.recv() => {
                    let Some(command) = command else { return ConnectionEnd::Owner };
                    let Some(frame) = self.frame_of(command) else { continue };
                    if let Err(end) = send_frame(socket, &frame).await {
                        return end;
                    }
                    continue;
                }
            };
            let Ok(heard) = heard else {
                return ConnectionEnd::Lost(format!(
                    "nothing was heard of the relay for {} s",
                    self.silence_limit.as_secs()
                ));
            };
            if let Err(end) = self.handle_messages(socket, heard).await {
                return end;
            }
            // Set after the owner has taken the message, because the socket is not read while the owner is slow.
            heard_at = crate::time::clock::instant();
        }
    }

    fn frame_of(&mut self, command: FeedCommand) -> Option<ConsoleFrame> {
        match command {
            FeedCommand::Looking(call) => {
                self.looking.clone_from(&call);
                Some(ConsoleFrame::Looking { call })
            }
            FeedCommand::Read { after, count } => {
                self.incoming.requested.expect_entries(count);
                Some(ConsoleFrame::Read { after, count })
            }
            FeedCommand::FloorAt(cursor) => {
                self.incoming.requested.expect_floor();
                Some(ConsoleFrame::FloorAt { cursor })
            }
            FeedCommand::Retry => None,
        }
    }

    /// Handles a message; after an entry also those that have already arrived, up to a batch.
    async fn handle_messages(
        &mut self,
        socket: &mut RelaySocket,
        heard: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<(), ConnectionEnd> {
        let mut batch = EntryBatch::default();
        let mut next = heard;
        loop {
            let frame = match next {
                None => Err(ConnectionEnd::Lost("the relay closed the line".to_owned())),
                Some(Err(tungstenite::Error::Capacity(_))) => {
                    let limit = format!("{MAX_MESSAGE} bytes");
                    let error = LimitExceeded::new(format!("a message of more than {limit}"), limit);
                    Err(ConnectionEnd::no_relay(&error, &self.relay))
                }
                Some(Err(error)) => Err(error.into()),
                Some(Ok(message)) => {
                    batch.bytes += message.len();
                    self.read(message)
                }
            };
            let stop = match frame {
                Ok(Some(FeedFrame::Entry { entry, history })) => self.append(&mut batch, entry, history).err().map(Err),
                Ok(None) => None,
                other => Some(other),
            };
            let arrived = if stop.is_none() && batch.has_room() { socket.next().now_or_never() } else { None };
            if let Some(message) = arrived {
                next = message;
                continue;
            }
            self.emit_entries(batch).await?;
            return match stop {
                Some(Ok(Some(frame))) => self.handle_frame(socket, frame).await,
                Some(Err(end)) => Err(end),
                Some(Ok(None)) | None => Ok(()),
            };
        }
    }

    /// Adds an entry that was asked for, or the next one if it follows the last one.
    fn append(&mut self, batch: &mut EntryBatch, entry: Entry, history: bool) -> Result<(), ConnectionEnd> {
        if history {
            self.incoming.requested.receive_entry().map_err(|error| ConnectionEnd::no_relay(&error, &self.relay))?;
            batch.history.push(entry);
            return Ok(());
        }
        let last = batch.entries.last().map(|it| it.cursor).or_else(|| self.resume_point.as_ref().map(|it| it.after));
        if last != Some(entry.after) {
            let last = last.unwrap_or_default();
            return Err(ConnectionEnd::Lost(format!("entry {} does not follow {last}: there is a gap", entry.cursor)));
        }
        batch.entries.push(entry);
        Ok(())
    }

    async fn emit_entries(&mut self, batch: EntryBatch) -> Result<(), ConnectionEnd> {
        let EntryBatch { entries, history, bytes } = batch;
        if !history.is_empty() {
            self.events.send_sized(FeedEvent::History(history), bytes).await?;
        }
        let Some(last) = entries.last() else { return Ok(()) };
        let known = ResumePoint { epoch: self.epoch.clone(), after: last.cursor, sum: last.sum };
        self.events.send_sized(FeedEvent::Entries(entries), bytes).await?;
        self.resume_point = Some(known);
        Ok(())
    }

    async fn handle_frame(&mut self, socket: &mut RelaySocket, frame: FeedFrame) -> Result<(), ConnectionEnd> {
        match frame {
            FeedFrame::Hello(hello) => self.handle_hello(hello).await,
            FeedFrame::Reset { reason, .. } => {
                self.incoming.board = SnapshotPieces::default();
                self.resume_point = None;
                self.emit(FeedEvent::Reset(reason)).await
            }
            FeedFrame::Snapshot(piece) => self.handle_piece(&piece).await,
            FeedFrame::CaughtUp { .. } => {
                self.emit(FeedEvent::CaughtUp).await?;
                self.acknowledge(socket).await
            }
            FeedFrame::Heartbeat { now, refusing_since, sent, .. } => {
                if let Some(sent) = sent
                    && self.relay_clock.add_stamp(&sent, self.read_at)
                {
                    self.emit(FeedEvent::TimeLeapt).await?;
                }
                self.emit(FeedEvent::Heartbeat(now)).await?;
                self.note_refusing(refusing_since).await?;
                self.acknowledge(socket).await
            }
            FeedFrame::Presence { operators } => self.emit(FeedEvent::Presence(operators)).await,
            FeedFrame::Bye { code, retry_after_ms, .. } => {
                Err(self.closed(code).after(Duration::from_millis(retry_after_ms)))
            }
            FeedFrame::Unknown => {
                self.skipped += 1;
                tracing::debug!(skipped = self.skipped, "a frame of a newer protocol was skipped");
                Ok(())
            }
            FeedFrame::Entry { .. } => Ok(()),
        }
    }

    async fn handle_hello(&mut self, hello: HelloFrame) -> Result<(), ConnectionEnd> {
        if hello.protocol != PROTOCOL {
            return Err(ConnectionEnd::Refused(format!(
                "the relay speaks protocol {} of the feed and this console {PROTOCOL}; update the older one",
                hello.protocol
            )));
        }
        self.epoch.clone_from(&hello.epoch);
        // The relay or this machine may have been paused meanwhile, so the heartbeats from before no longer count.
        self.relay_clock.clear();
        self.refusing = None;
        self.silence_limit = silence_limit(hello.heartbeat_seconds);
        self.emit(FeedEvent::Hello(hello)).await
    }

    async fn handle_piece(&mut self, piece: &SnapshotPiece) -> Result<(), ConnectionEnd> {
        if piece.history {
            self.incoming.requested.check_floor().map_err(|error| ConnectionEnd::no_relay(&error, &self.relay))?;
        }
        let pieces = if piece.history { &mut self.incoming.past } else { &mut self.incoming.board };
        let Some(text) = pieces.take(piece).map_err(|error| match error {
            PieceError::OutOfOrder { .. } => ConnectionEnd::Lost(error.to_string()),
            PieceError::TooLarge(error) => ConnectionEnd::no_relay(&error, &self.relay),
        })?
        else {
            return Ok(());
        };
        // No second large floor is made while one waits for the owner.
        self.events.wait_for_room(text.len()).await?;
        let floor = Box::new(floor(&text)?);
        if piece.history {
            self.incoming.requested.receive_floor();
            return self.emit(FeedEvent::Past(floor)).await;
        }
        let known = ResumePoint { epoch: self.epoch.clone(), after: floor.head(), sum: floor.sum() };
        self.emit(FeedEvent::Snapshot(floor)).await?;
        self.resume_point = Some(known);
        Ok(())
    }

    async fn note_refusing(&mut self, since: Option<Timestamp>) -> Result<(), ConnectionEnd> {
        if self.refusing == since {
            return Ok(());
        }
        self.refusing = since;
        self.emit(FeedEvent::Refusing(since)).await
    }

    async fn acknowledge(&self, socket: &mut RelaySocket) -> Result<(), ConnectionEnd> {
        let Some(known) = &self.resume_point else { return Ok(()) };
        send_frame(socket, &ConsoleFrame::Ack { cursor: known.after }).await
    }

    fn read(&mut self, message: Message) -> Result<Option<FeedFrame>, ConnectionEnd> {
        self.read_at = crate::time::clock::instant();
        match message {
            Message::Text(text) => FeedFrame::decode(&text).map(Some).map_err(|error| match error {
                FrameError::Unreadable(_) => ConnectionEnd::Lost(error.to_string()),
                FrameError::TooLarge(error) => ConnectionEnd::no_relay(&error, &self.relay),
            }),
            Message::Close(frame) => Err(frame.map_or_else(
                || ConnectionEnd::Lost("the relay closed the line".to_owned()),
                |frame| self.closed(frame.code.into()),
            )),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
        }
    }

    /// Returns the end of the connection for a close code.
    fn closed(&mut self, code: u16) -> ConnectionEnd {
        match CloseCode::of(code) {
            Some(code) if code.is_final() => ConnectionEnd::Refused(code.sentence().to_owned()),
            Some(code) => {
                if code == CloseCode::Gone {
                    self.resume_point_is_gone = true;
                }
                ConnectionEnd::Lost(code.sentence().to_owned())
            }
            None => ConnectionEnd::Lost(format!("the relay closed the line (code {code})")),
        }
    }

    pub(super) async fn emit(&self, event: FeedEvent) -> Result<(), ConnectionEnd> {
        Ok(self.events.send(event).await?)
    }
}

/// Returns the maximum silence of a relay with this heartbeat: two intervals, and one second for a slow connection.
fn silence_limit(heartbeat_seconds: u32) -> Duration {
    Duration::from_secs(u64::from(heartbeat_seconds.clamp(1, 60)) * 2 + 1)
}

fn floor(text: &str) -> Result<Floor, ConnectionEnd> {
    serde_json::from_str(text).map_err(|error| {
        ConnectionEnd::Refused(format!("the relay's snapshot cannot be read: {error}; update this console"))
    })
}

async fn send_frame(socket: &mut RelaySocket, frame: &ConsoleFrame) -> Result<(), ConnectionEnd> {
    let sending = socket.send(Message::text(frame.encode()));
    match tokio::time::timeout(SEND_TIMEOUT, sending).await {
        Ok(sent) => Ok(sent?),
        Err(_elapsed) => Err(ConnectionEnd::Lost(format!("the relay took nothing for {} s", SEND_TIMEOUT.as_secs()))),
    }
}
