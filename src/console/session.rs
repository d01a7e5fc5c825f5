//! A desk on its line: the queue of what happens, the feed, the gate; with or without a screen.
//!
//! It stamps events with both clocks, hands them to the desk, and has the desk's effects performed.

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::export::ExportWriter;
use super::gate_client::GateClient;
use super::sim_control::{ControlAccess, SimControlClient};
use crate::clock::{Clock, wall};
use crate::desk::{Desk, DeskSetup, Effect, Event, GateAnswer, Stamped, update};
use crate::feed::CaTrust;
use crate::feed::plain;
use crate::feed::{FeedCommand, FeedConfig, client};
use crate::protocol::FeedEvent;
use crate::screen::ExportTable;
use crate::time::Timestamp;

/// A relay, and who we are to it.
#[derive(Debug, Clone)]
pub struct RelayAccess {
    /// Where it is: `http(s)://HOST[:PORT]`; the feed is at `/feed`, the gate at `/graph/v1.0`. Or a plain source,
    /// `ws(s)://…`: it has no gate, and its token may be empty.
    pub url: Url,
    /// The operator's token.
    pub token: SecretString,
    /// Who may vouch for the relay; whom the system believes if none.
    pub trust: Option<CaTrust>,
}

/// A relay's address that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RelayAddressError {
    /// It is no address of a relay.
    #[error("{0} is no address of a relay: give http://HOST:PORT or https://HOST:PORT")]
    Address(Url),
    /// Everyone on the way would read the operator's token.
    #[error("the token is not sent over plain HTTP to {0}, which is not this machine: give https://HOST:PORT")]
    Plain(Url),
}

/// A desk on its line.
pub(super) struct ConsoleSession {
    pub(super) desk: Desk,
    clock: Clock,
    events: mpsc::Receiver<Event>,
    feed: mpsc::Receiver<FeedEvent>,
    line_closed: bool,
    orders: mpsc::Sender<FeedCommand>,
    gate: GateClient,
    control: Option<SimControlClient>,
    exports: ExportWriter,
    #[expect(dead_code, reason = "it is kept to be dropped: then the tasks end")]
    ends_tasks: DropGuard,
}

/// What a turn of the loop brought.
#[derive(Debug, Default)]
pub(super) struct LoopTurn {
    pub(super) effects: Vec<Effect>,
    pub(super) changed: bool,
    pub(super) pressed: bool,
    pub(super) resized: bool,
}

/// Keys, answers and sizes; when it is full their sources wait.
const EVENTS: usize = 256;
/// Batches of entries; when it is full the socket is not read.
const FEED: usize = 16;
/// Orders to the line; when it is full an order is dropped: presence says it again with the next selection.
const ORDERS: usize = 8;
/// How many events are taken before a frame may be drawn.
const TURN: usize = 64;

impl ConsoleSession {
    /// Takes a seat: the line is up as soon as the relay answers. The sender takes keys.
    ///
    /// With a control the desk is that of a simulator.
    pub(super) fn take(
        relay: RelayAccess,
        control: Option<ControlAccess>,
        clock: Clock,
        setup: DeskSetup,
    ) -> Result<(Self, mpsc::Sender<Event>), RelayAddressError> {
        let feed_url = feed_url(&relay.url)?;
        if relay.url.scheme() == "ws" && !is_here(&relay.url) && !relay.token.expose_secret().is_empty() {
            return Err(RelayAddressError::Plain(relay.url));
        }
        let (events_in, events) = mpsc::channel(EVENTS);
        let (feed_in, feed) = mpsc::channel(FEED);
        let (orders, orders_out) = mpsc::channel(ORDERS);
        let stop = CancellationToken::new();
        let config = FeedConfig { url: feed_url, token: relay.token.clone(), trust: relay.trust.clone() };
        if matches!(relay.url.scheme(), "ws" | "wss") {
            let line = plain::run(config, clock.clone(), feed_in);
            tokio::spawn(stop.clone().run_until_cancelled_owned(line));
        } else {
            let line = client::run(config, None, feed_in, orders_out);
            tokio::spawn(stop.clone().run_until_cancelled_owned(line));
        }
        let gate = GateClient::new(relay, clock.clone(), events_in.clone(), stop.clone());
        let desk = Desk::new(DeskSetup { control: control.is_some(), ..setup });
        let control = control.map(|it| SimControlClient::new(it, events_in.clone(), stop.clone()));
        let exports = ExportWriter::new(events_in.clone(), stop.clone());
        let ends_tasks = stop.drop_guard();
        let seat = Self { desk, clock, events, feed, line_closed: false, orders, gate, control, exports, ends_tasks };
        Ok((seat, events_in))
    }

