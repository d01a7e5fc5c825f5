//! The console: a desk and its screen in a terminal, connected to a relay and its gate.
//!
//! The loop awaits only the queue of events and its timers, never the network: tasks perform the desk's effects and
//! answer with events. The desk decides what a key means, the screen how the board looks.

mod export;
mod gate_client;
mod headless;
mod http;
mod input;
mod options;
mod perform;
mod plain_output;
mod relay_access;
mod session;
mod sim_control;
mod start;
mod terminal;

pub use headless::HeadlessDesk;
pub use options::{ConsoleOptions, SettingsReload, SettingsSource};
pub use plain_output::{board_lines, event_line, print_changes};
pub use relay_access::{RelayAccess, RelayAddressError};
pub use sim_control::ControlAccess;
pub use start::{ConsoleError, ConsoleExit, ConsoleStart};

pub use crate::feed::{CaTrust, CaTrustError};

pub use crate::desk::DeskSetup;

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::clock::instant;
use crate::desk::{Event, SettingsUpdate};
use options::SettingsWatcher;
use perform::TerminalEffect;
use session::ConsoleSession;
use terminal::{TerminalError, TerminalScreen};

/// The least time between two frames of a stream.
const FRAME: Duration = Duration::from_millis(25);

/// Runs a console until its operator quits or the process receives a signal to end.
///
/// # Errors
/// When the terminal or the relay's address cannot be used. The terminal is restored in every case.
pub async fn run(start: ConsoleStart) -> Result<ConsoleExit, ConsoleError> {
    let ConsoleStart { relay, control, clock, options, mut first_frame } = start;
    let ConsoleOptions { setup, theme, mouse, notice, settings } = options;
    let (mut session, events) = ConsoleSession::connect(relay, control, clock, setup)?;
    let mut screen = TerminalScreen::open(&theme, mouse)?;
    session.handle(screen.size());
    session.handle(Event::SettingsChanged(SettingsUpdate { setup: None, said: notice, warning: true }));
    let mut mouse_events = input::listen(events);
    let mut watcher = SettingsWatcher::watch(settings);
    let mut end = input::end_signal();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due: Option<Instant> = Some(Instant::from_std(instant()));
    loop {
        let turn = tokio::select! {
            () = &mut end => return Ok(ConsoleExit::Signal),
            turn = session.handle_next() => turn,
            Some(moved) = mouse_events.recv() => match screen.mouse_event(&session.desk, moved) {
                Some(event) => session.handle(event),
                None => continue,
            },
            reload = watcher.changed() => {
                if let Some(theme) = &reload.theme {
                    screen.set_theme(theme);
                }
                session.handle(Event::SettingsChanged(reload.update))
            }
            _ = tick.tick() => session.handle(Event::Ticked),
            () = wait(due) => {
                draw(&mut screen, &mut session)?;
                if let Some(call) = first_frame.take() {
                    call();
                }
                due = None;
                continue;
            }
        };
        if finish(turn.effects, &mut screen, &mut session, &watcher)? {
            return Ok(ConsoleExit::Quit);
        }
        if turn.resized {
            screen.resize()?;
        }
        if turn.pressed {
            draw(&mut screen, &mut session)?;
            due = None;
        } else if turn.changed && due.is_none() {
            due = Some(Instant::from_std(instant()) + FRAME);
        }
    }
}

/// Draws a frame, and reports to the desk that its open question is on the screen.
fn draw(screen: &mut TerminalScreen, session: &mut ConsoleSession) -> Result<(), TerminalError> {
    if screen.draw(&session.desk)? {
        session.report_drawn();
    }
    Ok(())
}

/// Performs the effects that are left for the terminal; returns whether the console is to quit.
fn finish(
    effects: Vec<TerminalEffect>,
    screen: &mut TerminalScreen,
    session: &mut ConsoleSession,
    watcher: &SettingsWatcher,
) -> Result<bool, TerminalError> {
    let mut quits = false;
    for effect in effects {
        match effect {
            TerminalEffect::Copy(text) => {
                if let Some(reason) = screen.copy(&text)? {
                    session.handle(Event::NotCopied(reason));
                }
            }
            TerminalEffect::Notify(method, text) => screen.notify(method, &text)?,
            TerminalEffect::ReloadSettings => {
                if let Some(update) = watcher.reload_now() {
                    session.handle(Event::SettingsChanged(update));
                }
            }
            TerminalEffect::Quit => quits = true,
        }
    }
    Ok(quits)
}

/// Waits until the next frame is due; for ever when there is nothing to draw.
async fn wait(due: Option<Instant>) {
    match due {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
