//! Reads the terminal: keys, pastes, mouse reports, and its answers to the console's questions.
//!
//! A thread reads, because a terminal cannot be read without blocking unless its mode changes for every program that
//! shares it. The tokenizer puts the bytes together; bytes without a meaning get no further.

mod arrival;
mod meaning;
mod tokenizer;

pub(super) use meaning::TerminalReply;

use std::fs::File;
use std::io::{self, IsTerminal as _, Stdin};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{MouseEvent, MouseEventKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;

use self::arrival::ArrivalClock;
use self::meaning::{TerminalInput, read_token};
use self::tokenizer::InputTokenizer;
use crate::desk::Event;
use crate::time::Millis;
use crate::time::clock::RunTime;

/// Keys, pastes, warnings, clicks and wheel steps, in their order. When the queue is full the terminal is not read.
const INPUTS: usize = 256;
/// When the queue has no more room than this, clicks and wheel steps are dropped, so that keys need not wait.
const ROOM_FOR_KEYS: usize = INPUTS / 2;
/// Answers of the terminal; when the queue is full the next are dropped.
const REPLIES: usize = 8;

/// What the thread reads.
pub(super) struct InputChannels {
    pub(super) inputs: mpsc::Receiver<TimedInput>,
    /// The terminal's answers.
    pub(super) replies: mpsc::Receiver<TerminalReply>,
    /// It never receives anything; it closes when the terminal can no longer be read.
    pub(super) open: mpsc::Receiver<()>,
    terminal: Arc<InputTerminal>,
    clock: RunTime,
}

/// An input with the earliest time at which it can have come.
#[derive(Debug)]
pub(super) struct TimedInput {
    /// By the clock of the [`InputChannels`].
    came_at: Millis,
    pub(super) input: OperatorInput,
}

/// What an operator does at the terminal.
#[derive(Debug)]
pub(super) enum OperatorInput {
    /// An event for the desk.
    Event(Event),
    /// The meaning of a mouse event depends on what is on the screen.
    Mouse(MouseEvent),
}

/// The terminal that is read.
struct InputTerminal {
    source: InputSource,
    /// Whether bytes were read whose inputs are not in the queue yet.
    is_reading: AtomicBool,
}

enum InputSource {
    StandardInput(Stdin),
    OwnTerminal(File),
}

struct InputSinks {
    inputs: mpsc::Sender<TimedInput>,
    replies: mpsc::Sender<TerminalReply>,
    #[expect(dead_code, reason = "it is kept to be dropped: then the channel closes")]
    open: mpsc::Sender<()>,
}

/// Starts to read the terminal, until the receiver of the inputs is gone.
///
/// Reads standard input if it is a terminal, and the process's own terminal otherwise.
pub(super) fn listen(clock: RunTime) -> io::Result<InputChannels> {
    let source = if io::stdin().is_terminal() {
        InputSource::StandardInput(io::stdin())
    } else {
        InputSource::OwnTerminal(File::open("/dev/tty")?)
    };
    start(source, clock)
}

fn start(source: InputSource, clock: RunTime) -> io::Result<InputChannels> {
    let (inputs, input_receiver) = mpsc::channel(INPUTS);
    let (replies, reply_receiver) = mpsc::channel(REPLIES);
    let (open, open_receiver) = mpsc::channel(1);
    let sinks = InputSinks { inputs, replies, open };
    let terminal = Arc::new(InputTerminal { source, is_reading: AtomicBool::new(false) });
    std::thread::Builder::new().name("terminal-input".to_owned()).spawn({
        let (terminal, clock) = (Arc::clone(&terminal), clock.clone());
        move || {
            if let Err(error) = read_terminal(&terminal, &clock, &sinks) {
                tracing::debug!(%error, "the terminal can be read no longer");
            }
        }
    })?;
    Ok(InputChannels { inputs: input_receiver, replies: reply_receiver, open: open_receiver, terminal, clock })
}

impl InputChannels {
    /// Returns how long ago an input was read, in real time.
    pub(super) fn waited(&self, input: &TimedInput) -> Millis {
        Millis((self.clock.millis() - input.came_at.0).max(0))
    }

    /// Returns whether every input that came until now was received: no bytes wait in the terminal, no sequence is
    /// incomplete, and the queue is empty.
    pub(super) fn is_drained(&self) -> bool {
        // Checked in the order in which bytes move (terminal, thread, queue); else one could move on between two checks.
        let unread = wait_is_silent(self.terminal.fd(), Duration::ZERO).is_ok_and(|it| !it);
        !unread && !self.terminal.is_reading.load(Ordering::SeqCst) && self.inputs.is_empty()
    }
}

impl InputTerminal {
    fn fd(&self) -> BorrowedFd<'_> {
        match &self.source {
            InputSource::StandardInput(input) => input.as_fd(),
            InputSource::OwnTerminal(file) => file.as_fd(),
        }
    }
}