    /// Waits until something happens, and takes all that has happened.
    ///
    /// Cancel-safe: nothing that was received is lost.
    pub(super) async fn turn(&mut self) -> LoopTurn {
        let first = tokio::select! {
            biased;
            Some(event) = self.events.recv() => event,
            fed = self.feed.recv(), if !self.line_closed => {
                self.line_closed = fed.is_none();
                let Some(event) = fed.map(Event::Fed) else { return LoopTurn::default() };
                event
            }
            else => std::future::pending().await,
        };
        let mut turn = self.happens(first);
        for _ in 0..TURN {
            let next = match self.events.try_recv() {
                Ok(event) => Some(event),
                Err(_) => self.feed.try_recv().ok().map(Event::Fed),
            };
            match next {
                Some(event) => turn.add(self.happens(event)),
                None => break,
            }
        }
        turn
    }

    /// Hands one event to the desk, and has its effects performed.
    pub(super) fn happens(&mut self, event: Event) -> LoopTurn {
        self.happens_at(wall(), event)
    }

    /// The same, at a wall time of the caller's.
    pub(super) fn happens_at(&mut self, wall: Timestamp, event: Event) -> LoopTurn {
        let mut turn = LoopTurn {
            changed: !matches!(event, Event::Fed(FeedEvent::Heartbeat(_))),
            pressed: matches!(event, Event::Pressed(_) | Event::Pasted(_)),
            resized: matches!(event, Event::Resized(..)),
            effects: Vec::new(),
        };
        turn.effects = update(&mut self.desk, Stamped { at: self.clock.now(), wall, event });
        for effect in &turn.effects {
            match effect {
                Effect::Send(send) => self.gate.send(send),
                Effect::Reread { call, roster } => self.gate.reread(call, *roster),
                Effect::ReportSelection(call) => {
                    if self.orders.try_send(FeedCommand::Looking(call.clone())).is_err() {
                        tracing::debug!("the line is busy: what is looked at was not told");
                    }
                }
                Effect::AskSimulator(wish) => {
                    if let Some(control) = &self.control {
                        control.ask(wish);
                    }
                }
                Effect::Read { after, count } => {
                    // A line that takes no order answers none: the desk says so after a while.
                    if self.orders.try_send(FeedCommand::Read { after: *after, count: *count }).is_err() {
                        tracing::debug!("the line is busy: the journal was not asked");
                    }
                }
                Effect::Export(pane, form) => {
                    let text = ExportTable::of(&self.desk, *pane).text(*form);
                    self.exports.write((*pane, *form), wall, text);
                }
                Effect::Wake => self.gate.wake(),
                // The clipboard and the bell are the terminal's, the settings and the end the loop's.
                Effect::Copy(_) | Effect::Notify(..) | Effect::Reload | Effect::Quit => {}
            }
        }
        turn
    }
}

impl LoopTurn {
    fn add(&mut self, other: Self) {
        self.effects.extend(other.effects);
        self.changed |= other.changed;
        self.pressed |= other.pressed;
        self.resized |= other.resized;
    }
}

/// An answer that never came.
pub(super) fn lost(sent: bool, error: impl std::fmt::Display) -> GateAnswer {
    GateAnswer::Lost { sent, error: error.to_string() }
}

/// The feed of a relay.
fn feed_url(relay: &Url) -> Result<Url, RelayAddressError> {
    let scheme = match relay.scheme() {
        // A plain source, which has no gate.
        "ws" | "wss" => return Ok(relay.clone()),
        "http" if !is_here(relay) => return Err(RelayAddressError::Plain(relay.clone())),
        "http" => "ws",
        "https" => "wss",
        _ => return Err(RelayAddressError::Address(relay.clone())),
    };
    let mut url = relay.join("feed").ok().ok_or_else(|| RelayAddressError::Address(relay.clone()))?;
    url.set_scheme(scheme).map_err(|()| RelayAddressError::Address(relay.clone()))?;
    Ok(url)
}

/// Whether a relay is on this machine.
fn is_here(relay: &Url) -> bool {
    match relay.host() {
        Some(url::Host::Ipv4(it)) => it.is_loopback(),
        Some(url::Host::Ipv6(it)) => it.to_canonical().is_loopback(),
        Some(url::Host::Domain(it)) => it == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_crosses_a_network_only_inside_tls() {
        for (relay, feed) in [
            ("http://127.0.0.1:8443", "ws://127.0.0.1:8443/feed"),
            ("http://[::1]:8443", "ws://[::1]:8443/feed"),
            ("http://localhost", "ws://localhost/feed"),
            ("https://relay.example", "wss://relay.example/feed"),
        ] {
            assert_eq!(feed_url(&Url::parse(relay).unwrap()).unwrap().as_str(), feed);
        }
        for relay in
            ["http://relay.example", "http://10.0.0.1:8443", "http://127.0.0.1.example", "http://localhost.example"]
        {
            assert!(matches!(feed_url(&Url::parse(relay).unwrap()), Err(RelayAddressError::Plain(_))), "{relay}");
        }
        assert!(matches!(feed_url(&Url::parse("ftp://127.0.0.1").unwrap()), Err(RelayAddressError::Address(_))));
    }
}
