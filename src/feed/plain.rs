//! A plain source: a WebSocket whose text frames are bare webhook bodies. Each is stamped on arrival.
//!
//! It has no journal, so it cannot resume. Bodies that were sent while the connection was down are missing, which is
//! noted as a gap.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use super::client;
use super::queue::{FeedQueue, OwnerGone};
use super::{FeedCommand, FeedConfig};
use crate::floor::{Cursor, Entry, Fact, Floor, Noted, ReceivedItem, Rejected, Sum};
use crate::graph::{self, ItemRejection};
use crate::protocol::{FeedEvent, HelloFrame, PROTOCOL, Role};
use crate::time::Backoff;
use crate::time::clock::Clock;

/// The interval of pings. A source that answers no ping for two intervals is disconnected.
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// The interval at which the machine's clocks are compared.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The maximum number of entries in one event.
const MAX_BATCH: usize = 512;
/// The maximum number of bytes of an unreadable body's text in its entry.
const MAX_REJECTED: usize = 64 * 1_024;

/// The state of the connection to a source.
struct PlainSource {
    clock: Clock,
    events: FeedQueue,
    /// The last cursor. The console numbers the entries itself.
    last: Cursor,
}

/// Reads a plain source until the owner drops its end of the channel.
///
/// The owner bounds the channel: while it is full, the socket is not read.
pub async fn run(
    config: FeedConfig,
    clock: Clock,
    events: mpsc::Sender<FeedEvent>,
    mut orders: mpsc::Receiver<FeedCommand>,
) {
    let mut source = PlainSource { clock, events: FeedQueue::new(events), last: Cursor(0) };
    let mut backoff = Backoff::default();
    loop {
        let began = crate::time::clock::instant();
        let Ok(reason) = source.run_connection(&config).await else { return };
        backoff.note_connected_for(began.elapsed());
        let retry_in = backoff.next_wait(rand::random());
        if source.emit(FeedEvent::Down { reason, retry_at: client::wall_after(retry_in) }).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(retry_in) => {}
            still_listens = retry_ordered(&mut orders) => if !still_listens { return },
        }
    }
}

/// Waits until the owner asks for a retry; returns `false` when the owner has dropped its end. A plain source has
/// no other command.
async fn retry_ordered(orders: &mut mpsc::Receiver<FeedCommand>) -> bool {
    loop {
        match orders.recv().await {
            Some(FeedCommand::Retry) => return true,
            Some(FeedCommand::Looking(_) | FeedCommand::Read { .. } | FeedCommand::FloorAt(_)) => {}
            None => return false,
        }
    }
}

impl PlainSource {
    /// Connects, and reads until the connection ends; returns why it ended.
    async fn run_connection(&mut self, config: &FeedConfig) -> Result<String, OwnerGone> {
        self.emit(FeedEvent::Connecting).await?;
        let mut socket = match client::dial(config, None).await {
            Ok(socket) => socket,
            Err(reason) => return Ok(format!("the source cannot be reached: {reason}")),
        };
        self.announce(config.url.host_str().unwrap_or_default()).await?;
        let mut ping = tokio::time::interval(PING_INTERVAL);
        let mut clock_check = tokio::time::interval(CLOCK_CHECK_INTERVAL);
        let mut was_heard = true;
        loop {
            let message = tokio::select! {
                message = socket.next() => message,
                _ = clock_check.tick() => {
                    self.follow_clock().await?;
                    continue;
                }
                _ = ping.tick() => {
                    if !std::mem::take(&mut was_heard) {
                        return Ok("the source answers no more".to_owned());
                    }
                    if let Err(error) = socket.send(Message::Ping(bytes::Bytes::new())).await {
                        return Ok(format!("the line to the source failed: {error}"));
                    }
                    continue;
                }
            };
            was_heard = true;
            match message {
                Some(Ok(Message::Text(text))) => self.emit_body(&text).await?,
                Some(Ok(Message::Close(_))) | None => return Ok("the source closed the line".to_owned()),
                // The connection is alive.
                Some(Ok(Message::Pong(_))) => self.emit(FeedEvent::Heartbeat(self.clock.now())).await?,
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Ok(format!("the line to the source failed: {error}")),
            }
        }
    }

