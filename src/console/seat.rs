//! A desk on its line: the queue of what happens, the feed, the gate; with or without a screen.
//!
//! It stamps events with both clocks, hands them to the desk, and has the desk's effects performed.

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::control::{Control, Line};
use super::gate::Gate;
use crate::clock::{Clock, wall};
use crate::desk::{Answer, Desk, Effect, Event, Feed, Greeting, Operator, Role, Setup, Stamped, update};
use crate::feed::client::{self, FeedConfig, FeedEvent, Order};
use crate::feed::{Hello, ResetReason};
use crate::moment::{Moment, Span};

/// A relay, and who we are to it.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Where it is: `http(s)://HOST[:PORT]`; the feed is at `/feed`, the gate at `/graph/v1.0`.
    pub url: Url,
    /// The operator's token.
    pub token: SecretString,
}

/// A relay's address that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no address of a relay: give http://HOST:PORT or https://HOST:PORT")]
pub struct Lost(pub Url);

/// A desk on its line.
pub(super) struct Seat {
    pub(super) desk: Desk,
    clock: Clock,
    events: mpsc::Receiver<Event>,
    feed: mpsc::Receiver<FeedEvent>,
    line_closed: bool,
    orders: mpsc::Sender<Order>,
    gate: Gate,
    control: Option<Line>,
    #[expect(dead_code, reason = "it is kept to be dropped: then the tasks end")]
    ends_tasks: DropGuard,
}

/// What a turn of the loop brought.
#[derive(Debug, Default)]
pub(super) struct Turn {
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

impl Seat {
    /// Takes a seat: the line is up as soon as the relay answers. The sender takes keys.
    ///
    /// With a control the desk is that of a simulator.
    pub(super) fn take(
        relay: Relay,
        control: Option<Control>,
        clock: Clock,
        setup: Setup,
    ) -> Result<(Self, mpsc::Sender<Event>), Lost> {
        let feed_url = feed_url(&relay.url)?;
        let (events_in, events) = mpsc::channel(EVENTS);
        let (feed_in, feed) = mpsc::channel(FEED);
        let (orders, orders_out) = mpsc::channel(ORDERS);
        let stop = CancellationToken::new();
        let line = client::run(FeedConfig { url: feed_url, token: relay.token.clone() }, None, feed_in, orders_out);
        tokio::spawn(stop.clone().run_until_cancelled_owned(line));
        let gate = Gate::new(relay, clock.clone(), events_in.clone(), stop.clone());
        let desk = Desk::new(Setup { control: control.is_some(), ..setup });
        let control = control.map(|it| Line::new(it, events_in.clone(), stop.clone()));
        let ends_tasks = stop.drop_guard();
        let seat = Self { desk, clock, events, feed, line_closed: false, orders, gate, control, ends_tasks };
        Ok((seat, events_in))
    }

    /// Waits until something happens, and takes all that has happened.
    ///
    /// Cancel-safe: nothing that was received is lost.
    pub(super) async fn turn(&mut self) -> Turn {
        let first = tokio::select! {
            biased;
            Some(event) = self.events.recv() => event,
            fed = self.feed.recv(), if !self.line_closed => {
                self.line_closed = fed.is_none();
                let Some(event) = fed.and_then(Self::adapt) else { return Turn::default() };
                event
            }
            else => std::future::pending().await,
        };
        let mut turn = self.happens(first);
        for _ in 0..TURN {
            let next = match self.events.try_recv() {
                Ok(event) => Some(event),
                Err(_) => self.feed.try_recv().ok().and_then(Self::adapt),
            };
            match next {
                Some(event) => turn.add(self.happens(event)),
                None => break,
            }
        }
        turn
    }

    /// Hands one event to the desk, and has its effects performed.
    pub(super) fn happens(&mut self, event: Event) -> Turn {
        self.happens_at(wall(), event)
    }

    /// The same, at a wall time of the caller's.
    pub(super) fn happens_at(&mut self, wall: Moment, event: Event) -> Turn {
        let mut turn = Turn {
            changed: !matches!(event, Event::Fed(Feed::Heartbeat(_))),
            pressed: matches!(event, Event::Pressed(_) | Event::Pasted(_)),
            resized: matches!(event, Event::Resized(..)),
            effects: Vec::new(),
        };
        turn.effects = update(&mut self.desk, Stamped { at: self.clock.now(), wall, event });
        for effect in &turn.effects {
            match effect {
                Effect::Send(send) => self.gate.send(send),
                Effect::Reread { call, roster } => self.gate.reread(call, *roster),
                Effect::Look(call) => {
                    if self.orders.try_send(Order::Looking(call.clone())).is_err() {
                        tracing::debug!("the line is busy: what is looked at was not told");
                    }
                }
                Effect::Control(wish) => {
                    if let Some(control) = &self.control {
                        control.ask(wish);
                    }
                }
                Effect::Wake => self.gate.wake(),
                Effect::Quit => {}
            }
        }
        turn
    }

    fn adapt(fed: FeedEvent) -> Option<Event> {
        Some(Event::Fed(match fed {
            FeedEvent::Connecting => Feed::Connecting,
            FeedEvent::Hello(Hello { label, operator, role, now, .. }) => {
                Feed::Hello(Greeting { label, operator, role: role_of(role), now })
            }
            FeedEvent::Reset(reason) => Feed::Reset(reset_word(reason).to_owned()),
            FeedEvent::Snapshot(floor) => Feed::Snapshot(floor),
            FeedEvent::Entries(entries) => Feed::Entries(entries),
            FeedEvent::History(_) => return None,
            FeedEvent::CaughtUp(_) => Feed::CaughtUp,
            FeedEvent::Heartbeat { now, .. } => Feed::Heartbeat(now),
            FeedEvent::Presence(people) => {
                let name = |it: crate::feed::Onlooker| Operator { name: it.operator, looking: it.looking };
                Feed::Presence(people.into_iter().map(name).collect())
            }
            FeedEvent::Down { reason, retry_in } => {
                let wait = Span(i64::try_from(retry_in.as_millis()).unwrap_or(i64::MAX));
                Feed::Down { reason, retry_at: wall() + wait }
            }
            FeedEvent::Refused(reason) => Feed::Refused(reason),
        }))
    }
}

impl Turn {
    fn add(&mut self, other: Self) {
        self.effects.extend(other.effects);
        self.changed |= other.changed;
        self.pressed |= other.pressed;
        self.resized |= other.resized;
    }
}

/// An answer that never came.
pub(super) fn lost(sent: bool, error: impl std::fmt::Display) -> Answer {
    Answer::Lost { sent, error: error.to_string() }
}

const fn role_of(role: crate::feed::Role) -> Role {
    match role {
        crate::feed::Role::Viewer => Role::Viewer,
        crate::feed::Role::Operator => Role::Operator,
    }
}

const fn reset_word(reason: ResetReason) -> &'static str {
    match reason {
        ResetReason::New => "a first look",
        ResetReason::Epoch => "its journal is another one now",
        ResetReason::TooOld => "what was missed is no longer kept",
        ResetReason::Lagged => "this console was too far behind",
    }
}

/// The feed of a relay.
fn feed_url(relay: &Url) -> Result<Url, Lost> {
    let scheme = match relay.scheme() {
        "http" => "ws",
        "https" => "wss",
        _ => return Err(Lost(relay.clone())),
    };
    let mut url = relay.join("feed").ok().ok_or_else(|| Lost(relay.clone()))?;
    url.set_scheme(scheme).map_err(|()| Lost(relay.clone()))?;
    Ok(url)
}
