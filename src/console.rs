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
mod presenter_notes;
mod relay_access;
mod session;
mod signals;
mod sim_control;
mod start;
mod terminal;
mod terminal_environment;

pub use headless::HeadlessDesk;
pub use options::{ConsoleOptions, SettingsReload, SettingsSource, ThemeChoice};
pub(crate) use plain_output::print_changes;
pub use plain_output::{board_lines, event_line};
pub use presenter_notes::NotesError;
pub(crate) use presenter_notes::print_notes;
pub use relay_access::{RelayAccess, RelayAddressError};
pub use sim_control::ControlAccess;
pub use start::{ConsoleError, ConsoleExit, ConsoleStart};
pub use terminal_environment::{NO_UTF8, has_utf8_locale, needs_plain_lines};

pub use crate::feed::{CaTrust, CaTrustError};

pub use crate::desk::DeskSetup;

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};

use crate::desk::{Event, Modal, SettingsUpdate};
use crate::screen::{TerminalBackground, TerminalTraits};
use crate::time::clock::instant;
use input::{InputChannels, OperatorInput, TerminalReply, TimedInput};
use options::SettingsWatcher;
use perform::TerminalEffect;
use session::{BATCH, ConsoleSession, LoopTurn};
use signals::{ProcessSignal, TerminalSignals, unless_ended};
use terminal::{TerminalError, TerminalScreen};

/// The minimum time between two frames of a stream.
const FRAME: Duration = Duration::from_millis(25);
/// The time that the terminal has to answer before the first frame is drawn without its answers.
const ANSWERS: Duration = Duration::from_millis(100);
/// The column of the cursor after two characters that are one column wide each.
const AFTER_GLYPHS: u16 = 3;
/// The time between two checks whether every input was handled, while something is due that waits for it.
const INPUT_CHECK: Duration = Duration::from_millis(5);

/// A console that runs in a terminal.
struct RunningConsole {
    session: ConsoleSession,
    screen: TerminalScreen,
    watcher: SettingsWatcher,
    theme: ThemeChoice,
    terminal: TerminalTraits,
    /// Whether the terminal's answers still count.
    asking: bool,
    /// Whether a frame with the open question, or with what goes ahead, was handed to the terminal and not reported to
    /// the desk yet.
    question_sent: bool,
    /// Whether the last turn handled an input.
    was_input: bool,
    /// The time of the next frame; `None` when nothing has changed.
    due: Option<Instant>,
    first_frame: Option<Box<dyn FnOnce() + Send>>,
}

/// Runs a console until its operator quits or the process receives a signal to end.
///
/// # Errors
/// When the terminal or the relay's address cannot be used. The terminal is restored in every case.
pub async fn run(start: ConsoleStart) -> Result<ConsoleExit, ConsoleError> {
    let ConsoleStart { relay, control, clock, options, first_frame } = start;
    let ConsoleOptions { setup, theme, terminal, mouse, notice, settings } = options;
    let run_time = clock.run_time();
    let session = ConsoleSession::connect(relay, control, clock, setup)?;
    // Before the terminal is taken over, so that it is restored even after an early signal.
    let mut signals = signals::terminal_signals();
    let mut screen = TerminalScreen::open(&theme.for_terminal(&terminal), mouse)?;
    let mut input = input::listen(run_time).map_err(TerminalError::from)?;
    screen.ask()?;
    let watcher = SettingsWatcher::watch(settings);
    let due = Some(now() + ANSWERS);
    let mut console = RunningConsole {
        session,
        screen,
        watcher,
        theme,
        terminal,
        asking: true,
        question_sent: false,
        was_input: false,
        due,
        first_frame,
    };
    console.sized();
    console.session.handle(Event::SettingsChanged(SettingsUpdate { setup: None, said: notice, warning: true }));
    console.run(&mut signals, &mut input).await
}

