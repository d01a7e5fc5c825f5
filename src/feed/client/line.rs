//! Consecutive connections to a relay, and the state that outlives each: the resume point and the selected call.
//! Handles the frames; `client` decides when to retry.

use std::time::{Duration, Instant};

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::{self, Message};

use super::dial::{DIAL_TIMEOUT, DialError, RelaySocket, dial};
use crate::feed::{FeedCommand, FeedConfig, RelayClock, ResumePoint};
use crate::floor::{Entry, Floor};
use crate::graph::CallId;
use crate::protocol::{
    CloseCode, ConsoleFrame, FeedEvent, FeedFrame, HEARTBEAT_SECONDS, HelloFrame, PROTOCOL, SUBPROTOCOL, SnapshotPieces,
};
use crate::time::Timestamp;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum ConnectionEnd {
    /// The owner dropped its end of a channel.
    Owner,
    /// The connection was lost, and why; it can be retried.
    Lost(String),
    /// The connection was lost, and why; the relay asked for this wait before a retry.
    Asked(String, Duration),
    /// The relay refuses this console; a retry does not help.
    Refused(String),
}

impl ConnectionEnd {
    /// Adds the wait that the relay asks for, at most a minute.
    fn after(self, wait: Duration) -> Self {
        if wait.is_zero() {
            return self;
        }
        if let Self::Lost(why) = self { Self::Asked(why, wait.min(MAX_WAIT)) } else { self }
    }
}

/// The maximum number of entries in one event.
const MAX_BATCH: usize = 512;
/// A frame that cannot be sent for this long ends the connection.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// The time for sending the close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(200);
/// The longest wait that a relay may ask for.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// The state that outlives each connection.
pub(super) struct FeedConnection {
    resume_point: Option<ResumePoint>,
    /// The relay no longer has the entries after the resume point, so the next connection starts from a snapshot.
    resume_point_is_gone: bool,
    looking: Option<CallId>,
    events: mpsc::Sender<FeedEvent>,
    epoch: String,
    silence_limit: Duration,
    pieces: SnapshotPieces,
    /// The pieces of a past floor, for `floorAt`.
    past: SnapshotPieces,
    /// Since when the relay has refused webhooks, as its last heartbeat reported.
    refusing: Option<Timestamp>,
    /// The estimate of the relay's own time; its heartbeats correct it.
    relay_clock: RelayClock,
    /// When the last message was read from the socket.
    read_at: Instant,
    /// The number of frames that this version does not know.
    skipped: u64,
}

impl FeedConnection {
    pub(super) fn new(known: Option<ResumePoint>, events: mpsc::Sender<FeedEvent>, relay_clock: RelayClock) -> Self {
        Self {
            resume_point: known,
            resume_point_is_gone: false,
            looking: None,
            events,
            epoch: String::new(),
            silence_limit: silence_limit(HEARTBEAT_SECONDS),
            pieces: SnapshotPieces::default(),
            past: SnapshotPieces::default(),
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
        let mut socket = match connect(config).await {
            Ok(socket) => socket,
            Err(end) => return end,
        };
        (self.pieces, self.past) = (SnapshotPieces::default(), SnapshotPieces::default());
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
            FeedCommand::Read { after, count } => Some(ConsoleFrame::Read { after, count }),
            FeedCommand::FloorAt(cursor) => Some(ConsoleFrame::FloorAt { cursor }),
            FeedCommand::Retry => None,
        }
    }

