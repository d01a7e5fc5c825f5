//! Reads the terminal: keys, pastes, mouse reports, and its answers to the console's questions.
//!
//! A thread reads, because a terminal cannot be read without blocking unless its mode changes for every program that
//! shares it. The tokenizer puts the bytes together; bytes without a meaning get no further.

mod meaning;
mod tokenizer;

pub(super) use meaning::TerminalReply;

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use crossterm::event::{MouseEvent, MouseEventKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;

use self::meaning::{TerminalInput, read_token};
use self::tokenizer::InputTokenizer;
use crate::desk::Event;

/// Clicks and wheel steps; when the queue is full the next are dropped.
const MOUSE: usize = 16;
/// Answers of the terminal; when the queue is full the next are dropped.
const REPLIES: usize = 8;

/// What the thread reads and the desk cannot interpret by itself.
pub(super) struct InputChannels {
    /// The meaning of a mouse event depends on what is on the screen.
    pub(super) mouse: mpsc::Receiver<MouseEvent>,
    /// The terminal's answers.
    pub(super) replies: mpsc::Receiver<TerminalReply>,
    /// Closes when the terminal can no longer be read.
    pub(super) open: mpsc::Receiver<()>,
}

struct InputSinks {
    events: mpsc::Sender<Event>,
    mouse: mpsc::Sender<MouseEvent>,
    replies: mpsc::Sender<TerminalReply>,
    #[expect(dead_code, reason = "it is kept to be dropped: then the channel closes")]
    open: mpsc::Sender<()>,
}

/// Starts to read the terminal, until the receiver of the events is gone.
///
/// Reads standard input if it is a terminal, and the process's own terminal otherwise.
pub(super) fn listen(events: mpsc::Sender<Event>) -> io::Result<InputChannels> {
    let (mouse, mouse_events) = mpsc::channel(MOUSE);
    let (replies, answers) = mpsc::channel(REPLIES);
    let (open, ended) = mpsc::channel(1);
    let sinks = InputSinks { events, mouse, replies, open };
    let terminal = if io::stdin().is_terminal() { None } else { Some(File::open("/dev/tty")?) };
    std::thread::Builder::new().name("terminal-input".to_owned()).spawn(move || {
        let ended = match &terminal {
            Some(file) => read_terminal(file.as_fd(), &sinks),
            None => read_terminal(io::stdin().as_fd(), &sinks),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "the terminal can be read no longer");
        }
    })?;
    Ok(InputChannels { mouse: mouse_events, replies: answers, open: ended })
}

/// Reads until the terminal or the receiver of the events is gone.
fn read_terminal(terminal: BorrowedFd<'_>, sinks: &InputSinks) -> io::Result<()> {
    let mut tokenizer = InputTokenizer::default();
    let (mut tokens, mut inputs) = (Vec::new(), Vec::new());
    let mut bytes = [0; 4_096];
    loop {
        // A slow machine must not look like silence, so waiting bytes are read before a piece is ended.
        if is_silent(terminal, tokenizer.patience())? {
            tokenizer.expire(&mut tokens);
        } else {
            match rustix::io::read(terminal, &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(read) => tokenizer.feed(bytes.get(..read).unwrap_or_default(), &mut tokens),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for token in tokens.drain(..) {
            read_token(token, &mut inputs);
        }
        for input in inputs.drain(..) {
            if !sinks.send(input) {
                return Ok(());
            }
        }
    }
}

/// Waits for bytes; returns whether none came within the time. Without a time it waits for ever.
fn is_silent(terminal: BorrowedFd<'_>, patience: Option<Duration>) -> io::Result<bool> {
    let patience = patience.and_then(|it| Timespec::try_from(it).ok());
    loop {
        match poll(&mut [PollFd::new(&terminal, PollFlags::IN)], patience.as_ref()) {
            Ok(ready) => return Ok(ready == 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

impl InputSinks {
    /// Sends an input to its receiver; returns whether the console still listens.
    fn send(&self, input: TerminalInput) -> bool {
        let event = match input {
            TerminalInput::Key(key) => Event::Pressed(key),
            TerminalInput::Paste(text) => Event::Pasted(text),
            TerminalInput::Dropped(bytes) => Event::TerminalWarned(dropped(bytes)),
            TerminalInput::Mouse(moved) => {
                if is_used(moved.kind) && self.mouse.try_send(moved).is_err() {
                    tracing::debug!("a mouse event was dropped: the queue is full");
                }
                return true;
            }
            TerminalInput::Reply(reply) => {
                if self.replies.try_send(reply).is_err() {
                    tracing::debug!(?reply, "an answer of the terminal came too late");
                }
                return true;
            }
        };
        self.events.blocking_send(event).is_ok()
    }
}

/// The message about bytes that were dropped.
fn dropped(bytes: usize) -> String {
    let noun = if bytes == 1 { "byte" } else { "bytes" };
    format!("ignored {bytes} {noun} from the terminal that are not a key")
}

fn is_used(kind: MouseEventKind) -> bool {
    matches!(kind, MouseEventKind::Down(_) | MouseEventKind::ScrollUp | MouseEventKind::ScrollDown)
}
