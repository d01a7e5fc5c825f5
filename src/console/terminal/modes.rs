//! Takes the terminal's modes and restores them: raw mode, alternate screen, marked pastes, mouse and cursor.
//!
//! The state is the process's, because a panic anywhere must restore the terminal.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::queue;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use parking_lot::{Mutex, MutexGuard};
use rustix::termios::{Action, QueueSelector, tcflow, tcflush};

/// Whether the terminal is ours; it is restored once.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is captured too.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Whether to give up the output under way.
static GIVEN_UP: AtomicBool = AtomicBool::new(false);
/// Held while something is written, so that nothing is written into the middle of a frame.
static WRITING: Mutex<()> = Mutex::new(());

/// The time that a terminal has to accept the frame under way before it is given up; and then to accept the rest.
const FRAME_PATIENCE: Duration = Duration::from_millis(150);
/// The time between two attempts to make room in a terminal that accepts no output.
const FLUSH_EVERY: Duration = Duration::from_millis(15);
/// The number of these attempts.
const FLUSHES: u32 = 10;
/// Ends an unfinished sequence.
const CANCEL: u8 = 0x18;

/// Takes over the terminal; returns the bytes to write to it.
///
/// If it was taken over before, all modes are set again, because another program may have changed them.
pub(super) fn take(mouse: bool) -> io::Result<Vec<u8>> {
    restore_on_panic();
    // Only this forgets the mode from before raw mode; without it the terminal would count as raw already.
    disable_raw_mode()?;
    enable_raw_mode()?;
    GIVEN_UP.store(false, Ordering::SeqCst);
    TAKEN.store(true, Ordering::SeqCst);
    let mut bytes = Vec::new();
    // A terminal may draw a character wider than we expect; without line wrap it cannot spill into the next row.
    queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, DisableLineWrap, Hide)?;
    if mouse {
        MOUSE.store(true, Ordering::SeqCst);
        queue!(bytes, EnableMouseCapture)?;
    }
    Ok(bytes)
}

/// Whether the terminal is ours.
pub(super) fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// The permission to write to the terminal; `None` when it is not ours.
pub(super) fn begin_writing() -> Option<MutexGuard<'static, ()>> {
    let guard = WRITING.lock();
    is_taken().then_some(guard)
}

/// Whether to cut off the frame that is being written.
pub(super) fn is_given_up() -> bool {
    GIVEN_UP.load(Ordering::SeqCst)
}

/// Restores the terminal, within half a second even if it accepts no output. Errors are ignored: the terminal
/// may be gone.
pub(super) fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    if let Some(writing) = stop_writing() {
        let (written, done) = sync_channel::<()>(1);
        let leave = leave_sequences();
        // In a thread, because ctrl-s may have stopped the terminal, so that it accepts no output.
        let writer = std::thread::Builder::new().spawn(move || {
            let mut out = io::stdout();
            drop(out.write_all(&leave).and_then(|()| out.flush()));
            let _ = written.send(());
        });
        if writer.is_ok() {
            let _ = done.recv_timeout(FRAME_PATIENCE);
        }
        drop(writing);
    }
    drop(disable_raw_mode());
}

/// Waits for the frame under way. A frame that the terminal does not accept is given up, and the part in the system's
/// buffer is dropped. This makes room for the sequences that restore the terminal once its output is read again.
fn stop_writing() -> Option<MutexGuard<'static, ()>> {
    if let Some(writing) = WRITING.try_lock_for(FRAME_PATIENCE) {
        return Some(writing);
    }
    GIVEN_UP.store(true, Ordering::SeqCst);
    let mut flushed = (0..FLUSHES).map(|_| {
        make_room();
        WRITING.try_lock_for(FLUSH_EVERY)
    });
    let writing = flushed.find_map(|it| it);
    make_room();
    writing
}

/// Drops the output that the system holds and the terminal has not read.
///
/// On Linux that does not wake a writer to a pseudo-terminal, but resuming stopped output does; this also
/// undoes a ctrl-s.
fn make_room() {
    let flushed = tcflush(io::stdout(), QueueSelector::OFlush)
        .and_then(|()| tcflow(io::stdout(), Action::OOff))
        .and_then(|()| tcflow(io::stdout(), Action::OOn));
    if let Err(error) = flushed {
        tracing::debug!(%error, "the terminal's output could not be dropped");
    }
}

/// The sequences that undo those of [`take`].
fn leave_sequences() -> Vec<u8> {
    let mut bytes = Vec::new();
    if is_given_up() {
        bytes.push(CANCEL);
    }
    // Writing to a vector cannot fail.
    if MOUSE.swap(false, Ordering::SeqCst) {
        drop(queue!(bytes, DisableMouseCapture));
    }
    drop(queue!(bytes, EndSynchronizedUpdate, EnableLineWrap, DisableBracketedPaste, LeaveAlternateScreen, Show));
    bytes
}

/// Restores the terminal before a panic prints its message.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            previous_hook(panic);
        }));
    });
}