    /// Handles a message; after an entry also those that have already arrived, up to a batch.
    async fn handle_messages(
        &mut self,
        socket: &mut RelaySocket,
        heard: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<(), ConnectionEnd> {
        let mut entries = Vec::new();
        let mut history = Vec::new();
        let mut next = heard;
        loop {
            let frame = match next {
                None => Err(ConnectionEnd::Lost("the relay closed the line".to_owned())),
                Some(Err(error)) => Err(lost(&error)),
                Some(Ok(message)) => self.read(message),
            };
            let stop = match frame {
                Ok(Some(FeedFrame::Entry { entry, history: true })) => {
                    history.push(entry);
                    None
                }
                Ok(Some(FeedFrame::Entry { entry, .. })) => self.append(&mut entries, entry).err().map(Err),
                Ok(None) => None,
                other => Some(other),
            };
            let arrived = if stop.is_none() && entries.len() + history.len() < MAX_BATCH {
                socket.next().now_or_never()
            } else {
                None
            };
            if let Some(message) = arrived {
                next = message;
                continue;
            }
            self.emit_entries(entries, history).await?;
            return match stop {
                Some(Ok(Some(frame))) => self.handle_frame(socket, frame).await,
                Some(Err(end)) => Err(end),
                Some(Ok(None)) | None => Ok(()),
            };
        }
    }

    /// Adds the next entry, if it follows the last one.
    fn append(&self, entries: &mut Vec<Entry>, entry: Entry) -> Result<(), ConnectionEnd> {
        let last = entries.last().map(|it| it.cursor).or_else(|| self.resume_point.as_ref().map(|it| it.after));
        if last != Some(entry.after) {
            let last = last.unwrap_or_default();
            return Err(ConnectionEnd::Lost(format!("entry {} does not follow {last}: there is a gap", entry.cursor)));
        }
        entries.push(entry);
        Ok(())
    }

    async fn emit_entries(&mut self, entries: Vec<Entry>, history: Vec<Entry>) -> Result<(), ConnectionEnd> {
        if !history.is_empty() {
            self.emit(FeedEvent::History(history)).await?;
        }
        let Some(last) = entries.last() else { return Ok(()) };
        let known = ResumePoint { epoch: self.epoch.clone(), after: last.cursor, sum: last.sum };
        self.emit(FeedEvent::Entries(entries)).await?;
        self.resume_point = Some(known);
        Ok(())
    }

    async fn handle_frame(&mut self, socket: &mut RelaySocket, frame: FeedFrame) -> Result<(), ConnectionEnd> {
        match frame {
            FeedFrame::Hello(hello) => self.handle_hello(hello).await,
            FeedFrame::Reset { reason, .. } => {
                self.pieces = SnapshotPieces::default();
                self.resume_point = None;
                self.emit(FeedEvent::Reset(reason)).await
            }
            FeedFrame::Snapshot(piece) if piece.history => {
                let whole = self.past.take(&piece).map_err(|error| ConnectionEnd::Lost(error.to_string()))?;
                match whole {
                    Some(text) => self.emit(FeedEvent::Past(Box::new(floor(&text)?))).await,
                    None => Ok(()),
                }
            }
            FeedFrame::Snapshot(piece) => {
                let whole = self.pieces.take(&piece).map_err(|error| ConnectionEnd::Lost(error.to_string()))?;
                match whole {
                    Some(text) => self.replace_floor(&text).await,
                    None => Ok(()),
                }
            }
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

    async fn replace_floor(&mut self, text: &str) -> Result<(), ConnectionEnd> {
        let floor = floor(text)?;
        let known = ResumePoint { epoch: self.epoch.clone(), after: floor.head(), sum: floor.sum() };
        self.emit(FeedEvent::Snapshot(Box::new(floor))).await?;
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
            Message::Text(text) => {
                FeedFrame::decode(&text).map(Some).map_err(|error| ConnectionEnd::Lost(error.to_string()))
            }
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

    async fn emit(&self, event: FeedEvent) -> Result<(), ConnectionEnd> {
        self.events.send(event).await.map_err(|_dropped| ConnectionEnd::Owner)
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

async fn connect(config: &FeedConfig) -> Result<RelaySocket, ConnectionEnd> {
    dial(config, Some(SUBPROTOCOL)).await.map_err(|error| match error {
        DialError::Unusable(error) => {
            ConnectionEnd::Refused(format!("the relay's address or token cannot be used: {error}"))
        }
        DialError::Silent => {
            ConnectionEnd::Lost(format!("the relay did not answer within {} s", DIAL_TIMEOUT.as_secs()))
        }
        DialError::Answered(status) => refused(status),
        DialError::Broken(error) => lost(&error),
    })
}

fn refused(status: StatusCode) -> ConnectionEnd {
    match status {
        StatusCode::UNAUTHORIZED => ConnectionEnd::Refused(CloseCode::Unauthenticated.sentence().to_owned()),
        StatusCode::FORBIDDEN => ConnectionEnd::Refused(CloseCode::Forbidden.sentence().to_owned()),
        StatusCode::TOO_MANY_REQUESTS => ConnectionEnd::Lost(CloseCode::TooMany.sentence().to_owned()),
        other => ConnectionEnd::Lost(format!("the relay answered {other} where its feed should be; check its address")),
    }
}

async fn send_frame(socket: &mut RelaySocket, frame: &ConsoleFrame) -> Result<(), ConnectionEnd> {
    let sending = socket.send(Message::text(frame.encode()));
    match tokio::time::timeout(SEND_TIMEOUT, sending).await {
        Ok(sent) => sent.map_err(|error| lost(&error)),
        Err(_elapsed) => Err(ConnectionEnd::Lost(format!("the relay took nothing for {} s", SEND_TIMEOUT.as_secs()))),
    }
}

fn lost(error: &tungstenite::Error) -> ConnectionEnd {
    ConnectionEnd::Lost(format!("the line to the relay failed: {error}"))
}
