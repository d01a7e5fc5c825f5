//! The console: a desk and its screen in a terminal, with its line to a relay and its gate.
//!
//! The loop awaits only the queue of events and its timers, never the network: what the desk wants is done by tasks
//! that answer with events. What a key means is the desk's, how it looks the screen's.

mod export;
mod gate_client;
mod headless;
mod input;
mod options;
mod plain_output;
mod session;
mod sim_control;
mod terminal;

pub use headless::HeadlessDesk;
pub use options::{ConsoleOptions, SettingsReload, SettingsSource};
pub use plain_output::{happening, scene, tell};
pub use session::{RelayAccess, RelayAddressError};
pub use sim_control::ControlAccess;

pub use crate::feed::{CaTrust, CaTrustError};

pub use crate::desk::DeskSetup;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use url::Url;

use crate::clock::{Clock, instant};
use crate::desk::curl;
use crate::desk::{ClipboardItem, Desk, Effect, Event, SettingsUpdate};
use crate::screen::ExportTable;
use options::SettingsWatcher;
use session::ConsoleSession;
use terminal::{TerminalError, TerminalScreen};

/// What a console is started with.
pub struct ConsoleStart {
    /// The relay, and who we are to it.
    pub relay: RelayAccess,
    /// The control of the simulator behind it, where there is one.
    pub control: Option<ControlAccess>,
    /// Floor time; in a demo it is the simulator's own clock.
    pub clock: Clock,
    /// What the operator's settings make of it.
    pub fittings: ConsoleOptions,
    /// Told once, when the first frame is on the screen.
    pub first_frame: Option<Box<dyn FnOnce() + Send>>,
}

/// Why a console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleExit {
    /// The operator quit.
    Quit,
    /// The process was told to end.
    Told,
}

/// A console that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The terminal cannot be used.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// The relay's address cannot be used.
    #[error(transparent)]
    Relay(#[from] RelayAddressError),
    /// Lines cannot be written.
    #[error("standard output is closed")]
    Output(#[from] std::io::Error),
    /// The relay does not let us in.
    #[error("the relay does not let this console in: {0}")]
    Refused(String),
}

/// A frame of a stream is drawn at most this often.
const FRAME: Duration = Duration::from_millis(25);

/// Runs a console until its operator quits or the process is told to end.
///
/// # Errors
/// When the terminal or the relay's address cannot be used. The terminal is as it was found in every case.
pub async fn run(settings: ConsoleStart) -> Result<ConsoleExit, ConsoleError> {
    let ConsoleStart { relay, control, clock, fittings, mut first_frame } = settings;
    let ConsoleOptions { setup, theme, mouse, notice, retuning } = fittings;
    let graph = graph_of(&relay.url);
    let (mut seat, events) = ConsoleSession::take(relay, control, clock, setup)?;
    let mut screen = TerminalScreen::open(&theme, mouse)?;
    seat.happens(screen.size());
    seat.happens(Event::SettingsChanged(SettingsUpdate { setup: None, said: notice, warning: true }));
    let mut mouse = input::listen(events);
    let mut ear = SettingsWatcher::of(retuning);
    let mut ends = pin_end();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due: Option<Instant> = Some(Instant::from_std(instant()));
    loop {
        let turn = tokio::select! {
            () = &mut ends => return Ok(ConsoleExit::Told),
            turn = seat.turn() => turn,
            Some(moved) = mouse.recv() => match screen.meant(&seat.desk, moved) {
                Some(event) => seat.happens(event),
                None => continue,
            },
            heard = ear.hear() => {
                if let Some(theme) = &heard.theme {
                    screen.wear(theme);
                }
                seat.happens(Event::SettingsChanged(heard.news))
            }
            _ = tick.tick() => seat.happens(Event::Ticked),
            () = wait(due) => {
                screen.draw(&seat.desk)?;
                if let Some(tell) = first_frame.take() {
                    tell();
                }
                due = None;
                continue;
            }
        };
        if let Some(why) = tell_terminal(&mut screen, &seat.desk, &turn.effects, &graph)? {
            seat.happens(Event::NotCopied(why));
        }
        if turn.effects.contains(&Effect::Quit) {
            return Ok(ConsoleExit::Quit);
        }
        if turn.effects.contains(&Effect::Reload)
            && let Some(news) = ear.ask()
        {
            seat.happens(Event::SettingsChanged(news));
        }
        if turn.resized {
            screen.resize()?;
        }
        if turn.pressed {
            screen.draw(&seat.desk)?;
            due = None;
        } else if turn.changed && due.is_none() {
            due = Some(Instant::from_std(instant()) + FRAME);
        }
    }
}

/// Puts on the clipboard what the desk wants there, and tells by the terminal what it wants told. Says why where
/// something could not be copied.
fn tell_terminal(
    screen: &mut TerminalScreen,
    desk: &Desk,
    effects: &[Effect],
    graph: &str,
) -> Result<Option<String>, TerminalError> {
    let mut not_copied = None;
    for effect in effects {
        match effect {
            Effect::Copy(clip) => not_copied = screen.copy(&copied(desk, clip, graph))?,
            Effect::Notify(notice, text) => screen.notify(*notice, text)?,
            Effect::Send(_)
            | Effect::Reread { .. }
            | Effect::AskSimulator(_)
            | Effect::ReportSelection(_)
            | Effect::Reload
            | Effect::Read { .. }
            | Effect::Export(..)
            | Effect::Wake
            | Effect::Quit => {}
        }
    }
    Ok(not_copied)
}

/// What goes to the clipboard.
fn copied(desk: &Desk, clip: &ClipboardItem, graph: &str) -> String {
    match clip {
        ClipboardItem::Row(pane) => ExportTable::of(desk, *pane).selected_row().unwrap_or_default(),
        ClipboardItem::Request(request) => curl(graph, request),
    }
}

/// Where requests go: the relay's gate; a plain source has none, and then it is Graph itself.
fn graph_of(relay: &Url) -> String {
    let gate = matches!(relay.scheme(), "http" | "https").then(|| relay.join("graph/v1.0").ok()).flatten();
    gate.map_or_else(|| "https://graph.microsoft.com/v1.0".to_owned(), String::from)
}

/// Waits for the next frame; for ever when nothing is to be drawn.
async fn wait(due: Option<Instant>) {
    match due {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Completes when the process is told to end.
fn pin_end() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    let (told, mut hears) = mpsc::channel::<()>(1);
    input::on_signals(&told);
    Box::pin(async move {
        // A closed channel means that no signal can be heard here; then nothing ends the console but its operator.
        if hears.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    })
}
