//! A desk and its connections: the queue of events, the feed, the gate; with or without a screen.
//!
//! It stamps each event with both clocks, hands it to the desk, and performs the desk's effects.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::export::ExportWriter;
use super::gate_client::GateClient;
use super::perform::{EffectPerformer, TerminalEffect};
use super::relay_access::{RelayAccess, RelayAddressError, feed_url, graph_base_url, is_loopback};
use super::sim_control::{ControlAccess, SimControlClient};
use crate::desk::{Desk, DeskSetup, Event, InputTime, ScrollExtent, Stamped, update};
use crate::feed::{FeedConfig, RelayClock, client, plain};
use crate::protocol::FeedEvent;
use crate::time::clock::{Clock, instant, wall};
use crate::time::{Millis, Timestamp};

/// A desk with its connections. Dropping it ends its tasks.
pub(super) struct ConsoleSession {
    pub(super) desk: Desk,
    clock: Clock,
    /// Whether the session makes its clock follow the machine's.
    follows: bool,
    events: mpsc::Receiver<Event>,
    feed: mpsc::Receiver<FeedEvent>,
    feed_closed: bool,
    performer: EffectPerformer,
    #[expect(dead_code, reason = "it is kept to be dropped: then the tasks end")]
    ends_tasks: DropGuard,
}

/// The result of handling one batch of events.
#[derive(Debug, Default)]
pub(super) struct LoopTurn {
    /// Effects that are left for the terminal, in the desk's order.
    pub(super) effects: Vec<TerminalEffect>,
    /// Whether the board may look different.
    pub(super) changed: bool,
    /// Whether a key or a paste was among the events: the answer to a key is drawn at once.
    pub(super) pressed: bool,
}

/// Answers and wake-ups; when the queue is full their sources wait.
const EVENTS: usize = 256;
/// Batches of entries; when the queue is full the socket is not read.
const FEED: usize = 16;
/// Commands to the feed's line; when the queue is full a command is dropped.
const COMMANDS: usize = 8;
/// The maximum number of events that are handled before a frame may be drawn.
pub(super) const BATCH: usize = 64;
/// No further event is handled in a turn that has taken this long: a key may wait.
const LONG_TURN: Duration = Duration::from_millis(4);

impl ConsoleSession {
    /// Starts a session, which connects in the background.
    ///
    /// With a control API the desk offers the presenter's keys.
    pub(super) fn connect(
        relay: RelayAccess,
        control: Option<ControlAccess>,
        clock: Clock,
        setup: DeskSetup,
    ) -> Result<Self, RelayAddressError> {
        let feed_url = feed_url(&relay.url)?;
        if relay.url.scheme() == "ws" && !is_loopback(&relay.url) && !relay.token.expose_secret().is_empty() {
            return Err(RelayAddressError::Plain(relay.url));
        }
        let (events_in, events) = mpsc::channel(EVENTS);
        let (feed_in, feed) = mpsc::channel(FEED);
        let (commands, commands_out) = mpsc::channel(COMMANDS);
        let stop = CancellationToken::new();
        let relay_clock = RelayClock::default();
        let is_plain = matches!(relay.url.scheme(), "ws" | "wss");
        let config = FeedConfig { url: feed_url, token: relay.token.clone(), trust: relay.trust.clone() };
        if is_plain {
            let line = plain::run(config, clock.clone(), feed_in, commands_out);
            tokio::spawn(stop.clone().run_until_cancelled_owned(line));
        } else {
            let line = client::run_timed(config, None, (feed_in, commands_out), relay_clock.clone());
            tokio::spawn(stop.clone().run_until_cancelled_owned(line));
        }
        let desk = Desk::new(DeskSetup { control: control.is_some(), ..setup });
        let performer = EffectPerformer {
            feed: commands,
            graph_url: graph_base_url(&relay.url),
            gate: GateClient::new((relay, relay_clock), clock.clone(), events_in.clone(), stop.clone()),
            control: control.map(|it| SimControlClient::new(it, events_in.clone(), stop.clone())),
            exports: ExportWriter::new(events_in.clone(), stop.clone()),
            events: events_in,
            stop: stop.clone(),
        };
        let ends_tasks = stop.drop_guard();
        // For a plain source its task makes the clock follow the machine's, together with the times of its entries.
        let follows = !is_plain;
        Ok(Self { desk, clock, follows, events, feed, feed_closed: false, performer, ends_tasks })
    }