impl RunningConsole {
    async fn run(
        &mut self,
        signals: &mut TerminalSignals,
        input: &mut InputChannels,
    ) -> Result<ConsoleExit, ConsoleError> {
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = self.next_turn(&mut signals.others, input, &mut tick);
            let Some(turn) = unless_ended(&mut signals.end, next).await else { return Ok(ConsoleExit::Signal) };
            let Some(mut turn) = turn? else { return Ok(ConsoleExit::Signal) };
            if self.session.desk.awaits_input() && input.is_drained() {
                turn.add(self.session.report_input_handled());
            }
            if self.finish(turn)? {
                return Ok(ConsoleExit::Quit);
            }
        }
    }

    /// Waits for one of the sources of events, whichever is ready, and handles it; `None` if the terminal is gone.
    ///
    /// Cancel-safe: what was received is handled without another wait.
    async fn next_turn(
        &mut self,
        signals: &mut Receiver<ProcessSignal>,
        input: &mut InputChannels,
        tick: &mut Interval,
    ) -> Result<Option<LoopTurn>, ConsoleError> {
        let nothing = LoopTurn::default;
        // Under load everything is ready. An input then waits for one turn of the others at most, and they for one of it.
        if !std::mem::take(&mut self.was_input)
            && let Ok(first) = input.inputs.try_recv()
        {
            self.was_input = true;
            return Ok(Some(self.handle_inputs(first, input)));
        }
        Ok(Some(tokio::select! {
            Some(signal) = signals.recv() => {
                self.signalled(signal)?;
                nothing()
            }
            Some(first) = input.inputs.recv() => self.handle_inputs(first, input),
            turn = self.session.handle_next() => turn,
            Some(reply) = input.replies.recv() => {
                self.answered(reply);
                nothing()
            }
            // A terminal that cannot be read is gone, as after a hangup.
            _ = input.open.recv() => return Ok(None),
            reload = self.watcher.changed() => {
                if let Some(theme) = reload.theme {
                    self.screen.set_theme(&theme.for_terminal(&self.terminal));
                    self.theme = theme;
                }
                self.session.handle(Event::SettingsChanged(reload.update))
            }
            _ = tick.tick() => self.ticked()?,
            () = frame_due(self.due, &self.screen) => {
                self.draw()?;
                nothing()
            }
            // The terminal has accepted the frame.
            () = self.screen.idle(), if self.question_sent => {
                self.question_sent = false;
                self.session.report_drawn();
                nothing()
            }
            () = sleep(INPUT_CHECK), if self.session.desk.awaits_input() => nothing(),
        }))
    }

    /// Handles an input and the others that have come, up to a batch.
    fn handle_inputs(&mut self, first: TimedInput, input: &mut InputChannels) -> LoopTurn {
        let mut turn = self.handle_input(first, input);
        for _ in 0..BATCH {
            let Ok(next) = input.inputs.try_recv() else { break };
            turn.add(self.handle_input(next, input));
        }
        turn
    }

    fn handle_input(&mut self, timed: TimedInput, input: &InputChannels) -> LoopTurn {
        let waited = input.waited(&timed);
        let event = match timed.input {
            OperatorInput::Event(event) => Some(event),
            OperatorInput::Mouse(moved) => self.screen.mouse_event(moved),
        };
        event.map_or_else(LoopTurn::default, |it| self.session.handle_input(waited, it))
    }

    /// Performs the effects that are left for the terminal, and schedules a frame; returns whether the
    /// console must quit.
    fn finish(&mut self, turn: LoopTurn) -> Result<bool, TerminalError> {
        let mut quits = false;
        for effect in turn.effects {
            quits |= self.perform(effect)?;
        }
        if turn.pressed {
            self.draw()?;
        } else if turn.changed && self.due.is_none() {
            self.due = Some(now() + FRAME);
        }
        Ok(quits)
    }

    /// Performs an effect; returns whether the console must quit.
    fn perform(&mut self, effect: TerminalEffect) -> Result<bool, TerminalError> {
        match effect {
            TerminalEffect::Copy(text) => {
                if let Some(reason) = self.screen.copy(&text)? {
                    self.session.handle(Event::NotCopied(reason));
                }
            }
            TerminalEffect::Notify(method, text) => self.screen.notify(method, &text)?,
            TerminalEffect::ReloadSettings => {
                if let Some(update) = self.watcher.reload_now() {
                    self.session.handle(Event::SettingsChanged(update));
                }
            }
            TerminalEffect::Redraw => self.screen.redraw(),
            TerminalEffect::Suspend => {
                if let Err(reason) = signals::stop_job() {
                    self.session.handle(Event::TerminalWarned(reason));
                }
            }
            TerminalEffect::Quit => return Ok(true),
        }
        Ok(false)
    }

    /// Draws the desk, or schedules a frame for when the terminal has accepted the previous one.
    fn draw(&mut self) -> Result<(), TerminalError> {
        if self.asking {
            self.adapt();
        }
        let drawn = self.screen.draw(&self.session.desk)?;
        self.due = (!drawn).then(now);
        if let Some(extent) = self.screen.extent().filter(|_| drawn) {
            self.session.report_extent(extent);
        }
        // A frame that is still under way may show another question than the one that is open now. Quitting needs no room:
        // it must be possible in every terminal.
        let modal = self.session.desk.modal();
        let quits = modal.goes_ahead() && matches!(modal, Modal::Question(_));
        let is_shown = self.screen.has_room() || quits;
        self.question_sent = drawn && is_shown && self.session.desk.awaits_drawing();
        if drawn
            && self.screen.size().is_some()
            && let Some(call) = self.first_frame.take()
        {
            call();
        }
        Ok(())
    }

    /// Acts on a signal.
    fn signalled(&mut self, signal: ProcessSignal) -> Result<(), TerminalError> {
        match signal {
            ProcessSignal::Stop => {
                self.screen.suspend();
                signals::stop_process()?;
                return Ok(());
            }
            // The stop itself may have gone unnoticed, so the terminal is set up again in any case.
            ProcessSignal::Continue => self.screen.resume()?,
            ProcessSignal::Resize => self.screen.resize()?,
        }
        self.sized();
        Ok(())
    }

    /// Handles a tick; asks again for a missing terminal size, because not every terminal reports a new one.
    fn ticked(&mut self) -> Result<LoopTurn, TerminalError> {
        if self.screen.size().is_none() {
            self.screen.resize()?;
            self.sized();
        }
        Ok(self.session.handle(Event::Ticked))
    }

    /// Reports the terminal's size to the desk, and schedules a frame.
    fn sized(&mut self) {
        if let Some(size) = self.screen.size() {
            self.session.handle(size);
            self.due = self.due.or_else(|| Some(now()));
        }
    }

    /// Records an answer of the terminal; the last one makes the first frame due.
    fn answered(&mut self, reply: TerminalReply) {
        if !self.asking {
            return;
        }
        match reply {
            TerminalReply::CursorColumn(column) => self.terminal.ascii_only |= column != AFTER_GLYPHS,
            TerminalReply::Background(colour) => self.terminal.background = TerminalBackground::of_rgb(colour),
            TerminalReply::Attributes => self.due = Some(now()),
        }
    }

    /// Adapts the theme to the terminal's answers.
    fn adapt(&mut self) {
        self.asking = false;
        let theme = self.theme.for_terminal(&self.terminal);
        if self.screen.set_theme(&theme) {
            let said = "this terminal draws lines at another width, so they are ASCII; theme = \"default\" keeps them";
            self.session.handle(Event::TerminalWarned(said.to_owned()));
        }
    }
}

/// Waits until the next frame is due and the terminal can accept it; for ever if there is nothing to draw.
async fn frame_due(due: Option<Instant>, screen: &TerminalScreen) {
    match due {
        Some(at) => {
            sleep_until(at).await;
            screen.idle().await;
        }
        None => std::future::pending().await,
    }
}

fn now() -> Instant {
    Instant::from_std(instant())
}