/// Reads until the terminal or the receiver of the inputs is gone.
fn read_terminal(terminal: &InputTerminal, clock: &RunTime, sinks: &InputSinks) -> io::Result<()> {
    let mut tokenizer = InputTokenizer::default();
    let mut arrival = ArrivalClock::default();
    let mut came_at = Millis(0);
    let (mut tokens, mut inputs) = (Vec::new(), Vec::new());
    let mut bytes = [0; 4_096];
    let now = || Millis(clock.millis());
    loop {
        let began_at = now();
        let wait = arrival.wait(tokenizer.patience(), began_at);
        let silent = wait_is_silent(terminal.fd(), wait)?;
        let looked = arrival.look(now());
        if !silent {
            terminal.is_reading.store(true, Ordering::SeqCst);
            match rustix::io::read(terminal.fd(), &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => tokenizer.feed(bytes.get(..count).unwrap_or_default(), &mut tokens),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
            arrival.find(now());
            came_at = looked;
        } else if tokenizer.patience().is_some_and(|it| arrival.silence(began_at) + wait > it) {
            // The silence counts to the end of the wait, and not to now: a process that wakes late has seen no silence.
            tokenizer.expire(&mut tokens);
        }
        for token in tokens.drain(..) {
            read_token(token, &mut inputs);
        }
        for input in inputs.drain(..) {
            if !sinks.send(came_at, input) {
                return Ok(());
            }
        }
        terminal.is_reading.store(tokenizer.patience().is_some(), Ordering::SeqCst);
    }
}

/// Waits for bytes; returns whether none came within the time.
fn wait_is_silent(terminal: BorrowedFd<'_>, timeout: Duration) -> io::Result<bool> {
    let timeout = Timespec::try_from(timeout).ok();
    loop {
        match poll(&mut [PollFd::new(&terminal, PollFlags::IN)], timeout.as_ref()) {
            Ok(ready) => return Ok(ready == 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

impl InputSinks {
    /// Sends an input to its receiver; returns whether the console still listens.
    fn send(&self, came_at: Millis, input: TerminalInput) -> bool {
        let event = match input {
            TerminalInput::Key(key) => Event::Pressed(key),
            TerminalInput::Paste(text) => Event::Pasted(text),
            TerminalInput::Dropped(bytes) => {
                Event::TerminalWarned(format!("ignored {} from the terminal that are not a key", in_bytes(bytes)))
            }
            TerminalInput::StalledPaste => {
                Event::TerminalWarned("a paste has stopped without its end; Esc or ctrl-c drops it".to_owned())
            }
            TerminalInput::CutPaste(bytes) => {
                Event::TerminalWarned(format!("a paste without an end was dropped, {}", in_bytes(bytes)))
            }
            TerminalInput::Mouse(mouse) => {
                self.send_mouse(came_at, mouse);
                return true;
            }
            TerminalInput::Reply(reply) => {
                if self.replies.try_send(reply).is_err() {
                    tracing::debug!(?reply, "an answer of the terminal came too late");
                }
                return true;
            }
        };
        self.inputs.blocking_send(TimedInput { came_at, input: OperatorInput::Event(event) }).is_ok()
    }

    fn send_mouse(&self, came_at: Millis, mouse: MouseEvent) {
        if !is_used(mouse.kind) {
            return;
        }
        let input = TimedInput { came_at, input: OperatorInput::Mouse(mouse) };
        if self.inputs.capacity() <= ROOM_FOR_KEYS || self.inputs.try_send(input).is_err() {
            tracing::debug!("a mouse event was dropped: the queue is full");
        }
    }
}

/// A number of bytes in words.
fn in_bytes(bytes: usize) -> String {
    format!("{bytes} {}", if bytes == 1 { "byte" } else { "bytes" })
}

fn is_used(kind: MouseEventKind) -> bool {
    matches!(kind, MouseEventKind::Down(_) | MouseEventKind::ScrollUp | MouseEventKind::ScrollDown)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::OwnedFd;

    use crossterm::event::KeyCode;

    use super::*;
    use crate::time::Timestamp;
    use crate::time::clock::{Clock, FakeMachine};

    /// A pipe in the place of a terminal.
    fn piped(clock: RunTime) -> (io::PipeWriter, InputChannels) {
        let (terminal, keyboard) = io::pipe().unwrap();
        let source = InputSource::OwnTerminal(File::from(OwnedFd::from(terminal)));
        (keyboard, start(source, clock).unwrap())
    }

    fn key(timed: &TimedInput) -> KeyCode {
        let OperatorInput::Event(Event::Pressed(key)) = &timed.input else { panic!("no key: {timed:?}") };
        key.code
    }

    #[test]
    fn an_input_is_stamped_when_it_is_read() {
        let machine = FakeMachine::at(Timestamp(0));
        let (mut keyboard, mut input) = piped(machine.clock().run_time());
        let mut types = |key: &[u8], queued: usize| {
            keyboard.write_all(key).unwrap();
            while input.inputs.len() < queued {
                std::thread::yield_now();
            }
        };
        types(b"m", 1);
        // The loop stalls, and the keys wait in the queue. The reader looks at the terminal with the first of them.
        machine.pass(Millis(400), Millis(0), Millis(0));
        types(b"x", 2);
        types(b"y", 3);
        let first = input.inputs.blocking_recv().unwrap();
        assert_eq!(key(&input.inputs.blocking_recv().unwrap()), KeyCode::Char('x'));
        let last = input.inputs.blocking_recv().unwrap();
        assert_eq!((key(&first), key(&last)), (KeyCode::Char('m'), KeyCode::Char('y')));
        assert_eq!((input.waited(&first), input.waited(&last)), (Millis(400), Millis(0)));
    }

    #[test]
    fn nothing_is_drained_before_every_byte_has_become_an_input_and_was_received() {
        let (mut keyboard, mut input) = piped(Clock::system().run_time());
        assert!(input.is_drained());
        // An Esc becomes a key only after a silence.
        for (bytes, wanted) in [(b"m", KeyCode::Char('m')), (b"\x1b", KeyCode::Esc), (b"y", KeyCode::Char('y'))] {
            keyboard.write_all(bytes).unwrap();
            loop {
                let is_queued = !input.inputs.is_empty();
                assert!(!input.is_drained(), "{wanted:?}");
                if is_queued {
                    break;
                }
            }
            assert_eq!(key(&input.inputs.blocking_recv().unwrap()), wanted);
            while !input.is_drained() {
                std::thread::yield_now();
            }
        }
    }
}