    /// Waits for an event, then handles it and the others that have arrived, up to a batch.
    ///
    /// Cancel-safe: no received event is lost.
    pub(super) async fn handle_next(&mut self) -> LoopTurn {
        let first = tokio::select! {
            biased;
            Some(event) = self.events.recv() => event,
            fed = self.feed.recv(), if !self.feed_closed => {
                self.feed_closed = fed.is_none();
                let Some(event) = fed.map(Event::Fed) else { return LoopTurn::default() };
                event
            }
            else => std::future::pending().await,
        };
        let began = instant();
        let mut turn = self.handle(first);
        for _ in 0..BATCH {
            if began.elapsed() >= LONG_TURN {
                break;
            }
            let next = match self.events.try_recv() {
                Ok(event) => Some(event),
                Err(_) => self.feed.try_recv().ok().map(Event::Fed),
            };
            match next {
                Some(event) => turn.add(self.handle(event)),
                None => break,
            }
        }
        turn
    }

    /// Hands one event to the desk and performs its effects.
    pub(super) fn handle(&mut self, event: Event) -> LoopTurn {
        self.handle_at(wall(), event)
    }

    /// Hands the desk an input that was read this real time ago.
    pub(super) fn handle_input(&mut self, waited: Millis, event: Event) -> LoopTurn {
        self.handle_stamped((wall(), waited), event)
    }

    /// Tells the desk that its open question was drawn, if it waits for that.
    pub(super) fn report_drawn(&mut self) {
        if self.desk.awaits_drawing() {
            self.handle(Event::Drawn);
        }
    }

    /// Lets what is due go ahead; only when every input that came until now was handled.
    pub(super) fn report_input_handled(&mut self) -> LoopTurn {
        if self.desk.awaits_input() { self.handle(Event::InputHandled) } else { LoopTurn::default() }
    }

    /// Tells the desk how much of the open overlay's text was drawn, if it does not know yet.
    pub(super) fn report_extent(&mut self, extent: ScrollExtent) {
        if self.desk.awaits_extent(extent) {
            self.handle(Event::OverlayDrawn(extent));
        }
    }

    /// Handles an event as if it had happened at this wall time.
    pub(super) fn handle_at(&mut self, wall: Timestamp, event: Event) -> LoopTurn {
        self.handle_stamped((wall, Millis(0)), event)
    }

    fn handle_stamped(&mut self, (wall, waited): (Timestamp, Millis), event: Event) -> LoopTurn {
        let mut turn = LoopTurn {
            changed: !matches!(event, Event::Fed(FeedEvent::Heartbeat(_))),
            pressed: matches!(event, Event::Pressed(_) | Event::Pasted(_)),
            effects: Vec::new(),
        };
        if self.follows {
            self.clock.catch_up();
        }
        let at = self.clock.now();
        let read = Some(InputTime { at: at - self.clock.floor_span(waited), wall: wall - waited });
        let effects = update(&mut self.desk, Stamped { at, wall, read, event });
        let (performer, desk) = (&self.performer, &self.desk);
        turn.effects = effects.into_iter().filter_map(|it| performer.perform(it, desk, wall)).collect();
        turn
    }
}

impl LoopTurn {
    /// Adds the result of a later event.
    pub(super) fn add(&mut self, other: Self) {
        self.effects.extend(other.effects);
        self.changed |= other.changed;
        self.pressed |= other.pressed;
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;

    #[tokio::test]
    async fn a_key_has_the_time_at_which_it_was_read() {
        let relay = RelayAccess { url: "http://127.0.0.1:1".parse().unwrap(), token: "t".into(), trust: None };
        let mut session = ConsoleSession::connect(relay, None, Clock::system(), DeskSetup::default()).unwrap();
        let interrupt = || Event::Pressed(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        let quits = |turn: LoopTurn| turn.effects.iter().any(|it| matches!(it, TerminalEffect::Quit));
        // They are handled together, and were pressed a minute apart.
        assert!(!quits(session.handle_input(Millis::minutes(1), interrupt())));
        assert!(!quits(session.handle_input(Millis(100), interrupt())));
        assert!(quits(session.handle_input(Millis(0), interrupt())));
    }
}