    /// Announces a connection: an empty board the first time, and a gap each time.
    async fn announce(&mut self, host: &str) -> Result<(), OwnerGone> {
        let now = self.clock.now();
        self.emit(FeedEvent::Hello(HelloFrame {
            protocol: PROTOCOL,
            label: format!("PLAIN SOURCE {host}, no resume"),
            operator: String::new(),
            role: Role::Viewer,
            epoch: String::new(),
            oldest: Cursor(0),
            head: self.last,
            heartbeat_seconds: 0,
            now,
            act_expires_seconds: None,
        }))
        .await?;
        if self.last == Cursor(0) {
            self.emit(FeedEvent::Snapshot(Box::<Floor>::default())).await?;
        }
        // Also at the first connection, because earlier bodies are unknown.
        let reason = "a plain source does not send earlier notifications".into();
        self.emit_entries(vec![Fact::Noted(Noted::Gap { reason, from: None })], 0).await?;
        self.emit(FeedEvent::CaughtUp).await
    }

    /// Emits the entries of a webhook body, in batches.
    async fn emit_body(&mut self, text: &str) -> Result<(), OwnerGone> {
        let items = match graph::envelope(text) {
            Ok(items) => items,
            // A policy recorder's body is a single item without envelope.
            Err(reject) => {
                let fact = match serde_json::from_str::<Box<RawValue>>(text) {
                    Ok(item) if graph::read(item.get()).is_ok() => fact(&item, 0),
                    Ok(_) | Err(_) => rejected(&reject, text, None),
                };
                return self.emit_entries(vec![fact], text.len()).await;
            }
        };
        for (first, batch) in (0_u32..).step_by(MAX_BATCH).zip(items.chunks(MAX_BATCH)) {
            let bytes = batch.iter().map(|it| it.get().len()).sum();
            let facts = (first..).zip(batch).map(|(index, item)| fact(item, index)).collect();
            self.emit_entries(facts, bytes).await?;
        }
        Ok(())
    }

    /// Moves floor time with the machine's clocks, and emits an entry for each move. Without a relay, this console
    /// alone gives entries their times.
    async fn follow_clock(&mut self) -> Result<(), OwnerGone> {
        for moved in self.clock.parted() {
            self.clock.follow(moved);
            self.push_entries(vec![Fact::Noted(Noted::ClockMoved(moved))], 0).await?;
        }
        Ok(())
    }

    /// Emits entries that were made from this many bytes.
    async fn emit_entries(&mut self, facts: Vec<Fact>, bytes: usize) -> Result<(), OwnerGone> {
        self.follow_clock().await?;
        self.push_entries(facts, bytes).await
    }

    async fn push_entries(&mut self, facts: Vec<Fact>, bytes: usize) -> Result<(), OwnerGone> {
        let at = self.clock.now();
        let mut entries = Vec::with_capacity(facts.len());
        for fact in facts {
            let (after, cursor) = (self.last, Cursor(self.last.0 + 1));
            self.last = cursor;
            entries.push(Entry { cursor, after, sum: Sum(0), at, fact });
        }
        self.events.send_sized(FeedEvent::Entries(entries), bytes).await
    }

    async fn emit(&self, event: FeedEvent) -> Result<(), OwnerGone> {
        self.events.send(event).await
    }
}

fn fact(item: &RawValue, index: u32) -> Fact {
    let received = ReceivedItem::new(item.to_owned(), None, index);
    match received.notification() {
        Ok(_) => Fact::Notification(received),
        Err(reject) => rejected(reject, item.get(), Some(index)),
    }
}

fn rejected(reject: &ItemRejection, text: &str, index: Option<u32>) -> Fact {
    let (beginning, _) = text.split_at(text.floor_char_boundary(MAX_REJECTED));
    let (reason, detail) = (reject.reason, reject.detail.as_str().into());
    Fact::Rejected(Box::new(Rejected { reason, detail, text: beginning.into(), message: None, index }))
}
